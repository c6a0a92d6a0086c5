//! Ceremonies: people changing trust together, as one hash-chained state machine.
