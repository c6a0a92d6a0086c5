//! The window of Rootward. Before anything else it shuts the doors through which a secret could leave the process.

use std::process::ExitCode;

use clap::Parser;
use rootward_shell::{Arguments, process};

fn main() -> ExitCode {
    // This program is also what keeps vendors' modules, each in a process of its own.
    if let Some(code) = rootward_shell::keep_module(std::env::args_os()) {
        return code;
    }
    process::forget_remote_control();
    if let Err(error) = process::leave_no_core_dump() {
        eprintln!("rootward: core dumps cannot be turned off: {error}");
        return ExitCode::from(2);
    }
    rootward_shell::run(Arguments::parse())
}
