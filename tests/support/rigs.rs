//! Rigs: real foreign components, started by the tests on loopback with throw-away state and ended with them.
//! `./dev test` installs what they need; a rig that lacks it says so and fails, it never skips. Only the card rig may: not
//! every machine lets a daemon have a mount namespace, and without one it must not be started.

pub mod docker_trust;
pub mod key_files;
pub mod keychain;
pub mod notary;
pub mod postgres;
pub mod python_tuf;
pub mod softhsm;
pub mod token_server;
pub mod tough;
mod venv;
pub mod ykman;
pub mod yubikey;

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Where rigs keep what is dear to make: `ROOTWARD_CACHE`, which `./dev` sets, or the user's cache folder.
fn cache() -> PathBuf {
    let given = std::env::var_os("ROOTWARD_CACHE").map(PathBuf::from);
    let users = || {
        let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
            .map(|base| base.join("rootward"))
    };
    let folder = given
        .or_else(users)
        .unwrap_or_else(|| std::env::temp_dir().join("rootward-cache"));
    std::fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
    folder
}

/// Holds a lock file while something in the cache is made, so that tests in other processes wait for it.
fn alone(name: &str) -> File {
    let path = cache().join(format!("{name}.lock"));
    let file = File::create(&path).unwrap_or_else(|error| panic!("cannot make {}: {error}", path.display()));
    file.lock().expect("a local lock file can be locked");
    file
}

/// A process that ends when this value is dropped, or when the test's process does.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `program` with nothing of our environment but PATH, its output going to `log`.
    fn start(program: &str, args: &[&OsStr], home: &std::path::Path, envs: &[(&str, &str)], log: PathBuf) -> Self {
        Self::start_as(None, program, args, home, envs, log)
    }

    /// The same under another account, which only root can.
    fn start_as(
        account: Option<&str>,
        program: &str,
        args: &[&OsStr],
        home: &std::path::Path,
        envs: &[(&str, &str)],
        log: PathBuf,
    ) -> Self {
        let out = File::create(&log).unwrap_or_else(|error| panic!("cannot make {}: {error}", log.display()));
        let mut command = clean("setpriv", home);
        if let Some(account) = account {
            command.args(["--reuid", account, "--regid", account, "--init-groups"]);
        }
        let child = command
            .args(["--pdeathsig", "KILL", "--", program])
            .args(args)
            .envs(envs.iter().copied())
            .stdin(Stdio::null())
            .stderr(out.try_clone().expect("a file handle can be doubled"))
            .stdout(out)
            .spawn();
        Self {
            child: child.unwrap_or_else(|error| panic!("cannot start {program}: {error}")),
            log,
        }
    }

    /// Waits until something listens on `port`. Fails when the process has ended instead.
    fn listens_on(&mut self, port: u16) -> io::Result<()> {
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            if self.child.try_wait()?.is_some() {
                return Err(io::Error::other(format!("ended at start: {}", self.log())));
            }
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(io::Error::other(format!(
            "nothing listens on {port} after 30 s: {}",
            self.log()
        )))
    }

    /// Waits until it has printed all of these. Fails when the process has ended instead.
    fn says(&mut self, texts: &[String]) -> io::Result<()> {
        let end = Instant::now() + Duration::from_secs(30);
        while !texts.iter().all(|text| self.log().contains(text.as_str())) {
            if self.child.try_wait()?.is_some() || Instant::now() >= end {
                return Err(io::Error::other(format!("does not say {texts:?}: {}", self.log())));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Waits for the process to end well.
    fn succeeds(mut self) -> io::Result<()> {
        if self.child.wait()?.success() {
            return Ok(());
        }
        Err(io::Error::other(self.log()))
    }

    /// Asks the process to end (SIGQUIT) and waits; one that does not end is killed when dropped.
    fn quit(&mut self) {
        let asked = Command::new("kill")
            .args(["-QUIT", &self.child.id().to_string()])
            .status();
        let end = Instant::now() + Duration::from_secs(5);
        while asked.is_ok() && Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// What the process has printed so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command without our environment: these programs take their settings from it too.
fn clean(program: impl AsRef<OsStr>, home: &std::path::Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("HOME", home)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound listener has an address").port()
}

/// Runs a command of ours that cannot fail for a reason worth handling.
pub fn must(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} failed: {said}{}",
        String::from_utf8_lossy(&output.stdout)
    );
    output
}
