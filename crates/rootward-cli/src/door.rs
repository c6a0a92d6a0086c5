//! The one door a passphrase or PIN comes through: the terminal without echo, a file descriptor, or the environment when asked for.
//!
//! Secrets go into buffers that are wiped, and nowhere else.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use rootward_core::{
    adapters::process,
    border::{Failure, visible},
    ports::{ModuleKey, ModuleToken, PinOf, Prompt, PromptRequest, Secret, TouchRequest, Touching, Wanted},
};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::arguments::SecretArguments;

/// Where `--secrets-from-env` looks; the same lines as `--secrets`.
pub const VARIABLE: &str = "ROOTWARD_SECRETS";

/// Before KEY in the lines: the passphrase that a copy of the key gets.
const NEW: &str = "new:";

/// No list of secrets is longer.
const LONGEST: usize = 1 << 20;

/// Opens the door that the arguments name. Must be called before any thread is started.
///
/// Fails with `bad-usage` when the secrets cannot be read.
pub fn open(arguments: &SecretArguments) -> Result<Arc<dyn Prompt>, Failure> {
    let usage = |why: String| Failure::fault("bad-usage", why);
    let text = if arguments.secrets_from_env {
        let taken = process::take_from_environment(VARIABLE);
        Some(taken.ok_or_else(|| usage(format!("expected secrets in the variable {VARIABLE}")))?)
    } else if let Some(descriptor) = arguments.secrets {
        let read = File::open(format!("/dev/fd/{descriptor}")).and_then(read_all);
        Some(read.map_err(|why| usage(format!("file descriptor {descriptor} cannot be read: {why}")))?)
    } else {
        None
    };
    Ok(match text {
        Some(text) => Arc::new(Listed::read(&text)?),
        None => Arc::new(OnTheTerminal),
    })
}

/// Reads everything into one buffer that never grows, so that no copy of a secret is left behind.
///
/// Fails with [`io::ErrorKind::FileTooLarge`] when there is more than [`LONGEST`].
fn read_all(mut source: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(vec![0; LONGEST + 1]);
    let mut filled = 0;
    while filled <= LONGEST {
        match source.read(&mut text[filled..]) {
            Ok(0) => {
                text.truncate(filled);
                return Ok(text);
            }
            Ok(count) => filled += count,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    let why = format!("expected at most {LONGEST} bytes of secrets");
    Err(io::Error::new(io::ErrorKind::FileTooLarge, why))
}

/// Secrets by key: lines `KEY<TAB>secret`.
struct Listed(Vec<(String, Zeroizing<Vec<u8>>)>);

impl Listed {
    fn read(text: &[u8]) -> Result<Self, Failure> {
        let mut listed = Vec::new();
        for (place, line) in text.split(|&byte| byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            // The line itself is never shown: it may be nothing but a secret.
            let wrong = || {
                Failure::fault(
                    "bad-usage",
                    format!("line {} of the secrets: expected KEY, a tab and its secret", place + 1),
                )
            };
            let tab = line.iter().position(|&byte| byte == b'\t').ok_or_else(wrong)?;
            let key = std::str::from_utf8(&line[..tab]).map_err(|_| wrong())?;
            listed.push((key.to_owned(), Zeroizing::new(line[tab + 1..].to_vec())));
        }
        Ok(Listed(listed))
    }

    /// What a request asks for, if it is listed.
    ///
    /// A PIN is its token's: `yubikey:SERIAL`, or any slot of it. A management key is slot 9b's.
    fn answer(&self, request: &PromptRequest) -> Option<&Zeroizing<Vec<u8>>> {
        if let Some(token) = &request.module_token {
            return self.pin_of(token, request.wants);
        }
        let Some(at) = request.token else {
            return self.secret_of(&request.key, matches!(request.wants, Wanted::NewPassphrase { .. }));
        };
        let names = match request.wants {
            Wanted::ManagementKey => vec![format!("yubikey:{}/9b", at.serial)],
            Wanted::NewTokenPin { .. } => vec![format!("{NEW}yubikey:{}", at.serial)],
            Wanted::NewPuk => vec![format!("{NEW}yubikey:{}/puk", at.serial)],
            _ => vec![format!("yubikey:{at}"), format!("yubikey:{}", at.serial)],
        };
        let named = |name: &String| self.0.iter().find(|(key, _)| key == name);
        names.iter().find_map(named).map(|(_, secret)| secret)
    }

    /// A module's token is named `pkcs11:MODULE:TOKEN-LABEL`, or by any key in it; for its SO PIN with `;so` behind it.
    fn pin_of(&self, token: &ModuleToken, wants: Wanted) -> Option<&Zeroizing<Vec<u8>>> {
        let is_so = matches!(
            wants,
            Wanted::SoPin
                | Wanted::NewTokenPin {
                    of: PinOf::SecurityOfficer,
                    ..
                }
        );
        let names = |key: &str| {
            let named = key.strip_prefix("pkcs11:")?;
            let (named, for_so) = match named.strip_suffix(";so") {
                Some(named) => (named, true),
                None => (named, false),
            };
            let read = ModuleToken::parse(named).or_else(|| ModuleKey::parse(named).map(|key| key.token))?;
            let is_it = read.module == token.module
                && read.label == token.label
                && (read.serial.is_none() || read.serial == token.serial);
            (is_it && for_so == is_so).then_some(())
        };
        let found = self.0.iter().find(|(key, _)| names(key).is_some());
        found.map(|(_, secret)| secret)
    }

    /// A key is named as on the command line, by its path, or by its file's name; its new passphrase so behind `new:`.
    fn secret_of(&self, asked: &str, is_new: bool) -> Option<&Zeroizing<Vec<u8>>> {
        let path = |key: &str| Path::new(key.strip_prefix("file:").unwrap_or(key)).to_path_buf();
        let whole = |key: &str| std::path::absolute(path(key)).unwrap_or_else(|_| path(key));
        let listed = || {
            self.0.iter().filter_map(|(key, secret)| match key.strip_prefix(NEW) {
                Some(key) => is_new.then_some((key, secret)),
                None => (!is_new).then_some((key.as_str(), secret)),
            })
        };
        let exactly = listed().find(|(key, _)| *key == asked || whole(key) == whole(asked));
        let by_name = || listed().find(|(key, _)| path(key).file_name() == Some(asked.as_ref()));
        exactly.or_else(by_name).map(|(_, secret)| secret)
    }
}

impl Prompt for Listed {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        if let Some(notice) = &request.notice {
            // There is nobody to type another one.
            let code = match request.wants {
                Wanted::Pin { .. } | Wanted::SoPin => "wrong-pin",
                Wanted::ManagementKey => "wrong-management-key",
                Wanted::Password => "wrong-password",
                // What was given for it does not do.
                Wanted::NewTokenPin { .. } => "bad-usage",
                Wanted::Passphrase => "wrong-passphrase",
                Wanted::NewPassphrase { .. } => "passphrase-not-set",
                Wanted::NewPuk => {
                    return Err(Failure::refusal(
                        "new-secret-refused",
                        format!("{}: {notice}", request.key),
                    ));
                }
            };
            return Err(Failure::interruption(code, format!("{}: {notice}", request.key)));
        }
        if let Wanted::Pin { last_try: true, .. } = request.wants {
            let message = format!(
                "one try is left for {}; a person must want to use it",
                visible(&request.key)
            );
            return Err(Failure::interruption("last-try-declined", message));
        }
        match self.answer(request) {
            Some(secret) => Ok(Secret::new(secret.clone())),
            None => {
                let (what, key) = (kind(request.wants), visible(&request.key));
                let message = format!("the secrets given have no {what} for {key}");
                Err(Failure::interruption("prompt-closed", message))
            }
        }
    }

    /// A script chooses for itself: there is nobody to show anything to.
    fn agree(&self, request: &PromptRequest, _: &Secret) -> Result<Secret, Failure> {
        self.ask(request)
    }

    /// Whoever gave the secrets in advance may still be there to touch the device.
    fn touch(&self, request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        let stream = Box::new(std::io::stderr());
        Ok(Box::new(Countdown::begin(request, stream, false)))
    }
}

/// A person at the terminal.
struct OnTheTerminal;

impl Prompt for OnTheTerminal {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        let closed = |why: String| Failure::interruption("prompt-closed", why);
        let terminal = terminal().map_err(|why| {
            closed(format!(
                "there is no terminal to ask for a {} on ({why}); see --secrets",
                kind(request.wants)
            ))
        })?;
        let mut out = &terminal;
        let asked = question(request);
        if let Wanted::Pin { last_try: true, .. } = request.wants {
            write!(out, "{}", last_try(request)).map_err(|why| closed(why.to_string()))?;
            let sure = read_line(&terminal).map_err(|why| closed(why.to_string()))?;
            if sure.is_none_or(|sure| sure.trim_ascii() != SURE.as_bytes()) {
                let message = format!("the last try for {} was not used", visible(&request.key));
                return Err(Failure::interruption("last-try-declined", message));
            }
        }
        write!(out, "{asked}").map_err(|why| closed(why.to_string()))?;
        typed(&terminal)
    }

    /// A person proves by typing it back that they have written it down; then it is wiped off the screen.
    fn agree(&self, request: &PromptRequest, proposed: &Secret) -> Result<Secret, Failure> {
        let closed = |why: io::Error| Failure::interruption("prompt-closed", why.to_string());
        let terminal = terminal().map_err(|why| {
            let message = format!("there is no terminal to show a new secret on ({why}); see --secrets");
            Failure::interruption("prompt-closed", message)
        })?;
        let mut request = request.clone();
        loop {
            let mut out = &terminal;
            let asked = question(&request);
            // Two more lines: the secret, and the one that is typed on.
            let lines = asked.matches('\n').count() + 2;
            write!(out, "\n    ").map_err(closed)?;
            out.write_all(proposed.expose()).map_err(closed)?;
            write!(
                out,
                "   is shown this once: write it down, and keep it away from the device.{asked}"
            )
            .map_err(closed)?;
            let typed = typed(&terminal);
            write!(out, "\x1b[{lines}A\r\x1b[J").map_err(closed)?;
            let typed = typed?;
            if typed.expose() == proposed.expose() {
                return Ok(typed);
            }
            request.notice = Some("That is not what is shown. Nothing has changed on the device yet.".into());
        }
    }

    fn touch(&self, request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        let terminal = terminal().map_err(|why| {
            let message = format!("there is no terminal to say on that {} waits ({why})", request.device);
            Failure::interruption("prompt-closed", message)
        })?;
        Ok(Box::new(Countdown::begin(request, Box::new(terminal), true)))
    }
}

/// What a person types without seeing it.
fn typed(terminal: &File) -> Result<Secret, Failure> {
    let closed = |why: String| Failure::interruption("prompt-closed", why);
    let silence =
        Silence::begin(terminal).map_err(|why| closed(format!("the terminal's echo cannot be turned off: {why}")))?;
    let line = read_line(terminal);
    drop(silence);
    let _ = writeln!(&mut &*terminal);
    match line.map_err(|why| closed(why.to_string()))? {
        Some(line) => Ok(Secret::new(line)),
        None => Err(closed("the terminal was closed".into())),
    }
}

fn terminal() -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty")
}

/// What a person types who means to use the last try.
const SURE: &str = "last try";

fn last_try(request: &PromptRequest) -> String {
    format!(
        "\nOne try is left: if the next PIN is wrong, {} blocks itself until somebody has its PUK.\n\
         Type \"{SURE}\" to use it, anything else to stop: ",
        visible(&request.key)
    )
}

/// Counts down on the terminal while a token waits for a touch.
struct Countdown {
    /// Dropped to stop the counting.
    counting: Option<mpsc::Sender<()>>,
    counter: Option<JoinHandle<()>>,
}

impl Countdown {
    fn begin(request: &TouchRequest, mut stream: Box<dyn Write + Send>, counts: bool) -> Self {
        // A stream that cannot be written to has nobody at its end; the device still decides.
        let _ = stream.write_all(awaited(request).as_bytes());
        let _ = stream.flush();
        let (counting, stopped) = mpsc::channel();
        let seconds = if counts { request.seconds } else { 0 };
        let counter = thread::spawn(move || {
            let mut left = seconds;
            while left > 0 {
                let _ = write!(stream, "\r  {left:2} s left ").and_then(|()| stream.flush());
                match stopped.recv_timeout(Duration::from_secs(1)) {
                    Err(mpsc::RecvTimeoutError::Timeout) => left -= 1,
                    _ => break,
                }
            }
            if counts {
                let _ = stream.write_all(b"\r              \r");
            }
        });
        Countdown {
            counting: Some(counting),
            counter: Some(counter),
        }
    }
}

impl Touching for Countdown {}

impl Drop for Countdown {
    fn drop(&mut self) {
        self.counting = None;
        if let Some(counter) = self.counter.take() {
            let _ = counter.join();
        }
    }
}

fn awaited(request: &TouchRequest) -> String {
    let mut text = String::from("\n");
    if request.practice {
        text.push_str("Practice.\n");
    }
    let wanted = if request.types_pin { "Enter the PIN on" } else { "Touch" };
    text.push_str(&format!(
        "{wanted} {} now, within {} s: it signs {}",
        visible(&request.device),
        request.seconds,
        visible(&request.signs)
    ));
    if !request.digest.is_empty() {
        text.push_str(&format!(", digest begins {}", visible(&request.digest)));
    }
    text.push('\n');
    text
}

fn kind(wants: Wanted) -> &'static str {
    match wants {
        Wanted::Passphrase => "passphrase",
        Wanted::Pin { .. } => "PIN",
        Wanted::ManagementKey => "management key",
        Wanted::SoPin => "SO PIN",
        Wanted::Password => "password",
        Wanted::NewPassphrase { again: false } => "new passphrase",
        Wanted::NewPassphrase { again: true } => "the same new passphrase",
        Wanted::NewTokenPin { of, again } => match (of, again) {
            (PinOf::Officer, false) => "new PIN",
            (PinOf::Officer, true) => "new PIN again",
            (PinOf::SecurityOfficer, false) => "new SO PIN",
            (PinOf::SecurityOfficer, true) => "new SO PIN again",
        },
        Wanted::NewPuk => "new PUK, typed back,",
    }
}

fn question(request: &PromptRequest) -> String {
    let mut text = String::from("\n");
    if request.practice {
        text.push_str("Practice.\n");
    }
    if let Some(notice) = &request.notice {
        text.push_str(&format!("{}\n", visible(notice)));
    }
    if request.proves {
        text.push_str("A proof that this key works: no document is signed.\n");
    } else if !request.repository.is_empty() {
        text.push_str(&format!(
            "{} · {} v{}\n",
            visible(&request.repository),
            visible(&request.role),
            request.version
        ));
    }
    text.push_str(&format!("{}\n", visible(&request.change)));
    if !request.digest.is_empty() {
        text.push_str(&format!("digest begins {}\n", visible(&request.digest)));
    }
    for announced in &request.announces {
        text.push_str(&format!("then: {}\n", visible(announced)));
    }
    if let Wanted::Pin {
        tries_left: Some(left), ..
    } = request.wants
    {
        text.push_str(&match left {
            1 => "1 try left\n".to_owned(),
            _ => format!("{left} tries left\n"),
        });
    }
    let kind = kind(request.wants);
    let (first, rest) = kind.split_at(1);
    text.push_str(&format!(
        "{}{rest} of {}: ",
        first.to_uppercase(),
        visible(&request.key)
    ));
    text
}

/// Reads up to the end of the line into one buffer that never grows, so that no copy of a secret is left behind.
fn read_line(mut terminal: &File) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
    const LONGEST_SECRET: usize = 4096;
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_SECRET));
    let mut byte = Zeroizing::new([0]);
    loop {
        match terminal.read(&mut *byte)? {
            0 if line.is_empty() => return Ok(None),
            0 => return Ok(Some(line)),
            _ if byte[0] == b'\n' => return Ok(Some(line)),
            _ if line.len() < LONGEST_SECRET => line.push(byte[0]),
            _ => {}
        }
    }
}

/// What the terminal was like before its echo was turned off; an interruption puts it back.
static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

struct Silence;

impl Silence {
    fn begin(terminal: &File) -> std::io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent
            .local_modes
            .insert(LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some((terminal.try_clone()?, before));
        tcsetattr(terminal, OptionalActions::Flush, &silent)?;
        Ok(Silence)
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        restore_echo();
    }
}

/// Gives the terminal its echo back, if it was taken.
pub fn restore_echo() {
    if let Some((terminal, before)) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = tcsetattr(&terminal, OptionalActions::Now, &before);
    }
}

#[cfg(test)]
mod tests;
