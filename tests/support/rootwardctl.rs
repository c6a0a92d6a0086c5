//! rootwardctl again, as a program of this package: Cargo builds it with the tests that drive it, so they never meet an old one.
//! rootwardctl keeps no log; this one keeps the desk's in the folder `LOG_BELOW`, if that is set, so that it can be searched.

use rootward_core::adapters::{SystemClock, logging};
use std::path::Path;
use std::sync::Arc;

fn main() -> std::process::ExitCode {
    let _log = std::env::var_os("LOG_BELOW")
        .map(|folder| logging::start(Path::new(&folder), Arc::new(SystemClock)).expect("a log can be kept there"));
    rootward_cli::main()
}
