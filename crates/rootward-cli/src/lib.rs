//! The same desk without a window, for scripts, CI and machines without a screen.
//!
//! Reads arguments, asks the desk, prints what it says. Decides nothing.

mod arguments;
mod attest;
mod backup;
mod blast;
mod ceremony;
mod change;
mod door;
mod drill;
mod history;
mod init;
mod keychain;
mod keys;
mod kit;
mod map;
mod place;
mod provision;
mod ring;
mod roll_call;
mod rotate;
mod selftest;
mod sign;
mod terminal;
mod text;
mod tokens;
mod transcript;
mod tree;

use std::{ffi::OsString, io::Write, process::ExitCode};

use clap::Parser as _;
use rootward_core::{
    adapters::{keep_module, process},
    border::{Failure, FailureKind},
    note_turn,
};

use arguments::{Arguments, Command, RotateArguments};
pub use terminal::Terminal;

/// Runs `rootwardctl` with this process's arguments and streams.
pub fn main() -> ExitCode {
    // This program is also what keeps vendors' modules, each in a process of its own.
    if let Some(code) = keep_module(std::env::args_os()) {
        return code;
    }
    process::disable_core_dumps();
    let mut terminal = Terminal::of_process();
    main_with(std::env::args_os(), &mut terminal)
}

/// Runs `rootwardctl` with any arguments (the first is the program's name) and streams.
///
/// Exit codes: 0 done or accepted, 1 refused or the answer is no, 2 could not run, 3 interrupted.
pub fn main_with(arguments: impl IntoIterator<Item = OsString>, terminal: &mut Terminal) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(usage) if usage.use_stderr() => {
            let _ = write!(terminal.err, "{}", usage.render());
            return ExitCode::from(2);
        }
        Err(help) => {
            let _ = write!(terminal.out, "{}", help.render());
            return ExitCode::SUCCESS;
        }
    };
    let desk = arguments.desk.clone();
    match run(arguments, terminal) {
        Ok(answer) => answer.into(),
        Err(failure) => {
            note_turn(desk.data, desk.at.as_deref(), &failure);
            let _ = text::failure(&failure, &mut terminal.err);
            match failure.kind {
                FailureKind::Refusal => ExitCode::from(1),
                FailureKind::Fault => ExitCode::from(2),
                FailureKind::Interruption => ExitCode::from(3),
            }
        }
    }
}

/// What a command ends with when it could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done, or accepted.
    Yes,
    /// The answer is no.
    No,
}

impl From<Answer> for ExitCode {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Yes => ExitCode::SUCCESS,
            Answer::No => ExitCode::from(1),
        }
    }
}

fn run(arguments: Arguments, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let Arguments { desk, command } = arguments;
    match command {
        Command::Tree(tree) => wait(tree::tree(&desk, &tree, terminal)),
        Command::Verify(verify) => wait(tree::verify(&desk, &verify, terminal)),
        Command::History(history) => wait(history::history(&desk, &history, terminal)),
        Command::Attest(hand_in) => wait(attest::attest(&desk, &hand_in, terminal)),
        Command::Keys(wish) => {
            let told = keys::keys(&desk, &wish, terminal);
            // A person may have been asked for a passphrase.
            door::restore_echo();
            told
        }
        Command::Map(file) => map::map(&file, terminal),
        Command::Blast(blast) => wait(blast::blast(&desk, &blast, terminal)),
        Command::RollCall(wish) => {
            let door = door::open(&wish.secrets)?;
            wait(roll_call::roll_call(&desk, &wish, door, terminal))
        }
        Command::Provision(wish) => {
            let door = door::open(&wish.secrets)?;
            let told = provision::provision(&desk, &wish, door, terminal);
            door::restore_echo();
            told
        }
        Command::Tokens(wish) => {
            let door = door::open(&wish.secrets)?;
            let told = tokens::tokens(&desk, &wish, door, terminal);
            // A person may have been asked for a PIN.
            door::restore_echo();
            told
        }
        Command::Rotate(RotateArguments { role, change }) => {
            let door = door::open(&change.ceremony.terms.secrets)?;
            wait(rotate::rotate(&desk, &role, &change, door, terminal))
        }
        Command::Change(wish) => {
            let door = door::open(&wish.ceremony.terms.secrets)?;
            wait(change::change(&desk, &wish, door, terminal))
        }
        Command::Bulk(wish) => {
            let door = door::open(&wish.secrets)?;
            change::bulk(&desk, &wish, door, terminal)
        }
        Command::Init(wish) => {
            let door = door::open(&wish.terms.secrets)?;
            wait(init::init(&desk, &wish, door, terminal))
        }
        Command::RotateRoot(wish) => {
            let door = door::open(&wish.ceremony.terms.secrets)?;
            wait(rotate::rotate(&desk, "root", &wish, door, terminal))
        }
        Command::Keychain(wish) => {
            let told = keychain::keychain(&desk, &wish, terminal);
            // A person may have been asked for a passphrase.
            door::restore_echo();
            told
        }
        Command::Drill(wish) => {
            let door = door::open(&wish.secrets)?;
            wait(drill::drill(&desk, &wish, door, terminal))
        }
        Command::Practise(wish) => {
            let door = door::open(&wish.secrets)?;
            wait(drill::practise(&desk, &wish, door, terminal))
        }
        Command::Selftest(wish) => selftest::selftest(&desk, &wish, terminal),
        Command::Backup(wish) => backup::backup(&desk, &wish, terminal),
        Command::Restore(wish) => backup::restore(&desk, &wish, terminal),
        Command::Ceremony(wish) => {
            let door = door::open(&wish.secrets)?;
            wait(ceremony::ceremony(&desk, &wish, door, terminal))
        }
        Command::Kit(wish) => wait(kit::kit(&desk, &wish, terminal)),
        Command::Transcript(wish) => {
            let door = door::open(&wish.secrets)?;
            let told = transcript::transcript(&desk, &wish, door, terminal);
            door::restore_echo();
            told
        }
        Command::Witness(wish) => {
            let door = door::open(&wish.secrets)?;
            wait(transcript::witness(&desk, &wish, door, terminal))
        }
        Command::Sign(wish) => {
            let door = door::open(&wish.secrets)?;
            let signed = sign::sign(&desk, &wish, door, terminal);
            door::restore_echo();
            signed
        }
    }
}

/// Waits for a command's end, or for the person who interrupts it.
fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|why| Failure::fault("disk-failed", format!("the system gave no threads: {why}")))?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = work => outcome,
            _ = tokio::signal::ctrl_c() => Err(Failure::interruption("cancelled", "interrupted from the keyboard")),
        }
    });
    // A person may have been asked for a passphrase.
    door::restore_echo();
    // A request that hangs must not hold the program up.
    runtime.shutdown_background();
    outcome
}
