//! The binary `rootwardctl`.

fn main() -> std::process::ExitCode {
    rootward_cli::main()
}
