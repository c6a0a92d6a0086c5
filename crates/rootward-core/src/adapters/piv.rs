//! What PIV tokens have in common, real ones and those to practise with: how a person is asked for their secrets, and what
//! goes wrong with them.

pub(super) mod asking;
pub(super) mod trouble;

/// What every token is delivered with.
pub(super) const DELIVERED_PIN: &[u8] = b"123456";
