//! Accounts on servers: whose password is asked for, and that it is asked for once while the program runs.
//!
//! A password is kept in memory that is wiped, goes to the server it was asked for or to the place that server names, over
//! HTTPS or to this machine, and is written nowhere.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use reqwest::{Url, header::HeaderValue};
use rootward_tuf::encoding::base64;
use tokio::sync::Mutex as Turn;
use zeroize::Zeroizing;

use crate::ports::{Failure, Prompt, PromptRequest, Secret, Wanted};

/// Wrong passwords that are asked for again.
pub(super) const TRIES: usize = 3;

/// What is known of every account so far.
#[derive(Default)]
pub struct Accounts {
    prompt: Option<Arc<dyn Prompt>>,
    known: Mutex<HashMap<Name, Arc<Turn<Known>>>>,
}

/// One name on one server.
pub(super) struct Account {
    accounts: Arc<Accounts>,
    name: Name,
    repository: String,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Name {
    /// Scheme, host and port.
    server: String,
    user: String,
}

#[derive(Default)]
enum Known {
    #[default]
    Nothing,
    Password(Arc<Secret>),
    /// The person closed the question; only what they ask for themselves asks again.
    Declined,
}

impl Accounts {
    /// Asks `prompt` for passwords.
    pub fn asking(prompt: Arc<dyn Prompt>) -> Self {
        Accounts {
            prompt: Some(prompt),
            known: Mutex::default(),
        }
    }
}

impl Account {
    pub(super) fn new(accounts: &Arc<Accounts>, server: &Url, user: &str, repository: &str) -> Self {
        Account {
            accounts: accounts.clone(),
            name: Name {
                server: server.origin().ascii_serialization(),
                user: user.to_owned(),
            },
            repository: repository.to_owned(),
        }
    }

    pub(super) fn user(&self) -> &str {
        &self.name.user
    }

    /// The password, asked for when nobody has given it yet.
    ///
    /// `wrong` is one that was just refused. Fails with `prompt-closed`, and with `unauthorized` where nobody can be
    /// asked; what only reads (`is_asked_for` is false) does not ask somebody who has declined already.
    pub(super) async fn password(
        &self,
        is_asked_for: bool,
        wrong: Option<&Arc<Secret>>,
    ) -> Result<Arc<Secret>, Failure> {
        let turn = {
            let mut known = self.accounts.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(self.name.clone()).or_default().clone()
        };
        // Whoever comes second waits for the answer the first one gets.
        let mut known = turn.lock().await;
        match &*known {
            Known::Password(secret) if wrong.is_none_or(|wrong| !Arc::ptr_eq(wrong, secret)) => {
                return Ok(secret.clone());
            }
            Known::Declined if !is_asked_for => {
                return Err(self.unauthorized("the question for the password was closed before"));
            }
            Known::Nothing | Known::Declined | Known::Password(_) => {}
        }
        match self.ask(wrong.is_some()).await {
            Ok(secret) => {
                let secret = Arc::new(secret);
                *known = Known::Password(secret.clone());
                Ok(secret)
            }
            Err(failure) => {
                *known = Known::Declined;
                Err(failure)
            }
        }
    }

    /// Forgets a password that was wrong, so that the next wish asks afresh.
    pub(super) async fn forget(&self) {
        let turn = {
            let mut known = self.accounts.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(self.name.clone()).or_default().clone()
        };
        *turn.lock().await = Known::Nothing;
    }

    /// The failure of three wrong passwords.
    pub(super) fn wrong_password(&self) -> Failure {
        let Name { server, user } = &self.name;
        let message = format!("{server} does not take the password of {user}: it was wrong {TRIES} times");
        Failure::interruption("wrong-password", message)
            .with("server", server)
            .with("user", user)
    }

    fn unauthorized(&self, why: &str) -> Failure {
        let Name { server, user } = &self.name;
        Failure::fault("unauthorized", format!("{server} wants {user} to sign in: {why}"))
            .with("server", server)
            .with("user", user)
    }

    async fn ask(&self, was_wrong: bool) -> Result<Secret, Failure> {
        let Some(prompt) = self.accounts.prompt.clone() else {
            return Err(self.unauthorized("nobody can be asked for a password here"));
        };
        let Name { server, user } = &self.name;
        let host = server.split_once("://").map_or(server.as_str(), |(_, host)| host);
        let request = PromptRequest {
            repository: self.repository.clone(),
            change: format!("Sign in to {server} as {user}"),
            key: format!("{user}@{host}"),
            notice: was_wrong.then(|| "The server did not take this password.".to_owned()),
            wants: Wanted::Password,
            ..PromptRequest::default()
        };
        let asked = tokio::task::spawn_blocking(move || prompt.ask(&request)).await;
        asked.unwrap_or_else(|error| Err(Failure::fault("panicked", error.to_string())))
    }
}

/// Name and password as HTTP's Basic scheme sends them.
pub(super) fn basic(user: &str, password: &Secret) -> Option<HeaderValue> {
    let mut pair = Zeroizing::new(Vec::with_capacity(user.len() + 1 + password.expose().len()));
    pair.extend_from_slice(user.as_bytes());
    pair.push(b':');
    pair.extend_from_slice(password.expose());
    let text = Zeroizing::new(base64(&pair));
    let line = Zeroizing::new(format!("Basic {}", *text));
    let mut value = HeaderValue::from_str(&line).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_password_are_one_header_that_is_not_logged() {
        let password = Secret::new(b"open sesame".to_vec().into());
        let value = basic("Aladdin", &password).unwrap();
        assert_eq!(
            value.to_str().unwrap(),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            "RFC 2617, 2"
        );
        assert!(!format!("{value:?}").contains("QWx"));
    }
}
