//! PostgreSQL for one rig: a cluster of its own in a temporary folder, on loopback, without a password, gone when dropped.

use super::{Process, clean, free_port};
use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// The superuser of every cluster here.
const USER: &str = "rig";

/// A server that runs until it is dropped.
pub struct Postgres {
    folder: tempfile::TempDir,
    server: Process,
    port: u16,
}

impl Postgres {
    /// Makes a cluster and starts its server; about three seconds.
    ///
    /// Fails when somebody took the port meanwhile.
    pub fn start() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (data, port) = (folder.path().join("data"), free_port());
        let account = account(folder.path())?;
        give_away(folder.path(), account)?;
        let initdb = [
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--no-instructions",
            "-D",
        ];
        let mut make: Vec<_> = initdb.iter().map(OsStr::new).collect();
        make.push(data.as_os_str());
        let made = Process::start_as(
            account,
            &program("initdb"),
            &make,
            folder.path(),
            &[],
            folder.path().join("initdb.log"),
        );
        made.succeeds()?;
        let settings = format!("listen_addresses=127.0.0.1 port={port} unix_socket_directories= fsync=off");
        let mut arguments = vec![OsStr::new("-D"), data.as_os_str()];
        arguments.extend(
            settings
                .split(' ')
                .flat_map(|setting| [OsStr::new("-c"), OsStr::new(setting)]),
        );
        let log = folder.path().join("log");
        let mut server = Process::start_as(account, &program("postgres"), &arguments, folder.path(), &[], log);
        server.listens_on(port)?;
        let postgres = Self { folder, server, port };
        postgres.is_ready()?;
        Ok(postgres)
    }

    /// Makes a database and runs `schema` in it; gives the URL that programs reach it by.
    pub fn database(&self, name: &str, schema: &str) -> String {
        self.sql("postgres", &format!("CREATE DATABASE {name};"));
        self.sql(name, schema);
        format!("postgres://{USER}@127.0.0.1:{}/{name}?sslmode=disable", self.port)
    }

    /// Runs SQL in a database, and gives what it printed without headings.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        let mut child = self
            .psql(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let child = child.as_mut().expect("psql was found a moment ago");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        stdin.write_all(statements.as_bytes()).expect("psql reads its input");
        drop(stdin);
        let mut said = (String::new(), String::new());
        let read =
            |stream: &mut dyn io::Read, into: &mut String| stream.read_to_string(into).expect("psql writes UTF-8");
        read(child.stdout.as_mut().expect("stdout is piped"), &mut said.0);
        read(child.stderr.as_mut().expect("stderr is piped"), &mut said.1);
        let status = child.wait().expect("a child can be waited for");
        assert!(status.success(), "psql failed: {}", said.1);
        said.0
    }

    fn psql(&self, database: &str) -> Command {
        let mut command = clean(program("psql"), self.folder.path());
        command
            .args([
                "-X",
                "-q",
                "-t",
                "-A",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                "127.0.0.1",
                "-U",
                USER,
                "-d",
                database,
                "-p",
            ])
            .arg(self.port.to_string());
        command
    }

    /// It listens before it lets anybody in.
    fn is_ready(&self) -> io::Result<()> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let asked = self.psql("postgres").args(["-c", "SELECT 1"]).output()?;
            if asked.status.success() {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(io::Error::other(String::from_utf8_lossy(&asked.stderr).into_owned()));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Killed outright it would leave its shared memory behind.
        self.server.quit();
    }
}

/// Debian keeps most of its programs out of PATH, one folder a version.
fn program(name: &str) -> String {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin").join(name))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found
        .pop()
        .map_or_else(|| name.to_owned(), |path| path.display().to_string())
}

/// The account that stands in for root, whom PostgreSQL refuses to serve.
fn account(folder: &Path) -> io::Result<Option<&'static str>> {
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let is_known = |user: &str| id("-u", user).is_some();
    Ok(Some(if is_known("postgres") { "postgres" } else { "nobody" }))
}

fn id(what: &str, user: &str) -> Option<u32> {
    let said = Command::new("id").args([what, user]).output().ok()?;
    String::from_utf8_lossy(&said.stdout).trim().parse().ok()
}

/// Gives a new folder to the account that works in it.
fn give_away(folder: &Path, account: Option<&str>) -> io::Result<()> {
    match account {
        Some(user) => chown(folder, id("-u", user), id("-g", user)),
        None => Ok(()),
    }
}
