//! A program that works with the cards of a rig, as the desk does.

use std::{
    io::{BufRead as _, BufReader, Lines, Write as _},
    path::Path,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio},
    thread::{self, JoinHandle},
};

use serde_json::{Value, json};

use crate::rigs::yubikey::YubiKeys;

/// A running program; ends when dropped.
pub struct Desk {
    child: Child,
    orders: ChildStdin,
    accounts: Lines<BufReader<ChildStdout>>,
    complaints: Option<JoinHandle<String>>,
}

/// What became of an order.
#[derive(Debug)]
pub struct Account(Value);

impl Desk {
    /// Starts the program where it sees the rig's cards and no others.
    pub fn of(rig: &YubiKeys, program: impl AsRef<Path>) -> Self {
        Self::start(rig.reading(program.as_ref()))
    }

    fn start(mut command: Command) -> Self {
        let command = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let complaints = child.stderr.take().expect("stderr is piped");
        Self {
            orders: child.stdin.take().expect("stdin is piped"),
            accounts: BufReader::new(child.stdout.take().expect("stdout is piped")).lines(),
            complaints: Some(thread::spawn(move || gathered(complaints))),
            child,
        }
    }

    /// Gives an order and waits for its account. Panics when the program has ended.
    pub fn does(&mut self, order: Value) -> Account {
        writeln!(self.orders, "{order}").expect("the program takes orders");
        match self.accounts.next() {
            Some(Ok(line)) => Account(serde_json::from_str(&line).expect("an account is JSON")),
            _ => panic!("the program ended over {order}: {}", self.complaints()),
        }
    }

    /// What it printed for people, after its end.
    pub fn complaints(&mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.complaints
            .take()
            .and_then(|complaints| complaints.join().ok())
            .unwrap_or_default()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn gathered(from: ChildStderr) -> String {
    let lines = BufReader::new(from).lines().map_while(Result::ok);
    lines.map(|line| line + "\n").collect()
}

impl Account {
    /// What came of it; panics when nothing did.
    pub fn ok(&self) -> &Value {
        assert!(self.0["failure"].is_null(), "{}", self.0);
        &self.0["ok"]
    }

    /// The code of the failure; empty when it was done.
    pub fn code(&self) -> &str {
        self.0["failure"]["code"].as_str().unwrap_or_default()
    }

    pub fn message(&self) -> &str {
        self.0["failure"]["message"].as_str().unwrap_or_default()
    }

    pub fn detail(&self, name: &str) -> &str {
        self.0["failure"]["details"][name].as_str().unwrap_or_default()
    }

    /// Every prompt that was shown.
    pub fn asked(&self) -> &[Value] {
        self.0["asked"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Every touch that was asked for.
    pub fn touches(&self) -> &[Value] {
        self.0["touches"].as_array().map_or(&[], Vec::as_slice)
    }

    pub fn milliseconds(&self) -> u64 {
        self.0["ms"].as_u64().unwrap_or_default()
    }
}

/// An order about a slot, with the secrets that are typed.
pub fn order(what: &str, at: &str, secrets: &[&str]) -> Value {
    json!({ "do": what, "at": at, "secrets": secrets })
}
