//! The real Notary: Debian's server and signer over mutual TLS, storage in memory or PostgreSQL, and the stock command line
//! on top: as the owner who has the keys, and as clients that only read.

mod client;

pub use client::{Client, Tag};

use super::postgres::Postgres;
use super::token_server::TokenServer;
use super::{Process, clean, free_port};
use crate::fixtures;
use crate::tls::Tls;
use rootward_tuf::encoding::base64;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Guards every key the command line makes here. It wants eight characters at least.
pub const PASSPHRASE: &str = "throw-away passphrase";

/// The daemons expect their tables and never make them.
const SERVER_SCHEMA: &str = "
    CREATE TABLE tuf_files (
        id SERIAL PRIMARY KEY,
        gun VARCHAR(255) NOT NULL,
        role VARCHAR(255) NOT NULL,
        version INTEGER NOT NULL,
        sha256 CHAR(64),
        data BYTEA NOT NULL,
        created_at TIMESTAMP,
        updated_at TIMESTAMP,
        deleted_at TIMESTAMP,
        UNIQUE (gun, role, version)
    );
    CREATE TABLE changefeed (
        id SERIAL PRIMARY KEY,
        gun VARCHAR(255) NOT NULL,
        version INTEGER NOT NULL,
        sha256 CHAR(64),
        category VARCHAR(20) NOT NULL DEFAULT 'update',
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
    );";
const SIGNER_SCHEMA: &str = "
    CREATE TABLE private_keys (
        id SERIAL PRIMARY KEY,
        key_id VARCHAR(255) NOT NULL UNIQUE,
        gun VARCHAR(255) NOT NULL,
        role VARCHAR(255) NOT NULL,
        algorithm VARCHAR(50) NOT NULL,
        encryption_alg VARCHAR(255) NOT NULL,
        keywrap_alg VARCHAR(255) NOT NULL,
        passphrase_alias VARCHAR(50) NOT NULL,
        public BYTEA NOT NULL,
        private BYTEA NOT NULL,
        last_used TIMESTAMP,
        created_at TIMESTAMP,
        updated_at TIMESTAMP,
        deleted_at TIMESTAMP
    );";

/// What the server keeps its documents in, the daemon's own name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    Memory,
    /// The signer keeps its keys in it too.
    Postgres,
}

/// A Notary that runs until it is dropped.
pub struct NotaryRig {
    folder: tempfile::TempDir,
    tls: Tls,
    url: String,
    server: Process,
    signer: Process,
    /// `NOTARY_AUTH` of the owner: name and password in base64.
    pass: Option<String>,
    _tokens: Option<TokenServer>,
    // Dropped last: the daemons above use it.
    _postgres: Option<Postgres>,
}

impl NotaryRig {
    /// Starts signer and server on ports of their own; about two seconds.
    pub fn start() -> Self {
        Self::start_with(Storage::Memory, None)
    }

    /// The same with a storage to choose; PostgreSQL takes about three seconds more.
    pub fn start_on(storage: Storage) -> Self {
        Self::start_with(storage, None)
    }

    /// The same for a server that wants tokens: anybody may read, and `user` with `password` may do everything.
    pub fn start_guarded(user: &str, password: &str) -> Self {
        Self::start_with(Storage::Memory, Some((user, password)))
    }

    fn start_with(storage: Storage, account: Option<(&str, &str)>) -> Self {
        // Someone else may take a port between our looking and their binding: look again then.
        let mut failures = Vec::new();
        while failures.len() < 3 {
            match Self::try_start(storage, account) {
                Ok(rig) => return rig,
                Err(error) => failures.push(error.to_string()),
            }
        }
        panic!("Notary did not start (Debian packages: notary, postgresql): {failures:#?}")
    }

    fn try_start(storage: Storage, account: Option<(&str, &str)>) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let at = folder.path();
        let tls = Tls::make(at);
        let (server_port, signer_port) = (free_port(), free_port());
        let postgres = match storage {
            Storage::Memory => None,
            Storage::Postgres => Some(Postgres::start()?),
        };
        let stored_in = |name: &str, schema: &str| match &postgres {
            None => json!({ "backend": "memory" }),
            Some(postgres) => {
                json!({ "backend": "postgres", "db_url": postgres.database(name, schema), "default_alias": "rig" })
            }
        };

        let signer_settings = json!({
            "server": { "grpc_addr": format!("127.0.0.1:{signer_port}"), "tls_cert_file": tls.certificate,
                        "tls_key_file": tls.key, "client_ca_file": tls.ca },
            "storage": stored_in("signer", SIGNER_SCHEMA),
            "logging": { "level": "info" },
        });
        let mut server_settings = json!({
            "server": { "http_addr": format!("127.0.0.1:{server_port}"), "tls_cert_file": tls.certificate, "tls_key_file": tls.key },
            "trust_service": { "type": "remote", "hostname": "127.0.0.1", "port": signer_port.to_string(), "key_algorithm": "ecdsa",
                               "tls_ca_file": tls.ca, "tls_client_cert": tls.certificate, "tls_client_key": tls.key },
            "storage": stored_in("server", SERVER_SCHEMA),
            "logging": { "level": "info" },
        });
        let tokens = account.map(|(user, password)| TokenServer::start(at, user, password));
        if let Some(tokens) = &tokens {
            server_settings["auth"] = tokens.settings();
        }
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
            pass: account.map(|(user, password)| base64(format!("{user}:{password}").as_bytes())),
            _tokens: tokens,
            _postgres: postgres,
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

    /// Runs the stock `notary` as the owner, with `args`, answering `yes` to what it asks.
    pub fn run(&self, args: &[&str]) -> Output {
        self.run_in(&self.trust_folder(), args)
    }

    /// Runs the stock `notary` as the owner and expects it to succeed; gives what it printed.
    pub fn notary(&self, args: &[&str]) -> String {
        self.must_in(&self.trust_folder(), args)
    }

    /// Runs the stock `notary` with a copy of the owner's folder: a command that fails half-way may have thrown keys away.
    pub fn attempt(&self, args: &[&str]) -> Output {
        let copy = tempfile::tempdir().expect("a temporary folder can be made");
        fixtures::copy(&self.trust_folder(), copy.path());
        self.run_in(copy.path(), args)
    }

    /// A client that knows nothing yet, and has no keys.
    pub fn client(&self) -> Client<'_> {
        Client::new(self)
    }

    /// What `docker trust inspect` tells of an image; where there is no Docker command line that has it, a line says so.
    pub fn docker_trust(&self, image: &str) -> Option<Value> {
        let settings = self.folder.path().join("docker");
        let authorities = settings.join("tls").join(self.host());
        fs::create_dir_all(&authorities).expect("a temporary folder can be written to");
        fs::copy(&self.tls.ca, authorities.join("ca.crt")).expect("openssl wrote a certificate");
        let mut command = clean("docker", self.folder.path());
        command
            .env("DOCKER_CONFIG", &settings)
            .env("DOCKER_CONTENT_TRUST_SERVER", &self.url);
        let has_trust = Command::new("docker").args(["trust", "inspect", "--help"]).output();
        if !has_trust.is_ok_and(|said| said.status.success()) {
            println!("skipped: no docker trust on this machine");
            return None;
        }
        let said = super::must(command.args(["trust", "inspect", image]));
        Some(serde_json::from_slice(&said.stdout).expect("docker prints JSON"))
    }

    fn run_in(&self, trust_folder: &Path, args: &[&str]) -> Output {
        let mut command = clean("notary", self.folder.path());
        for role in ["ROOT", "TARGETS", "SNAPSHOT", "DELEGATION"] {
            command.env(format!("NOTARY_{role}_PASSPHRASE"), PASSPHRASE);
        }
        // It would put root keys on any smart card it finds.
        command.env("PCSCLITE_CSOCK_NAME", "/nonexistent");
        if let Some(pass) = &self.pass {
            command.env("NOTARY_AUTH", pass);
        }
        command
            .args(["-s", &self.url, "--tlscacert"])
            .arg(&self.tls.ca)
            .arg("-d")
            .arg(trust_folder)
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

    fn must_in(&self, trust_folder: &Path, args: &[&str]) -> String {
        let output = self.run_in(trust_folder, args);
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let logs = || {
            format!(
                "server: {}\nsigner: {}",
                end_of(&self.server.log()),
                end_of(&self.signer.log())
            )
        };
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

/// The last lines of a log: a whole one would hide what failed.
fn end_of(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}

fn daemon(program: &str, folder: &Path, settings: &Value) -> io::Result<Process> {
    let file = folder.join(format!("{program}.json"));
    fs::write(&file, settings.to_string())?;
    let flag = format!("-config={}", file.display());
    // Guards the keys that the signer stores; the alias names the variable.
    let guard = ("NOTARY_SIGNER_RIG", PASSPHRASE);
    Ok(Process::start(
        program,
        &[OsStr::new(&flag)],
        folder,
        &[guard],
        folder.join(format!("{program}.log")),
    ))
}
