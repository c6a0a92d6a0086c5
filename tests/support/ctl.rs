//! rootwardctl as a person or a script runs it: a process with a data folder of its own, an exit code, two streams.

use crate::traces::started_with;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than any command below may take; a command that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// One desk: the program and a throw-away data folder.
pub struct Ctl {
    program: PathBuf,
    desk: tempfile::TempDir,
    secrets: Vec<(String, String)>,
    variables: Vec<(String, OsString)>,
}

/// What a command told.
#[derive(Debug)]
pub struct Told {
    pub code: i32,
    pub out: String,
    pub err: String,
    pub took: Duration,
}

impl Ctl {
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            desk: tempfile::tempdir().expect("a temporary folder can be made"),
            secrets: Vec::new(),
            variables: Vec::new(),
        }
    }

    /// Gives the secret of `key` to every later command, through `--secrets`.
    pub fn with_secret(mut self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.learn(key, secret);
        self
    }

    /// The same for a desk that has worked already.
    pub fn learn(&mut self, key: impl Into<String>, secret: impl Into<String>) {
        self.secrets.push((key.into(), secret.into()));
    }

    /// Later commands are given no secrets: those that ask for none take no `--secrets`.
    pub fn without_secrets(mut self) -> Self {
        self.secrets.clear();
        self
    }

    /// Forgets the secrets of every key whose name begins so.
    pub fn forget_secrets_of(&mut self, prefix: &str) {
        self.secrets.retain(|(key, _)| !key.starts_with(prefix));
    }

    /// Sets an environment variable for every later command.
    pub fn with_variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The desk's data folder; it is not there before the first command.
    pub fn data(&self) -> PathBuf {
        self.desk.path().join("data")
    }

    /// Runs a command to its end. Panics when it panicked, was killed by a signal or hung.
    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Told {
        self.run_watched(args, |_| {})
    }

    /// Runs a command to its end; tells also what it and every process below it were started with.
    pub fn run_and_look<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> (Told, Vec<Vec<u8>>) {
        let mut seen = BTreeSet::new();
        let told = self.run_watched(args, |process| seen.extend(started_with(process)));
        (told, seen.into_iter().collect())
    }

    fn run_watched<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>, mut watch: impl FnMut(u32)) -> Told {
        let begun = Instant::now();
        let mut command = self.command();
        command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let shown = format!("{command:?}");
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run {shown}: {error}"));
        let out = gather(child.stdout.take().expect("stdout is piped"));
        let err = gather(child.stderr.take().expect("stderr is piped"));
        let status = loop {
            if let Some(status) = child.try_wait().expect("a child can be waited for") {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                // It may end by itself in this very moment.
                let _ = child.kill();
                panic!("{shown} hung for {PATIENCE:?}");
            }
            watch(child.id());
            thread::sleep(Duration::from_millis(5));
        };
        let took = begun.elapsed();
        let text = |gathering: thread::JoinHandle<Vec<u8>>| {
            String::from_utf8(gathering.join().expect("reading a pipe does not panic"))
                .expect("rootwardctl writes UTF-8")
        };
        let (out, err) = (text(out), text(err));
        let code = status
            .code()
            .unwrap_or_else(|| panic!("{shown} ended by {status}: {err}"));
        assert!(!err.contains("panicked at"), "{shown} panicked: {err}");
        assert!(
            (0..=3).contains(&code),
            "{shown} exited {code}, which no command does: {err}"
        );
        Told { code, out, err, took }
    }

    /// Runs a command and kills it (SIGKILL) after `delay`, unless it has ended by then. Says whether it was killed.
    pub fn run_and_kill<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>, delay: Duration) -> bool {
        let mut command = self.command();
        command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("rootwardctl can be started");
        thread::sleep(delay);
        if child.try_wait().expect("a child can be waited for").is_some() {
            return false;
        }
        child.kill().expect("a child that runs can be killed");
        child.wait().expect("a killed child ends");
        true
    }

    /// Runs a command until it says `words` on stderr, then interrupts it (SIGINT) while its stdin stays open. Gives its exit
    /// code; `None` when it did not end for it.
    pub fn run_and_interrupt<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>, words: &str) -> Option<i32> {
        let mut command = self.command();
        command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("rootwardctl can be started");
        let stdin = child.stdin.take();
        let lines = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
        let said = lines.map_while(Result::ok).any(|line| line.contains(words));
        assert!(said, "rootwardctl ended without saying {words:?}");
        let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(signal.expect("kill can be run").success());
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            if let Some(status) = child.try_wait().expect("a child can be waited for") {
                return status.code();
            }
            thread::sleep(Duration::from_millis(5));
        }
        drop(stdin);
        let _ = child.kill();
        let _ = child.wait();
        None
    }

    fn command(&self) -> Command {
        let mut command = if self.secrets.is_empty() {
            Command::new(&self.program)
        } else {
            let file = self.desk.path().join("secrets");
            let lines: String = self
                .secrets
                .iter()
                .map(|(key, secret)| format!("{key}\t{secret}\n"))
                .collect();
            fs::write(&file, lines).expect("a temporary folder can be written to");
            let mut shell = Command::new("sh");
            shell
                .args(["-c", "exec \"$0\" \"$@\" --secrets 9 9<\"$SECRETS\""])
                .arg(&self.program)
                .env("SECRETS", file);
            shell
        };
        command.env("ROOTWARD_DATA", self.data()).env_remove("RUST_LOG");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Told {
    /// The one object on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("not one JSON object ({error}): {self:?}"))
    }
}

fn gather(mut stream: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    })
}

/// Every node of a `tree` or `verify` answer, parents before children.
pub fn nodes(answer: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Value> = answer["nodes"].as_array().into_iter().flatten().rev().collect();
    while let Some(node) = waiting.pop() {
        found.push(node);
        waiting.extend(node["children"].as_array().into_iter().flatten().rev());
    }
    found
}

/// The node of `role`. Panics when there is none.
pub fn node<'a>(answer: &'a Value, role: &str) -> &'a Value {
    nodes(answer)
        .into_iter()
        .find(|node| node["role"] == role)
        .unwrap_or_else(|| panic!("no node {role} in {answer:#}"))
}

/// The codes of a node's findings.
pub fn codes(node: &Value) -> Vec<&str> {
    node["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|finding| finding["code"].as_str())
        .collect()
}
