//! The process a module is kept in, from inside: it loads the one library it was started for, and answers questions over
//! its pipes until nobody is there to ask any more.
//!
//! The library finds nothing on the standard streams: what it prints goes nowhere, and what it reads is empty.

use std::{
    fs::{File, OpenOptions},
    io,
    os::fd::AsFd,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process::{ExitCode, abort},
    thread,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::fcntl_dupfd_cloexec,
    process::{Resource, Rlimit, Signal, getpid, kill_process_group, setrlimit},
    stdio::{dup2_stderr, dup2_stdin, dup2_stdout, stdin, stdout},
};

use super::{
    library::Library,
    wire::{self, Answer, Numbered, REQUEST, ReadError, Request, Trouble},
};

/// More than any module needs, and less than hurts the machine when one lies about lengths.
const MEMORY: u64 = 2 << 30;

/// How long a module may take to let go of its tokens when nobody asks any more.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Keeps the module in a library until our other end of the pipe is closed.
pub(in crate::adapters) fn keep(library: &Path) -> ExitCode {
    let limit = Rlimit {
        current: Some(MEMORY),
        maximum: Some(MEMORY),
    };
    // A system that refuses keeps its own limit.
    let _ = setrlimit(Resource::As, limit);
    match pipes() {
        Ok((from, to)) => answer_all(library, from, to),
        Err(_) => ExitCode::from(2),
    }
}

/// Takes the pipes away from where a library would look for them.
fn pipes() -> io::Result<(File, File)> {
    let (from, to) = (fcntl_dupfd_cloexec(stdin(), 10)?, fcntl_dupfd_cloexec(stdout(), 10)?);
    let nowhere = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&nowhere)?;
    dup2_stdout(&nowhere)?;
    dup2_stderr(&nowhere)?;
    Ok((from.into(), to.into()))
}

fn answer_all(library: &Path, mut from: File, mut to: File) -> ExitCode {
    if end_with_the_other(&from).is_err() {
        return ExitCode::from(2);
    }
    // Loaded once there is a question, so that why it cannot be is an answer.
    let mut loaded: Option<Library> = None;
    loop {
        let frame = match wire::read::<Numbered<Request>>(&mut from, REQUEST) {
            Ok(frame) => frame,
            Err(ReadError::Ended) => break,
            Err(ReadError::Io(_) | ReadError::Nonsense(_)) => return ExitCode::from(2),
        };
        let answered = catch_unwind(AssertUnwindSafe(|| {
            let library = match &mut loaded {
                Some(library) => library,
                empty => empty.insert(Library::load(library).map_err(Trouble::Unusable)?),
            };
            library.answer(&frame.head.said, &frame.secret, &frame.bytes)
        }));
        let (said, bytes) = match answered {
            Ok(Ok(answered)) => answered,
            Ok(Err(trouble)) => (Answer::Failed(trouble), Vec::new()),
            Err(_) => {
                let why = "it answered what its driver could not bear";
                (Answer::Failed(Trouble::Nonsense(why.into())), Vec::new())
            }
        };
        let numbered = Numbered {
            number: frame.head.number,
            said,
        };
        drop(frame.secret);
        if wire::write(&mut to, &numbered, &[], &bytes).is_err() {
            break;
        }
    }
    drop(loaded);
    ExitCode::SUCCESS
}

/// Ends this process when our other end is gone, even while the library hangs.
fn end_with_the_other(from: &File) -> io::Result<()> {
    let watched = from.as_fd().try_clone_to_owned()?;
    thread::Builder::new().name("end".into()).spawn(move || {
        // Asks for nothing, so it only hears that nobody is there any more.
        while !matches!(poll(&mut [PollFd::new(&watched, PollFlags::empty())], None), Ok(1..)) {}
        thread::sleep(LAST_WORDS);
        // Whatever the library has started ends as well. Nothing of it is asked to end in order: it may hang there too.
        let _ = kill_process_group(getpid(), Signal::KILL);
        abort();
    })?;
    Ok(())
}
