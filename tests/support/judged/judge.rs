//! A judge: a client that is not ours, in a process that lives as long as the run. One line of JSON goes in for each case,
//! one comes out.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::plan::{MOMENT, file_stem};
use super::{Case, Verdict};
use crate::rigs::python_tuf::PythonTuf;

pub struct Judge {
    /// As the page of disagreements calls it.
    pub name: String,
    /// Whether it loads every delegated role before it accepts anything.
    pub loads_everything: bool,
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Judge {
    /// python-tuf's updater.
    pub fn python_tuf(rig: &PythonTuf) -> Judge {
        Judge::start("python-tuf", false, rig.script("judge_many.py"))
    }

    /// tough's repository loader, in the program of tests/judges.
    pub fn tough(program: &Path) -> Judge {
        Judge::start("tough", true, Command::new(program))
    }

    fn start(name: &str, loads_everything: bool, mut command: Command) -> Judge {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|why| panic!("{name} does not start: {why}"));
        Judge {
            name: name.to_owned(),
            loads_everything,
            asks: child.stdin.take().expect("it was asked for"),
            says: BufReader::new(child.stdout.take().expect("it was asked for")),
            child,
        }
    }

    /// Hands a case over; [`Self::answer`] waits for the verdict.
    pub fn ask(&mut self, case: &Case) {
        let line = wire(case).to_string();
        writeln!(self.asks, "{line}").unwrap_or_else(|why| panic!("{} is gone: {why}", self.name));
    }

    pub fn answer(&mut self) -> Verdict {
        let mut line = String::new();
        self.says
            .read_line(&mut line)
            .unwrap_or_else(|why| panic!("{} is gone: {why}", self.name));
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{} says {line:?}: {why}", self.name))
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wire(case: &Case) -> Value {
    let coded = |bytes: &Vec<u8>| Value::String(STANDARD.encode(bytes));
    let files = case
        .written
        .files
        .iter()
        .map(|(name, bytes)| (name.clone(), coded(bytes)));
    let cached = case
        .written
        .cached
        .iter()
        .map(|(role, bytes)| (format!("{}.json", file_stem(role)), coded(bytes)));
    json!({
        "anchor": coded(&case.written.anchor),
        "files": files.collect::<serde_json::Map<_, _>>(),
        "cached": cached.collect::<serde_json::Map<_, _>>(),
        "moment": MOMENT,
        "lookups": case.written.lookups,
    })
}
