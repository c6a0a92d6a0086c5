//! The real Notary: Debian's server and signer over mutual TLS, storage in memory, and the stock command line on top.

use super::{Process, clean, free_port};
use crate::tls::Tls;
use serde_json::json;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

/// Guards every key the command line makes here. It wants eight characters at least.
pub const PASSPHRASE: &str = "throw-away passphrase";

/// A Notary that runs until it is dropped.
pub struct NotaryRig {
    folder: tempfile::TempDir,
    tls: Tls,
    url: String,
    server: Process,
    signer: Process,
}

impl NotaryRig {
    /// Starts signer and server on ports of their own; about two seconds.
    pub fn start() -> Self {
        // Someone else may take a port between our looking and their binding: look again then.
        let mut failures = Vec::new();
        while failures.len() < 3 {
            match Self::try_start() {
                Ok(rig) => return rig,
                Err(error) => failures.push(error.to_string()),
            }
        }
        panic!("Notary did not start (Debian package: notary): {failures:#?}")
    }

    fn try_start() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let at = folder.path();
        let tls = Tls::make(at);
        let (server_port, signer_port) = (free_port(), free_port());

        let signer_settings = json!({
            "server": { "grpc_addr": format!("127.0.0.1:{signer_port}"), "tls_cert_file": tls.certificate,
                        "tls_key_file": tls.key, "client_ca_file": tls.ca },
            "storage": { "backend": "memory" },
            "logging": { "level": "info" },
        });
        let server_settings = json!({
            "server": { "http_addr": format!("127.0.0.1:{server_port}"), "tls_cert_file": tls.certificate, "tls_key_file": tls.key },
            "trust_service": { "type": "remote", "hostname": "127.0.0.1", "port": signer_port.to_string(), "key_algorithm": "ecdsa",
                               "tls_ca_file": tls.ca, "tls_client_cert": tls.certificate, "tls_client_key": tls.key },
            "storage": { "backend": "memory" },
            "logging": { "level": "info" },
        });
        let mut signer = daemon("notary-signer", at, &signer_settings)?;
        signer.listens_on(signer_port)?;
        let mut server = daemon("notary-server", at, &server_settings)?;
        server.listens_on(server_port)?;
        fs::create_dir(at.join("trust"))?;
        Ok(Self {
            url: format!("https://127.0.0.1:{server_port}"),
            tls,
            server,
            signer,
            folder,
        })
    }

    /// `https://127.0.0.1:PORT`, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        self.url.trim_start_matches("https://")
    }

    /// The authority that the server's certificate is signed by.
    pub fn ca_file(&self) -> &Path {
        &self.tls.ca
    }

    /// Where the command line keeps keys (`private/`) and what it has seen (`tuf/GUN/metadata`).
    pub fn trust_folder(&self) -> PathBuf {
        self.folder.path().join("trust")
    }

    /// Runs the stock `notary` with `args`, answering `yes` to what it asks.
    pub fn run(&self, args: &[&str]) -> Output {
        let mut command = clean("notary", self.folder.path());
        for role in ["ROOT", "TARGETS", "SNAPSHOT", "DELEGATION"] {
            command.env(format!("NOTARY_{role}_PASSPHRASE"), PASSPHRASE);
        }
        // It would put root keys on any smart card it finds.
        command.env("PCSCLITE_CSOCK_NAME", "/nonexistent");
        command
            .args(["-s", &self.url, "--tlscacert"])
            .arg(&self.tls.ca)
            .arg("-d")
            .arg(self.trust_folder())
            .args(args);
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.unwrap_or_else(|error| panic!("cannot start notary (Debian package: notary): {error}"));
        // Most commands ask nothing and may be gone before they could be answered.
        let _ = child.stdin.take().expect("stdin is piped").write_all(b"yes\n");
        child.wait_with_output().expect("a child can be waited for")
    }

    /// Runs the stock `notary` and expects it to succeed; gives what it printed.
    pub fn notary(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let logs = || format!("server: {}\nsigner: {}", self.server.log(), self.signer.log());
        assert!(output.status.success(), "notary {args:?} failed: {said}\n{}", logs());
        said
    }

    /// Makes a certificate and a private key for somebody to delegate to, and gives their files.
    pub fn delegate(&self, name: &str) -> (PathBuf, PathBuf) {
        let (certificate, key) = (
            self.folder.path().join(format!("{name}.crt")),
            self.folder.path().join(format!("{name}.key")),
        );
        crate::tls::self_signed(name, &certificate, &key);
        (certificate, key)
    }

    /// Makes a new GUN with its three keys, and publishes its first versions.
    pub fn init_and_publish(&self, gun: &str) {
        self.notary(&["init", gun]);
        self.notary(&["publish", gun]);
    }
}

fn daemon(program: &str, folder: &Path, settings: &serde_json::Value) -> io::Result<Process> {
    let file = folder.join(format!("{program}.json"));
    fs::write(&file, settings.to_string())?;
    let flag = format!("-config={}", file.display());
    Ok(Process::start(
        program,
        &[OsStr::new(&flag)],
        folder,
        &[],
        folder.join(format!("{program}.log")),
    ))
}
