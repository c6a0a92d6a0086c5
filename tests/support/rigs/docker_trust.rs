//! What `docker trust key generate` leaves behind, laid out by OpenSSL: nobody's Docker is at hand.

use super::must;
use std::path::Path;
use std::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rigs/docker-trust/generate.sh");

/// Makes a key called `name`: its public half in `working`, the private one below `trust`. Gives its id.
pub fn generate(name: &str, working: &Path, trust: &Path, passphrase: &str) -> String {
    let made = must(
        Command::new("sh")
            .arg(SCRIPT)
            .arg(name)
            .arg(working)
            .arg(trust)
            .arg(passphrase),
    );
    String::from_utf8_lossy(&made.stdout).trim().to_owned()
}
