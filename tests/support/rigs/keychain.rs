//! The keychain of a desktop: gnome-keyring on a bus of its own; and buses where it does not answer.

use super::{Process, alone};
use std::ffi::OsStr;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

/// A session with a keychain, or one that only looks like it.
pub struct Keychain {
    folder: tempfile::TempDir,
    address: String,
    _processes: Vec<Process>,
    _silent: Option<UnixListener>,
}

impl Keychain {
    /// gnome-keyring, unlocked as at a login.
    pub fn unlocked() -> Self {
        Self::started(true)
    }

    /// gnome-keyring with a keychain that a person would have to make and unlock first, and nobody there to do it.
    pub fn locked() -> Self {
        Self::started(false)
    }

    /// A bus that takes every connection and never says a word.
    pub fn silent() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let socket = folder.path().join("bus");
        let listener = UnixListener::bind(&socket).expect("a socket in a temporary folder can be bound");
        Self {
            address: format!("unix:path={}", socket.display()),
            folder,
            _processes: Vec::new(),
            _silent: Some(listener),
        }
    }

    /// What a program is to be started with to find this session.
    pub fn env(&self) -> [(&'static str, PathBuf); 3] {
        [
            ("DBUS_SESSION_BUS_ADDRESS", PathBuf::from(&self.address)),
            ("XDG_RUNTIME_DIR", self.folder.path().to_owned()),
            ("HOME", self.folder.path().to_owned()),
        ]
    }

    fn started(is_unlocked: bool) -> Self {
        let _held = alone("keychain");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let at = folder.path();
        let socket = at.join("bus");
        let address = format!("unix:path={}", socket.display());
        let listen = format!("--address={address}");
        let bus = Process::start(
            "dbus-daemon",
            &["--session", "--nofork", "--nopidfile", &listen].map(OsStr::new),
            at,
            &[],
            at.join("bus.log"),
        );
        wait_for(|| socket.exists(), "the bus (Debian package: dbus)");
        let home = at.to_str().expect("temporary folders are text");
        let unlock = if is_unlocked {
            "printf throw-away | exec gnome-keyring-daemon --unlock"
        } else {
            "exec gnome-keyring-daemon"
        };
        let command = format!("{unlock} --foreground --components=secrets");
        let daemon = Process::start(
            "sh",
            &["-c", &command].map(OsStr::new),
            at,
            &[("DBUS_SESSION_BUS_ADDRESS", &address), ("XDG_RUNTIME_DIR", home)],
            at.join("keyring.log"),
        );
        let control = at.join("keyring/control");
        wait_for(
            || control.exists(),
            "gnome-keyring-daemon (Debian package: gnome-keyring)",
        );
        Self {
            folder,
            address,
            _processes: vec![daemon, bus],
            _silent: None,
        }
    }
}

/// Waits until something that was started is there.
fn wait_for(is_there: impl Fn() -> bool, what: &str) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_there() {
        assert!(Instant::now() < end, "{what} did not start");
        thread::sleep(Duration::from_millis(20));
    }
}
