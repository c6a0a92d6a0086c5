//! The process a module is kept in, from outside: at most one per module, started when something is asked of it, asked over
//! pipes, killed when it does not answer in time. Whatever a vendor's code does, it does there.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    os::{
        fd::AsFd,
        unix::process::{CommandExt, ExitStatusExt},
    },
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Mutex, PoisonError, TryLockError},
    thread,
    time::{Duration, Instant},
};

use super::{
    trouble::{self, Fate},
    wire::{self, ANSWER, Answer, Numbered, ReadError, Request},
};
use crate::ports::Failure;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    process::{Pid, Signal, kill_process_group},
};

/// A process without work is ended after this.
const IDLE: Duration = Duration::from_secs(5);

/// How long a process may take to end by itself.
const GRACE: Duration = Duration::from_millis(500);

/// How the process is started.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// This very program, which holds a module when it is started with [`super::WORD`].
    pub(super) path: PathBuf,
    /// Further variables of its environment.
    pub(super) variables: Vec<(OsString, OsString)>,
}

/// How long a module may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For telling what it holds.
    pub listing: Duration,
    /// For trying a PIN and for signing, where a person may have to touch the token.
    pub signing: Duration,
    /// For making a key or initialising a token: RSA in a small chip takes minutes.
    pub making: Duration,
    /// Between two looks at which tokens are there.
    pub looking: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            listing: Duration::from_secs(20),
            signing: Duration::from_secs(60),
            making: Duration::from_secs(300),
            // Longer than an idle process lives: each look finds what is there now, not what a library remembers.
            looking: Duration::from_secs(10),
        }
    }
}

/// What is told while an answer is awaited: after so long, once.
pub(super) struct Waiting<'a> {
    pub(super) after: Duration,
    pub(super) say: &'a mut dyn FnMut() -> Result<(), Failure>,
}

/// The place of one module's process.
pub(super) struct Cage {
    library: PathBuf,
    program: Program,
    running: Mutex<Option<Running>>,
}

struct Running {
    child: Child,
    /// `None` once it was told to end.
    to: Option<ChildStdin>,
    from: ChildStdout,
    number: u64,
    used: Instant,
}

/// An answer and its bytes.
pub(super) type Answered = (Answer, Vec<u8>);

impl Cage {
    pub(super) fn new(library: PathBuf, program: Program) -> Self {
        Cage {
            library,
            program,
            running: Mutex::default(),
        }
    }

    /// Asks the module, and waits for its answer or for `patience` to end.
    ///
    /// Fails with `module-crashed`, `module-hung`, `module-lied`, `module-unusable`, and as `waiting` does; the process is
    /// gone afterwards, and the next question starts another.
    pub(super) fn ask(
        &self,
        request: &Request,
        secret: &[u8],
        bytes: &[u8],
        patience: Duration,
        waiting: Option<Waiting<'_>>,
    ) -> Result<Answered, Failure> {
        let mut kept = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let alive = kept.take().and_then(Running::if_alive);
        let mut running = match alive {
            Some(running) => running,
            None => self.start()?,
        };
        let asked = running.ask(request, secret, bytes, patience, waiting);
        match asked {
            Ok(answered) => {
                running.used = Instant::now();
                *kept = Some(running);
                Ok(answered)
            }
            Err(Broken::Said(failure)) => {
                running.kill();
                Err(failure)
            }
            Err(Broken::Hung) => {
                running.kill();
                Err(trouble::of_module(&self.library, Fate::Hung(patience)))
            }
            Err(Broken::Nonsense(why)) => {
                running.kill();
                Err(trouble::of_module(&self.library, Fate::Lied(why)))
            }
            Err(Broken::Gone(why)) => {
                let how = running.end_of(&why);
                Err(trouble::of_module(&self.library, Fate::Crashed(how)))
            }
        }
    }

    /// Whether somebody is asking it right now.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.running.try_lock(), Err(TryLockError::WouldBlock))
    }

    /// Ends a process that nobody has asked for a while.
    pub(super) fn end_if_idle(&self) {
        if let Ok(mut kept) = self.running.try_lock()
            && kept.as_ref().is_some_and(|running| running.used.elapsed() >= IDLE)
        {
            *kept = None;
        }
    }

    fn start(&self) -> Result<Running, Failure> {
        let failed = |why: io::Error| {
            let why = format!("the process for {} cannot be started: {why}", self.library.display());
            Failure::fault("module-unusable", why).with("module", self.library.display().to_string())
        };
        let mut command = Command::new(&self.program.path);
        command
            .arg0("rootward")
            .arg(super::WORD)
            .arg(&self.library)
            .envs(self.program.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What a vendor's code prints is nobody's to read: it may hold a PIN.
            .stderr(Stdio::null())
            // Of a group of its own, so that a key pressed at our terminal does not reach it, and everything it starts
            // can be ended with it.
            .process_group(0);
        let mut child = command.spawn().map_err(failed)?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(io::Error::other("it has no pipes")));
        };
        for end in [to.as_fd(), from.as_fd()] {
            let flags = fcntl_getfl(end).map_err(|why| failed(why.into()))?;
            fcntl_setfl(end, flags | OFlags::NONBLOCK).map_err(|why| failed(why.into()))?;
        }
        Ok(Running {
            child,
            to: Some(to),
            from,
            number: 0,
            used: Instant::now(),
        })
    }
}

/// How a conversation broke off.
enum Broken {
    /// By us.
    Said(Failure),
    Hung,
    Nonsense(String),
    /// The other end is closed.
    Gone(String),
}

impl Running {
    fn if_alive(mut self) -> Option<Self> {
        matches!(self.child.try_wait(), Ok(None)).then_some(self)
    }

    fn ask(
        &mut self,
        request: &Request,
        secret: &[u8],
        bytes: &[u8],
        patience: Duration,
        waiting: Option<Waiting<'_>>,
    ) -> Result<Answered, Broken> {
        let end = Instant::now() + patience;
        self.number += 1;
        let numbered = Numbered {
            number: self.number,
            said: request,
        };
        let to = self
            .to
            .as_ref()
            .ok_or_else(|| Broken::Gone("it was told to end".into()))?;
        wire::write(&mut Timed { pipe: to, end }, &numbered, secret, bytes).map_err(gone)?;
        if let Some(waiting) = waiting {
            let sooner = end.min(Instant::now() + waiting.after);
            if !ready(&self.from, PollFlags::IN, sooner).map_err(gone)? {
                (waiting.say)().map_err(Broken::Said)?;
            }
        }
        let mut pipe = Timed { pipe: &self.from, end };
        let frame = wire::read::<Numbered<Answer>>(&mut pipe, ANSWER).map_err(|why| match why {
            ReadError::Ended => Broken::Gone("it ended".into()),
            ReadError::Io(why) => gone(why),
            ReadError::Nonsense(why) => Broken::Nonsense(why),
        })?;
        if frame.head.number != self.number {
            let why = format!("it answered question {}, asked was {}", frame.head.number, self.number);
            return Err(Broken::Nonsense(why));
        }
        match frame.head.said.tamed() {
            Some(Answer::Failed(wire::Trouble::Nonsense(why))) => Err(Broken::Nonsense(why)),
            Some(answer) => Ok((answer, frame.bytes)),
            None => Err(Broken::Nonsense(
                "it tells of more tokens and keys than there can be".into(),
            )),
        }
    }

    /// Ends it and all it has started.
    fn kill(&mut self) {
        if let Some(group) = Pid::from_raw(self.child.id().cast_signed()) {
            // It may have ended, or have left its group: then its own end is all there is.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// How a process ended that closed its pipe.
    fn end_of(mut self, why: &str) -> String {
        let status = self.waited_for(GRACE);
        self.kill();
        status.map_or_else(|| why.to_owned(), told)
    }

    fn waited_for(&mut self, time: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + time;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(5)),
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

/// It is told to end, so that it lets go of its tokens in order; if it does not, it is ended.
impl Drop for Running {
    fn drop(&mut self) {
        self.to = None;
        let _ = self.waited_for(GRACE);
        self.kill();
    }
}

/// `by signal 11 (SIGSEGV)`
fn told(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => {
            let name = match Signal::from_named_raw(signal) {
                Some(Signal::SEGV) => " (SIGSEGV)",
                Some(Signal::ABORT) => " (SIGABRT)",
                Some(Signal::BUS) => " (SIGBUS)",
                Some(Signal::ILL) => " (SIGILL)",
                Some(Signal::FPE) => " (SIGFPE)",
                Some(Signal::KILL) => " (SIGKILL)",
                _ => "",
            };
            format!("by signal {signal}{name}")
        }
        (None, Some(code)) => format!("with code {code}"),
        (None, None) => status.to_string(),
    }
}

fn gone(why: io::Error) -> Broken {
    match why.kind() {
        io::ErrorKind::TimedOut => Broken::Hung,
        _ => Broken::Gone(why.to_string()),
    }
}

/// A pipe that is waited for until `end` and no longer.
struct Timed<'a, P> {
    pipe: &'a P,
    end: Instant,
}

impl<P: AsFd> Timed<'_, P> {
    fn until_ready(&self, events: PollFlags) -> io::Result<()> {
        if ready(self.pipe, events, self.end)? {
            Ok(())
        } else {
            Err(io::ErrorKind::TimedOut.into())
        }
    }
}

impl<P: AsFd> Read for Timed<'_, P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.until_ready(PollFlags::IN)?;
            match rustix::io::read(self.pipe, &mut *buffer) {
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
                read => return Ok(read?),
            }
        }
    }
}

impl<P: AsFd> Write for Timed<'_, P> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        loop {
            self.until_ready(PollFlags::OUT)?;
            match rustix::io::write(self.pipe, buffer) {
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
                written => return Ok(written?),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until something can be done with a pipe, or is known to have ended; `false` when neither came in time.
fn ready(pipe: &impl AsFd, events: PollFlags, end: Instant) -> io::Result<bool> {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let left = Timespec {
            tv_sec: left.as_secs().cast_signed(),
            tv_nsec: left.subsec_nanos().into(),
        };
        match poll(&mut [PollFd::new(pipe, events)], Some(&left)) {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(rustix::io::Errno::INTR) => {}
            Err(why) => return Err(why.into()),
        }
    }
}
