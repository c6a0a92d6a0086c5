//! The judge: python-tuf's updater, the specification's reference client, in a virtual environment made once a machine.

use super::{must, venv};
use crate::server::{Answer, Server};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rigs/python-tuf");

/// python-tuf, ready to run.
pub struct PythonTuf {
    python: PathBuf,
}

/// What python-tuf's updater said.
#[derive(Debug, Deserialize)]
pub struct Verdict {
    pub accepted: bool,
    /// The versions it came to trust before it stopped, by role.
    pub versions: BTreeMap<String, u64>,
    /// The targets that a search comes to, with their lengths.
    pub found: BTreeMap<String, u64>,
    /// The exception's type and message.
    pub refusal: Option<String>,
}

impl PythonTuf {
    /// Finds the environment, or makes it: a minute the first time, nothing after.
    pub fn ready() -> Self {
        let programs = venv::ready("python-tuf", &Path::new(SCRIPTS).join("requirements.txt"));
        let programs = programs.unwrap_or_else(|why| panic!("python-tuf: {why}"));
        Self {
            python: programs.join("python"),
        }
    }

    /// The environment's Python, for other judges that need its cryptography.
    pub fn python(&self) -> &Path {
        &self.python
    }

    /// Serves `folder` over HTTP and runs the updater on it from the root in `trusted`, at `moment` (RFC 3339).
    pub fn judge(&self, folder: &Path, trusted: &Path, moment: &str) -> Verdict {
        let folder = folder.to_owned();
        self.judge_behind(move |path| Answer::file_below(&folder, path), trusted, moment)
    }

    /// The same for a server that answers as it pleases.
    pub fn judge_behind(
        &self,
        behaviour: impl Fn(&str) -> Answer + Send + Sync + 'static,
        trusted: &Path,
        moment: &str,
    ) -> Verdict {
        let server = Server::start(behaviour);
        let said = must(self.script("judge.py").arg(trusted).arg(server.url()).arg(moment));
        serde_json::from_slice(&said.stdout).expect("the judge prints one JSON object")
    }

    /// Makes a small sound repository in `folder`: root 2 of 3, one delegation to `build-07`.
    pub fn publish(&self, folder: &Path, expires: &str) {
        must(self.script("publish.py").arg(folder).arg(expires));
    }

    /// The same, and writes `officer_1.pem` to `officer_5.pem` into `keys`, encrypted; the first three are the root's.
    pub fn publish_with_keys(&self, folder: &Path, expires: &str, keys: &Path, passphrase: &str) {
        must(
            self.script("publish.py")
                .arg(folder)
                .arg(expires)
                .arg(keys)
                .arg(passphrase),
        );
    }

    /// Writes a chain of six roots with every habit that strict clients trip on (see the script's head).
    pub fn publish_quirks(&self, folder: &Path) {
        must(self.script("quirks.py").arg(folder));
    }

    /// Signs the bytes in `message` with an officer's key file: a detached signature as securesystemslib writes it.
    pub fn sign(&self, key: &Path, passphrase: &str, message: &Path) -> Vec<u8> {
        must(self.script("sign.py").arg(key).arg(passphrase).arg(message)).stdout
    }

    /// One of the rig's scripts, ready to run.
    pub fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command
            .arg(Path::new(SCRIPTS).join(name))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}
