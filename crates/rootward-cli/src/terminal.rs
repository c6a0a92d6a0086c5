//! The three streams of a run, so that a test can hold their other ends.

use std::io::{self, Read, Write};

use rootward_core::border::Failure;

/// Where a run reads from and writes to.
pub struct Terminal {
    pub input: Box<dyn Read + Send>,
    pub out: Box<dyn Write + Send>,
    pub err: Box<dyn Write + Send>,
}

impl Terminal {
    /// The streams of this process.
    pub fn of_process() -> Self {
        Terminal {
            input: Box::new(io::stdin()),
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
        }
    }
}

impl Terminal {
    /// Writes lines to stdout.
    ///
    /// Fails when nobody can read them any more.
    pub fn say(&mut self, text: &str) -> Result<(), Failure> {
        let mut write = || writeln!(self.out, "{}", text.trim_end_matches('\n')).and_then(|()| self.out.flush());
        write().map_err(unwritten)
    }

    /// Writes a message to stderr.
    ///
    /// Fails when nobody can read it any more.
    pub fn note(&mut self, text: &str) -> Result<(), Failure> {
        writeln!(self.err, "rootwardctl: {text}").map_err(unwritten)
    }
}

fn unwritten(why: io::Error) -> Failure {
    Failure::fault("disk-failed", format!("the answer could not be written: {why}"))
}
