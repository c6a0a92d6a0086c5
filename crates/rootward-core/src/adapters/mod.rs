//! The outside world behind the ports. Adapters know ports, never use cases or each other.
