//! The smart card service: which readers hold a YubiKey, and when that changes.
//!
//! Readers are told apart by their name alone, so that no other card is ever spoken to.

use std::{
    collections::BTreeMap,
    ffi::CString,
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
    time::Duration,
};

use pcsc::{Context, Error, PNP_NOTIFICATION, ReaderState, Scope, State};

use crate::ports::Failure;

/// How long the watch waits at most for the service to say that something changed.
const WATCH: Duration = Duration::from_millis(1500);

/// How often an absent service is looked for.
const RETRY: Duration = Duration::from_secs(1);

/// A reader with a YubiKey in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plugged {
    pub(super) reader: String,
    /// Grows with every plugging in and out.
    pub(super) events: u32,
}

/// Every reader with a YubiKey in it; fails with `token-service-missing`.
pub(super) fn plugged() -> Result<Vec<Plugged>, Failure> {
    let context = Context::establish(Scope::System).map_err(missing)?;
    let mut states = match unseen(&context) {
        Ok(states) => states,
        Err(Error::NoReadersAvailable) => return Ok(Vec::new()),
        Err(error) => return Err(missing(error)),
    };
    match context.get_status_change(Duration::ZERO, &mut states) {
        Ok(()) => Ok(present(&states)),
        Err(Error::Timeout | Error::UnknownReader | Error::NoReadersAvailable) => Ok(Vec::new()),
        Err(error) => Err(missing(error)),
    }
}

/// Whether a YubiKey is in the reader. One pulled out may seem to be there for a moment, so an answer of yes takes long.
pub(super) fn stays_plugged(reader: &str) -> bool {
    for _ in 0..8 {
        let there = plugged().is_ok_and(|plugged| plugged.iter().any(|plugged| plugged.reader == reader));
        if !there {
            return false;
        }
        thread::sleep(Duration::from_millis(100));
    }
    true
}

/// What an error of the service itself means.
pub(super) fn missing(error: Error) -> Failure {
    let message = match error {
        Error::NoAccess | Error::SecurityViolation => {
            "the smart card service lets this program see no token".to_owned()
        }
        error => format!("the smart card service does not answer: {error}"),
    };
    Failure::fault("token-service-missing", message)
}

/// Who is told of changes.
pub(super) type Listener = Mutex<Box<dyn Fn() + Send>>;

/// Watches on a thread of its own until the listener is gone.
pub(super) fn watch(listener: &Arc<Listener>) {
    let listener = Arc::downgrade(listener);
    let started = thread::Builder::new()
        .name("token watch".into())
        .spawn(move || watch_for(&listener));
    if let Err(error) = started {
        tracing::warn!(%error, "tokens are not watched");
    }
}

/// What is plugged in; `None` without a service.
type Seen = Option<BTreeMap<String, u32>>;

fn watch_for(listener: &Weak<Listener>) {
    let mut seen: Option<Seen> = None;
    loop {
        let context = Context::establish(Scope::System).ok();
        if context.is_none() && !told(listener, &mut seen, None) {
            return;
        }
        let Some(context) = context else {
            thread::sleep(RETRY);
            continue;
        };
        // Until the service fails; then it is looked for anew.
        while let Ok(now) = look(&context) {
            if !told(listener, &mut seen, Some(now)) {
                return;
            }
            if wait(&context).is_err() {
                break;
            }
        }
    }
}

/// Tells of a change; `false` when nobody listens any more.
fn told(listener: &Weak<Listener>, seen: &mut Option<Seen>, now: Seen) -> bool {
    let Some(listener) = listener.upgrade() else {
        return false;
    };
    if seen.as_ref().is_some_and(|seen| *seen != now) {
        listener.lock().unwrap_or_else(PoisonError::into_inner)();
    }
    *seen = Some(now);
    true
}

fn look(context: &Context) -> Result<BTreeMap<String, u32>, Error> {
    let mut states = match unseen(context) {
        Ok(states) => states,
        Err(Error::NoReadersAvailable) => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    match context.get_status_change(Duration::ZERO, &mut states) {
        Ok(()) | Err(Error::Timeout | Error::UnknownReader) => {}
        Err(error) => return Err(error),
    }
    let plugged = present(&states).into_iter();
    Ok(plugged.map(|plugged| (plugged.reader, plugged.events)).collect())
}

/// Waits for a reader or card to come or go, a while at most.
fn wait(context: &Context) -> Result<(), Error> {
    let mut states = match unseen(context) {
        Ok(states) => states,
        Err(Error::NoReadersAvailable) => Vec::new(),
        Err(error) => return Err(error),
    };
    match context.get_status_change(Duration::ZERO, &mut states) {
        Ok(()) | Err(Error::Timeout | Error::UnknownReader | Error::NoReadersAvailable) => {}
        Err(error) => return Err(error),
    }
    for state in &mut states {
        state.sync_current_state();
    }
    states.push(ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE));
    match context.get_status_change(WATCH, &mut states) {
        Ok(()) | Err(Error::Timeout | Error::UnknownReader) => Ok(()),
        Err(error) => Err(error),
    }
}

fn unseen(context: &Context) -> Result<Vec<ReaderState>, Error> {
    let names = context.list_readers_owned()?.into_iter();
    let ours = names.filter(|name: &CString| is_yubikey(&name.to_string_lossy()));
    let states: Vec<_> = ours.map(|name| ReaderState::new(name, State::UNAWARE)).collect();
    if states.is_empty() {
        return Err(Error::NoReadersAvailable);
    }
    Ok(states)
}

fn is_yubikey(reader: &str) -> bool {
    reader.to_ascii_lowercase().contains("yubi")
}

fn present(states: &[ReaderState]) -> Vec<Plugged> {
    let present = states
        .iter()
        .filter(|state| state.event_state().contains(State::PRESENT));
    present
        .map(|state| Plugged {
            reader: state.name().to_string_lossy().into_owned(),
            events: state.event_count(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_readers_that_say_yubikey_are_spoken_to() {
        assert!(is_yubikey("Yubico YubiKey OTP+FIDO+CCID 00 00") && is_yubikey("Yubico Yubikey 4 CCID"));
        for other in [
            "Virtual PCD 00 00",
            "ACS ACR122U 00 00",
            "Nitrokey Nitrokey 3 00 00",
            "",
        ] {
            assert!(!is_yubikey(other), "{other}");
        }
    }

    #[test]
    fn a_listener_hears_changes_only_and_nothing_after_it_is_gone() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let heard = Arc::new(AtomicUsize::new(0));
        let count = heard.clone();
        let changed: Box<dyn Fn() + Send> = Box::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        let listener: Arc<Listener> = Arc::new(Mutex::new(changed));
        let weak = Arc::downgrade(&listener);
        let mut seen = None;
        let with = |events| Some(BTreeMap::from([("YubiKey".to_owned(), events)]));
        for (now, expected) in [
            (None, 0),
            (None, 0),
            (Some(BTreeMap::new()), 1),
            (with(1), 2),
            (with(1), 2),
            (with(3), 3),
            (None, 4),
        ] {
            assert!(told(&weak, &mut seen, now));
            assert_eq!(heard.load(Ordering::SeqCst), expected);
        }
        drop(listener);
        assert!(!told(&weak, &mut seen, with(9)));
    }
}
