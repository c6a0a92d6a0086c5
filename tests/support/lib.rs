//! What the promises in `tests/it` stand on: the project's sources, rigs of real components, a server that misbehaves.
//! It asserts nothing about Rootward itself.

pub mod committed;
pub mod ctl;
pub mod desk;
pub mod evidence;
pub mod fixtures;
pub mod golden;
pub mod judged;
pub mod module_bench;
pub mod officers;
pub mod rigs;
pub mod server;
pub mod sources;
pub mod tls;
pub mod tokens;
pub mod traces;
