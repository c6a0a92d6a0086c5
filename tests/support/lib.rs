//! What the promises in `tests/it` stand on: the project's sources, rigs, servers and fixtures. It asserts nothing itself.

pub mod committed;
pub mod sources;
