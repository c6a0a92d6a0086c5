//! Rootward's promises: one binary, a module per promise. `tidy::forgotten` fails when a file here is not declared.

mod dev;
mod findings;
mod mutations;
mod rigs;
mod sources;
mod tidy;
mod types;
