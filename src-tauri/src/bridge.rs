//! The commands of the main window: a question or a wish goes to the desk, an answer comes back. Decides nothing.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, sync::Arc};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use rootward_core::{
    Rootward,
    adapters::logging::Logging,
    border::{Action, Failure, Notice, Outcome, Query, View},
};
use tauri::{AppHandle, Emitter, State};
use tokio::sync::broadcast::error::RecvError;

use crate::{files, random};

/// The desk, which may still be opening; every request waits for it, and hears why it could not be opened.
#[derive(Clone)]
pub struct Desk(Shared<BoxFuture<'static, Result<Opened, Failure>>>);

/// An open desk. What is logged is written to the end when the last of it is gone.
#[derive(Clone)]
pub struct Opened {
    pub rootward: Rootward,
    #[expect(dead_code, reason = "kept for being dropped last")]
    pub log: Arc<Logging>,
}

impl Desk {
    /// Starts to open the desk beside the window, since that reads and may write a whole practice estate.
    pub fn opening(open: impl Future<Output = Result<Opened, Failure>> + Send + 'static) -> Self {
        let opened = tauri::async_runtime::spawn(open)
            .map(|joined| joined.unwrap_or_else(|panic| Err(panicked("open", &panic.to_string()))));
        Desk(opened.boxed().shared())
    }

    /// The desk once it is open. Fails as opening failed, such as with `data-folder-locked`.
    pub async fn opened(&self) -> Result<Rootward, Failure> {
        self.0.clone().await.map(|opened| opened.rootward)
    }

    /// Why the desk could not be opened, if that is known by now.
    pub fn failure(&self) -> Option<Failure> {
        self.0.peek()?.as_ref().err().cloned()
    }
}

/// Answers a question of the main window.
#[tauri::command]
pub async fn query(desk: State<'_, Desk>, query: Query) -> Result<View, Failure> {
    let desk = desk.inner().clone();
    caught("query", async move { desk.opened().await?.query(query).await }).await
}

/// Does what the main window wishes. Secrets are asked for in the prompt window and never travel here.
#[tauri::command]
pub async fn act(app: AppHandle, desk: State<'_, Desk>, action: Action) -> Result<Outcome, Failure> {
    let desk = desk.inner().clone();
    caught("act", async move {
        match action {
            Action::Choose { what } => files::choose(&app, what).await,
            action => desk.opened().await?.act(action).await,
        }
    })
    .await
}

/// Tells the main window whatever the desk says unasked, until the desk is gone.
pub async fn forward_notices(app: AppHandle, desk: Desk) {
    let Ok(rootward) = desk.opened().await else { return };
    let mut notices = rootward.notices();
    drop(rootward);
    loop {
        let notice = match notices.recv().await {
            Ok(notice) => notice,
            // Some were missed, so anything may be stale.
            Err(RecvError::Lagged(_)) => Notice::EstateChanged,
            Err(RecvError::Closed) => return,
        };
        if let Err(error) = app.emit_to(crate::windows::MAIN, "notice", &notice) {
            tracing::warn!(%error, "a notice did not reach the window");
        }
    }
}

/// Turns a panic in one request into a fault with a reference; the next request finds everything as before.
async fn caught<T>(asked: &'static str, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(panicked(asked, text_of(&*panic))))
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

/// The fault of a request that panicked; the log has what happened under its reference.
pub fn panicked(asked: &'static str, text: &str) -> Failure {
    let reference = random::hex::<4>();
    tracing::error!(reference, asked, text, "a request panicked");
    Failure::fault(
        "panicked",
        format!("Rootward failed inside; the log names this {reference}."),
    )
    .with("reference", reference)
}

#[cfg(test)]
mod tests {
    use rootward_core::border::FailureKind;

    use super::*;

    #[test]
    fn a_panic_in_a_request_becomes_a_fault_with_a_reference() {
        let failure =
            tauri::async_runtime::block_on(caught::<()>("query", async { panic!("on purpose") })).unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Fault, "panicked"));
        assert_eq!(failure.details["reference"].len(), 8);
        assert!(!failure.message.contains("on purpose"), "{}", failure.message);
    }

    #[test]
    fn a_request_that_fails_without_a_panic_fails_as_it_says() {
        let refused = || Failure::refusal("not-ready", "expected a frozen draft");
        let failure = tauri::async_runtime::block_on(caught::<()>("act", async move { Err(refused()) })).unwrap_err();
        assert_eq!(failure, refused());
    }
}
