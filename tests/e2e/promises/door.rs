//! The prompt window: what it shows, what it may do, and that a secret passes it once.
