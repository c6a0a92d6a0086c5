//! rootwardctl again, as a program of this package: Cargo builds it with the tests that drive it, so they never meet an old one.

fn main() -> std::process::ExitCode {
    rootward_cli::main()
}
