//! The one door of a PIN or passphrase: a window of its own, a page no package has a hand in, one answer to one prompt.
//!
//! The page comes from a scheme of its own and Rust writes the facts into it, so nothing that runs in the main window
//! can read a secret or show another digest beside it.

use std::sync::{
    Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
    mpsc::{self, Receiver, Sender},
};
use std::time::Duration;

use rootward_core::{
    border::Failure,
    ports::{Prompt, PromptRequest, Secret, TouchRequest, Touching},
};
use tauri::{
    AppHandle, Manager, State, UriSchemeContext, WebviewWindow, Wry, http,
    ipc::{InvokeBody, Request},
};
use zeroize::Zeroizing;

use crate::{page, random, windows};

/// The header in which the page returns the id it was given.
const ID_HEADER: &str = "Rootward-Prompt";

/// How long a closed window may take to be gone.
const CLOSING: Duration = Duration::from_secs(5);

/// Opens the prompt window and waits for the one answer to it, or shows in it that a token waits for a touch.
#[derive(Default)]
pub struct Door {
    app: OnceLock<AppHandle>,
    doorway: Arc<Doorway>,
}

/// What stands in the one prompt window.
#[derive(Default)]
struct Doorway {
    /// Whether a prompt is open: people are asked one thing at a time.
    taken: Mutex<bool>,
    left: Condvar,
    open: Mutex<Option<Open>>,
}

/// The right to fill the prompt window, until dropped.
struct Turn(Arc<Doorway>);

impl Turn {
    fn wait(doorway: &Arc<Doorway>) -> Self {
        let taken = doorway.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let free = doorway.left.wait_while(taken, |taken| *taken);
        *free.unwrap_or_else(PoisonError::into_inner) = true;
        Turn(doorway.clone())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.open.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.left.notify_one();
    }
}

/// A prompt that waits for its answer.
struct Open {
    id: String,
    /// It may show a secret that was made up.
    page: Arc<Zeroizing<Vec<u8>>>,
    events: Sender<Event>,
    answered: bool,
}

enum Event {
    Typed(Secret),
    SteppedAway,
    Gone,
}

impl Door {
    /// Hangs the door into the running program; a prompt before that finds nobody to ask.
    pub fn hang(&self, app: AppHandle) {
        self.app.get_or_init(|| app);
    }

    /// Tells the prompt that its window is gone.
    pub fn window_gone(&self) {
        if let Some(open) = &*self.open() {
            let _ = open.events.send(Event::Gone);
        }
    }

    /// Takes an answer to the open prompt, once. `None` says that the person stepped away.
    /// Refuses an id that is not the open prompt's, or was used before.
    fn take(&self, id: &str, secret: Option<Secret>) -> Result<(), Failure> {
        let mut open = self.open();
        let open = open
            .as_mut()
            .filter(|open| open.id == id && !id.is_empty() && !open.answered);
        let Some(open) = open else {
            return Err(Failure::interruption(
                "prompt-closed",
                "This prompt was answered or closed before.",
            ));
        };
        open.answered = true;
        let event = secret.map_or(Event::SteppedAway, Event::Typed);
        open.events.send(event).map_err(|_| stepped_away())
    }

    /// Opens the window, with a secret to show if there is one, and waits for what is typed.
    fn answered(&self, request: &PromptRequest, shown: Option<&Secret>) -> Result<Secret, Failure> {
        let _turn = Turn::wait(&self.doorway);
        let app = self.app.get().ok_or_else(stepped_away)?;
        let id = random::hex::<16>();
        let page = match shown {
            None => Zeroizing::new(page::filled(request, &id)),
            Some(secret) => page::showing(request, &id, secret).ok_or_else(stepped_away)?,
        };
        let heard = self.fill(id, page);
        let opened = windows::open_prompt(app, &page::title(request));
        let answer = match &opened {
            Ok(_) => heard.recv().unwrap_or(Event::Gone),
            Err(error) => {
                tracing::error!(%error, "the prompt window did not open");
                Event::Gone
            }
        };
        if let (Ok(window), false) = (opened, matches!(answer, Event::Gone)) {
            // The label is free for the next prompt only when the window is gone.
            let closing = window.destroy();
            wait_until_gone(&heard, closing);
        }
        match answer {
            Event::Typed(secret) => Ok(secret),
            Event::SteppedAway | Event::Gone => Err(stepped_away()),
        }
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.doorway.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a page into the doorway and hears what becomes of it.
    fn fill(&self, id: String, page: Zeroizing<Vec<u8>>) -> Receiver<Event> {
        let (events, heard) = mpsc::channel();
        *self.open() = Some(Open {
            id,
            page: Arc::new(page),
            events,
            answered: false,
        });
        heard
    }
}

impl Prompt for Door {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        self.answered(request, None)
    }

    /// A person proves by typing it back that they have written it down.
    fn agree(&self, request: &PromptRequest, proposed: &Secret) -> Result<Secret, Failure> {
        let mut request = request.clone();
        loop {
            let typed = self.answered(&request, Some(proposed))?;
            if typed.expose() == proposed.expose() {
                return Ok(typed);
            }
            request.notice = Some("That is not what is shown. Nothing has changed on the device yet.".into());
        }
    }

    fn touch(&self, request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        let turn = Turn::wait(&self.doorway);
        let app = self.app.get().ok_or_else(stepped_away)?;
        // No id: there is nothing to answer.
        let heard = self.fill(String::new(), Zeroizing::new(page::awaiting(request)));
        match windows::open_prompt(app, &page::touch_title(request)) {
            Ok(window) => Ok(Box::new(Awaiting {
                window,
                heard: Mutex::new(heard),
                _turn: turn,
            })),
            Err(error) => {
                tracing::error!(%error, "the prompt window did not open");
                Err(stepped_away())
            }
        }
    }
}

/// The window that says a touch is awaited. Whoever closes it hides it; the token waits all the same.
struct Awaiting {
    window: WebviewWindow,
    heard: Mutex<Receiver<Event>>,
    _turn: Turn,
}

impl Touching for Awaiting {}

impl Drop for Awaiting {
    fn drop(&mut self) {
        let heard = self.heard.get_mut().unwrap_or_else(PoisonError::into_inner);
        let gone = heard.try_iter().any(|event| matches!(event, Event::Gone));
        if !gone {
            let closing = self.window.destroy();
            wait_until_gone(heard, closing);
        }
    }
}

fn wait_until_gone(heard: &Receiver<Event>, closing: tauri::Result<()>) {
    if let Err(error) = closing {
        tracing::warn!(%error, "the prompt window did not close");
        return;
    }
    while let Ok(event) = heard.recv_timeout(CLOSING) {
        if matches!(event, Event::Gone) {
            return;
        }
    }
}

fn stepped_away() -> Failure {
    Failure::interruption("prompt-closed", "The prompt was closed without an answer.")
}

/// Takes what was typed into the prompt window: raw bytes, never JSON. No body says that the person stepped away.
#[tauri::command]
pub fn answer(door: State<'_, Arc<Door>>, request: Request<'_>) -> Result<(), Failure> {
    let id = request.headers().get(ID_HEADER).and_then(|id| id.to_str().ok());
    let secret = match request.body() {
        InvokeBody::Raw(bytes) => Some(Secret::new(Zeroizing::new(bytes.clone()))),
        InvokeBody::Json(_) => None,
    };
    door.take(id.unwrap_or_default(), secret)
}

/// Serves the prompt's page and its three kinds of parts to the prompt window, and nothing to any other.
pub fn serve(context: UriSchemeContext<'_, Wry>, request: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
    let door = context.app_handle().state::<Arc<Door>>();
    let page = door.open().as_ref().map(|open| open.page.clone());
    let part = match (context.webview_label(), page) {
        (windows::PROMPT, Some(page)) => page::part(request.uri().path(), &page),
        _ => None,
    };
    let (status, kind, bytes) = match part {
        Some((kind, bytes)) => (http::StatusCode::OK, kind, bytes),
        None => (http::StatusCode::NOT_FOUND, "text/plain", Vec::new()),
    };
    http::Response::builder()
        .status(status)
        .header(http::header::CONTENT_TYPE, kind)
        .header(http::header::CONTENT_SECURITY_POLICY, page::POLICY)
        .header(http::header::CACHE_CONTROL, "no-store")
        .header(http::header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(bytes)
        .expect("every header is a constant of ours")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(door: &Door) -> Receiver<Event> {
        door.fill("a1".into(), Zeroizing::default())
    }

    fn secret(text: &str) -> Option<Secret> {
        Some(Secret::new(Zeroizing::new(text.into())))
    }

    fn typed(heard: &Receiver<Event>) -> Option<Vec<u8>> {
        match heard.try_recv() {
            Ok(Event::Typed(secret)) => Some(secret.expose().to_vec()),
            _ => None,
        }
    }

    #[test]
    fn an_answer_is_taken_once() {
        let door = Door::default();
        let heard = open(&door);
        assert!(door.take("a1", secret("practice")).is_ok());
        assert_eq!(typed(&heard).as_deref(), Some(b"practice".as_slice()));
        let again = door.take("a1", secret("practice")).unwrap_err();
        assert_eq!((again.code.as_str(), typed(&heard)), ("prompt-closed", None));
    }

    #[test]
    fn an_answer_to_another_prompt_or_to_none_is_refused() {
        let door = Door::default();
        assert!(door.take("", secret("practice")).is_err());
        let heard = open(&door);
        for id in ["", "a", "a1 ", "A1", "a2"] {
            assert!(door.take(id, secret("practice")).is_err(), "{id}");
        }
        assert_eq!(typed(&heard), None);
        assert!(
            door.take("a1", secret("practice")).is_ok(),
            "the prompt itself is still open"
        );
    }

    #[test]
    fn a_closed_window_and_a_person_who_steps_away_are_one_interruption() {
        let door = Door::default();
        let heard = open(&door);
        door.window_gone();
        assert!(matches!(heard.try_recv(), Ok(Event::Gone)));
        assert!(door.take("a1", None).is_ok());
        assert!(matches!(heard.try_recv(), Ok(Event::SteppedAway)));
        assert!(
            door.ask(&PromptRequest {
                key: "officer-1.pem".into(),
                practice: true,
                ..PromptRequest::default()
            })
            .is_err_and(|failure| failure.code == "prompt-closed"),
            "nobody can be asked before there is a window"
        );
        assert!(door.touch(&TouchRequest::default()).is_err(), "nor told");
    }

    #[test]
    fn nothing_answers_a_page_that_asks_for_a_touch() {
        let door = Door::default();
        let heard = door.fill(String::new(), Zeroizing::default());
        assert!(door.take("", secret("practice")).is_err());
        assert_eq!(typed(&heard), None);
    }

    #[test]
    fn the_next_prompt_waits_for_its_turn() {
        let door = Door::default();
        let first = Turn::wait(&door.doorway);
        let (sender, receiver) = mpsc::channel();
        let doorway = door.doorway.clone();
        let second = std::thread::spawn(move || {
            let turn = Turn::wait(&doorway);
            let _ = sender.send(());
            drop(turn);
        });
        assert!(receiver.recv_timeout(Duration::from_millis(50)).is_err());
        drop(first);
        assert!(receiver.recv_timeout(CLOSING).is_ok());
        assert!(second.join().is_ok());
    }
}
