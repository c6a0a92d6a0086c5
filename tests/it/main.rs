//! Rootward's promises: one binary, a module per promise. `tidy::forgotten` fails when a file here is not declared.

mod rigs;
mod tidy;
mod types;
