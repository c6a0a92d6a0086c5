//! The one door a passphrase comes through: the terminal without echo, a file descriptor, or the environment when asked for.
//!
//! Secrets go into buffers that are wiped, and nowhere else.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rootward_core::{
    adapters::process,
    border::{Failure, visible},
    ports::{Prompt, PromptRequest, Secret},
};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::arguments::SecretArguments;

/// Where `--secrets-from-env` looks; the same lines as `--secrets`.
pub const VARIABLE: &str = "ROOTWARD_SECRETS";

const LONGEST: u64 = 1 << 20;

/// Opens the door that the arguments name. Must be called before any thread is started.
///
/// Fails with `bad-usage` when the secrets cannot be read.
pub fn open(arguments: &SecretArguments) -> Result<Arc<dyn Prompt>, Failure> {
    let usage = |why: String| Failure::fault("bad-usage", why);
    let text = if arguments.secrets_from_env {
        let taken = process::take_from_environment(VARIABLE);
        Some(taken.ok_or_else(|| usage(format!("expected secrets in the variable {VARIABLE}")))?)
    } else if let Some(descriptor) = arguments.secrets {
        let path = format!("/dev/fd/{descriptor}");
        let mut text = Zeroizing::new(Vec::new());
        let file =
            File::open(&path).map_err(|why| usage(format!("file descriptor {descriptor} cannot be read: {why}")))?;
        let read = file.take(LONGEST).read_to_end(&mut text);
        read.map_err(|why| usage(format!("file descriptor {descriptor} cannot be read: {why}")))?;
        Some(text)
    } else {
        None
    };
    Ok(match text {
        Some(text) => Arc::new(Listed::read(&text)?),
        None => Arc::new(OnTheTerminal),
    })
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

    /// A key is named as on the command line, by its path, or by its file's name.
    fn secret_of(&self, asked: &str) -> Option<&Zeroizing<Vec<u8>>> {
        let path = |key: &str| Path::new(key.strip_prefix("file:").unwrap_or(key)).to_path_buf();
        let whole = |key: &str| std::path::absolute(path(key)).unwrap_or_else(|_| path(key));
        let exactly = self
            .0
            .iter()
            .find(|(key, _)| key == asked || whole(key) == whole(asked));
        let by_name = || {
            self.0
                .iter()
                .find(|(key, _)| path(key).file_name() == Some(asked.as_ref()))
        };
        exactly.or_else(by_name).map(|(_, secret)| secret)
    }
}

impl Prompt for Listed {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        if let Some(notice) = &request.notice {
            // There is nobody to type another one.
            return Err(Failure::interruption(
                "wrong-passphrase",
                format!("{}: {notice}", request.key),
            ));
        }
        match self.secret_of(&request.key) {
            Some(secret) => Ok(Secret::new(secret.clone())),
            None => {
                let message = format!("the secrets given have none for {}", visible(&request.key));
                Err(Failure::interruption("prompt-closed", message))
            }
        }
    }
}

/// A person at the terminal.
struct OnTheTerminal;

impl Prompt for OnTheTerminal {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        let closed = |why: String| Failure::interruption("prompt-closed", why);
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty");
        let terminal = terminal.map_err(|why| {
            closed(format!(
                "there is no terminal to ask for a passphrase on ({why}); see --secrets"
            ))
        })?;
        let mut out = &terminal;
        let asked = question(request);
        write!(out, "{asked}").map_err(|why| closed(why.to_string()))?;
        let silence = Silence::begin(&terminal)
            .map_err(|why| closed(format!("the terminal's echo cannot be turned off: {why}")))?;
        let line = read_line(&terminal);
        drop(silence);
        let _ = writeln!(out);
        match line.map_err(|why| closed(why.to_string()))? {
            Some(line) => Ok(Secret::new(line)),
            None => Err(closed("the terminal was closed".into())),
        }
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
    text.push_str(&format!(
        "{} · {} v{}\n{}\n",
        visible(&request.repository),
        visible(&request.role),
        request.version,
        visible(&request.change)
    ));
    if !request.digest.is_empty() {
        text.push_str(&format!("digest begins {}\n", visible(&request.digest)));
    }
    text.push_str(&format!("Passphrase of {}: ", visible(&request.key)));
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
mod tests {
    use super::*;

    fn asked(key: &str, notice: Option<&str>) -> PromptRequest {
        PromptRequest {
            repository: "demo".into(),
            role: "root".into(),
            version: 2,
            change: "Replace officer-3 by officer-4 in root of demo".into(),
            key: key.into(),
            digest: "4f1c 9a20".into(),
            notice: notice.map(str::to_owned),
            practice: false,
        }
    }

    #[test]
    fn a_secret_is_found_by_the_keys_name_or_path_and_asked_for_once() {
        let listed =
            Listed::read(b"file:keys/officer-1.pem\tone two\tthree\r\nofficer-2.pem\tzwei\n\n").expect("lines");
        for (key, secret) in [
            ("officer-1.pem", "one two\tthree"),
            ("file:keys/officer-1.pem", "one two\tthree"),
            ("officer-2.pem", "zwei"),
        ] {
            assert_eq!(
                listed.ask(&asked(key, None)).expect("a secret").expose(),
                secret.as_bytes(),
                "{key}"
            );
        }
        assert_eq!(
            listed.ask(&asked("officer-3.pem", None)).err().expect("none").code,
            "prompt-closed"
        );
        assert_eq!(
            listed
                .ask(&asked("officer-1.pem", Some("wrong")))
                .err()
                .expect("again")
                .code,
            "wrong-passphrase"
        );
    }

    #[test]
    fn a_line_without_a_tab_is_refused_without_showing_it() {
        let failure = Listed::read(b"hunter2\n").err().expect("refused");
        assert!(!failure.message.contains("hunter2"));
    }
}
