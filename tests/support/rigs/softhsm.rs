//! SoftHSM with throw-away tokens, and a module with moods in front of it: the same tokens, but it crashes, hangs and lies
//! on command.

use super::{clean, must};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// What the security officer of every token here types.
pub const SO_PIN: &str = "87654321";
/// What opens every token here, unless another PIN is given.
pub const PIN: &str = "24681012";

/// Tokens in a folder of their own, until this is dropped.
pub struct SoftHsm {
    folder: tempfile::TempDir,
}

impl SoftHsm {
    /// No token yet.
    pub fn start() -> Self {
        assert!(
            Path::new(MODULE).is_file(),
            "{MODULE} is absent (Debian package: softhsm2)"
        );
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        fs::create_dir(folder.path().join("tokens")).expect("a temporary folder can be written to");
        let settings = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            folder.path().join("tokens").display()
        );
        fs::write(folder.path().join("softhsm2.conf"), settings).expect("a temporary folder can be written to");
        Self { folder }
    }

    /// With one token.
    pub fn with_token(label: &str) -> Self {
        let hsm = Self::start();
        hsm.initialise(label, PIN);
        hsm
    }

    /// SoftHSM's module.
    pub fn module(&self) -> PathBuf {
        MODULE.into()
    }

    /// The folder that the tokens are in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What leads SoftHSM to these tokens.
    pub fn env(&self) -> Vec<(OsString, OsString)> {
        vec![("SOFTHSM2_CONF".into(), self.folder.path().join("softhsm2.conf").into())]
    }

    /// Makes a token by SoftHSM's own program.
    pub fn initialise(&self, label: &str, pin: &str) {
        let mut util = self.tool("softhsm2-util");
        must(util.args([
            "--init-token",
            "--free",
            "--label",
            label,
            "--so-pin",
            SO_PIN,
            "--pin",
            pin,
        ]));
    }

    /// Makes a token that has its label and SO PIN, and no PIN yet: as a run leaves one that was cut off in between.
    pub fn initialise_without_pin(&self, label: &str) {
        let mut tool = self.tool("pkcs11-tool");
        tool.args(["--module", MODULE, "--init-token", "--slot-index", "0"]);
        must(tool.args(["--label", label, "--so-pin", SO_PIN]));
    }

    /// Makes a key by OpenSC's program, which knows nothing of us. `kind` such as `EC:prime256v1`, `EC:edwards25519`, `rsa:2048`.
    pub fn generate(&self, token: &str, kind: &str, label: &str, id: &str) {
        let mut tool = self.pkcs11_tool(token);
        must(tool.args([
            "--keypairgen",
            "--key-type",
            kind,
            "--label",
            label,
            "--id",
            id,
            "--usage-sign",
        ]));
    }

    /// OpenSC's program, logged in to a token.
    pub fn pkcs11_tool(&self, token: &str) -> Command {
        let mut tool = self.tool("pkcs11-tool");
        tool.args(["--module", MODULE, "--token-label", token, "--login", "--pin", PIN]);
        tool
    }

    fn tool(&self, program: &str) -> Command {
        let mut tool = clean(program, self.folder.path());
        tool.envs(self.env());
        tool
    }
}

/// The module with moods, built now.
pub struct MoodyModule {
    folder: tempfile::TempDir,
}

impl MoodyModule {
    /// Compiles it; it behaves until it is told otherwise.
    pub fn build() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("rigs/moody-module/module.c");
        let built = folder.path().join("moody.so");
        must(
            Command::new("cc")
                .args(["-shared", "-fPIC", "-O1", "-o"])
                .arg(&built)
                .arg(source)
                .arg("-ldl"),
        );
        let module = Self { folder };
        module.is("well");
        module
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("moody.so")
    }

    /// How it behaves from now on.
    pub fn is(&self, mood: &str) {
        // Written beside and put in place, so that it is never read half.
        let fresh = self.folder.path().join("fresh");
        fs::write(&fresh, mood).expect("a temporary folder can be written to");
        fs::rename(fresh, self.folder.path().join("mood")).expect("a temporary folder can be written to");
    }

    /// What tells it its mood and which tokens are behind it.
    pub fn env(&self, behind: &SoftHsm) -> Vec<(OsString, OsString)> {
        let mut variables = behind.env();
        variables.push(("MOODY_MODULE".into(), self.folder.path().join("mood").into()));
        variables.push(("MOODY_REAL".into(), behind.module().into()));
        // What a person types at the device, where it has keys.
        variables.push(("MOODY_PIN".into(), PIN.into()));
        variables
    }
}
