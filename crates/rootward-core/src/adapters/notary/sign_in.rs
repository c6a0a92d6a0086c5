//! What is done about a 401: a token is fetched, as nobody in particular or under a name, or the password is sent.
//!
//! What a server asks for is read out of its challenge: `Bearer realm="R",service="S",scope="repository:GUN:pull"` wants a
//! token, which `GET R?service=S&scope=…` gives; `Basic` wants name and password. Both go over HTTPS or to this machine, and
//! nowhere else, whatever the challenge says.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::{Url, header::HeaderValue};
use serde::Deserialize;

use super::{
    accounts::{Account, TRIES, basic},
    answers,
};
use crate::{
    adapters::web::{Answer, Ask, Carrier, Wish, answered, is_loopback},
    ports::{Failure, Secret},
};

const LONGEST: u64 = 1 << 20;

/// What was let in last, for one source.
#[derive(Default)]
pub(super) struct Pass(Mutex<Option<HeaderValue>>);

/// What a server wants to see.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A token from this place.
    Token(Url),
    /// A token from a place that no password may be sent to, and no token believed from.
    Unsafe(String),
    Password,
}

#[derive(Deserialize)]
struct Given {
    token: Option<String>,
    access_token: Option<String>,
}

impl Pass {
    pub(super) fn shown(&self) -> Option<HeaderValue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn keep(&self, value: &HeaderValue) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value.clone());
    }
}

impl Challenge {
    /// Reads the `WWW-Authenticate` of a 401; `None` for any other answer, and when it asks for something we cannot give.
    pub(super) fn of(refused: &Answer) -> Option<Self> {
        if refused.status != 401 {
            return None;
        }
        let text = refused.challenge.as_deref()?;
        let (scheme, parameters) = text.split_once(' ').unwrap_or((text, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Challenge::Password);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let parameters = parameters_of(parameters);
        let find = |wanted: &str| {
            let found = parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            Some(found.1.as_str())
        };
        let mut url = Url::parse(find("realm")?).ok()?;
        let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
        if !is_safe || !url.username().is_empty() || url.password().is_some() {
            return Some(Challenge::Unsafe(url.origin().ascii_serialization()));
        }
        for name in ["service", "scope"] {
            if let Some(value) = find(name) {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        Some(Challenge::Token(url))
    }

    /// A token for nobody in particular: many registries let anybody read, but want a token all the same. `None` when
    /// there is none for nobody.
    pub(super) async fn as_nobody(&self, web: &dyn Carrier) -> Result<Option<HeaderValue>, Failure> {
        match self {
            Challenge::Token(url) => token(web, url, None).await,
            Challenge::Unsafe(_) | Challenge::Password => Ok(None),
        }
    }

    /// Signs in as `account`, asking for its password when it is not known. A server that takes passwords itself is
    /// asked at `ping` whether it takes this one.
    ///
    /// Fails with `prompt-closed`, `wrong-password` and `unauthorized`.
    pub(super) async fn as_account(
        &self,
        web: &dyn Carrier,
        account: &Account,
        is_asked_for: bool,
        ping: &Url,
    ) -> Result<HeaderValue, Failure> {
        if let Challenge::Unsafe(place) = self {
            let user = account.user();
            let message = format!("the server sends {user} to {place} to sign in: expected https://");
            return Err(Failure::fault("unauthorized", message).with("realm", place));
        }
        let mut wrong: Option<Arc<Secret>> = None;
        for _ in 0..TRIES {
            let password = account.password(is_asked_for, wrong.as_ref()).await?;
            if let Some(credentials) = basic(account.user(), &password)
                && let Some(pass) = self.exchange(web, account.user(), credentials, ping).await?
            {
                return Ok(pass);
            }
            wrong = Some(password);
        }
        account.forget().await;
        Err(account.wrong_password())
    }

    /// What lets in for a name and its password; `None` when the password is wrong.
    async fn exchange(
        &self,
        web: &dyn Carrier,
        user: &str,
        credentials: HeaderValue,
        ping: &Url,
    ) -> Result<Option<HeaderValue>, Failure> {
        if let Challenge::Token(url) = self {
            let mut url = url.clone();
            url.query_pairs_mut().append_pair("account", user);
            return token(web, &url, Some(&credentials)).await;
        }
        let ask = Ask {
            wish: Wish::ReadFresh,
            url: ping,
            authorization: Some(&credentials),
            limit: LONGEST,
        };
        let answer = web.carry(&ask).await?;
        Ok((answer.status != 401).then_some(credentials))
    }
}

/// Gets a token; `None` when the place wants somebody else.
async fn token(
    web: &dyn Carrier,
    url: &Url,
    authorization: Option<&HeaderValue>,
) -> Result<Option<HeaderValue>, Failure> {
    let ask = Ask {
        wish: Wish::ReadFresh,
        url,
        authorization,
        limit: LONGEST,
    };
    let answer = web.carry(&ask).await?;
    match answer.status {
        200 => {}
        401 => return Ok(None),
        403 if authorization.is_none() => return Ok(None),
        _ => return Err(answers::failure(&answer)),
    }
    let given: Given =
        serde_json::from_slice(&answer.body).map_err(|_| answered(&answer, "expected a token, got something else"))?;
    let token = given.token.or(given.access_token);
    match token.as_deref().and_then(bearer) {
        Some(value) => Ok(Some(value)),
        None => Err(answered(&answer, "expected a token, got something else")),
    }
}

/// Reads `name="value",name=value`.
fn parameters_of(text: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_at(after.find(',').unwrap_or(after.len())),
        };
        parameters.push((name.trim_matches([' ', ',']).to_owned(), value.to_owned()));
        rest = left;
    }
    parameters
}

/// The token as a header; `None` when it cannot stand in one.
fn bearer(token: &str) -> Option<HeaderValue> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(text: &str) -> Option<Challenge> {
        Challenge::of(&Answer {
            status: 401,
            url: Url::parse("https://host/x").unwrap(),
            body: Vec::new(),
            challenge: Some(text.to_owned()),
        })
    }

    #[test]
    fn a_challenge_leads_to_its_realm_and_to_no_unsafe_one() {
        let token = |url: &str| Some(Challenge::Token(Url::parse(url).unwrap()));
        let safe = r#"Bearer realm="https://auth/token",service="notary",scope="repository:a/b:pull,push""#;
        assert_eq!(
            challenge(safe),
            token("https://auth/token?service=notary&scope=repository%3Aa%2Fb%3Apull%2Cpush")
        );
        assert_eq!(
            challenge("bearer realm=\"http://127.0.0.1:1/t\""),
            token("http://127.0.0.1:1/t")
        );
        assert_eq!(challenge("Basic realm=\"x\""), Some(Challenge::Password));
        assert_eq!(challenge("basic"), Some(Challenge::Password));
        for (text, place) in [
            ("Bearer realm=\"http://auth/\"", "http://auth"),
            ("Bearer realm=\"file:///x\"", "null"),
            ("Bearer realm=\"https://user:word@auth/\"", "https://auth"),
        ] {
            assert_eq!(challenge(text), Some(Challenge::Unsafe(place.to_owned())), "{text}");
        }
        for text in ["Bearer", "", "Bearer =", "Bearer realm=x", "Negotiate abc"] {
            assert_eq!(challenge(text), None, "{text}");
        }
    }

    #[test]
    fn a_token_is_one_word() {
        assert!(bearer("eyJ.abc-_").is_some_and(|value| value.is_sensitive()));
        for text in ["", "a b", "a\r\nX: y"] {
            assert_eq!(bearer(text), None);
        }
    }
}
