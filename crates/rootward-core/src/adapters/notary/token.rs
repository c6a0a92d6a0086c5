//! Tokens for nobody in particular: many registries let anybody read, but want a token all the same.
//!
//! The server challenges with `Bearer realm="R",service="S",scope="repository:GUN:pull"`; `GET R?service=S&scope=…` without
//! a password gives one. Names and passwords are not sent to anybody.

use std::sync::{Mutex, PoisonError};

use reqwest::{Url, header::HeaderValue};
use serde::Deserialize;

use super::answers;
use crate::{
    adapters::web::{Answer, Web, answered, is_loopback},
    ports::Failure,
};

const LONGEST: u64 = 1 << 20;

/// The token that was given last.
#[derive(Default)]
pub(super) struct Tokens(Mutex<Option<HeaderValue>>);

#[derive(Deserialize)]
struct Given {
    token: Option<String>,
    access_token: Option<String>,
}

impl Tokens {
    pub(super) fn known(&self) -> Option<HeaderValue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gets the token a 401 asks for; `None` when it asks for something else.
    pub(super) async fn fetch(&self, web: &Web, refused: &Answer) -> Result<Option<HeaderValue>, Failure> {
        let Some(url) = refused.challenge.as_deref().and_then(realm) else {
            return Ok(None);
        };
        let answer = web.get(&url, LONGEST).await?;
        if answer.status != 200 {
            return Err(answers::failure(&answer));
        }
        let given: Given = serde_json::from_slice(&answer.body)
            .map_err(|_| answered(&answer, "expected a token, got something else"))?;
        let token = given.token.or(given.access_token).and_then(|token| bearer(&token));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token.clone();
        Ok(token)
    }
}

/// Where a challenge sends us; only over HTTPS or to this machine.
fn realm(challenge: &str) -> Option<Url> {
    let (scheme, parameters) = challenge.split_once(' ')?;
    let parameters = parameters_of(parameters);
    let find = |wanted: &str| {
        let found = parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        Some(found.1.as_str())
    };
    let mut url = Url::parse(find("realm")?).ok()?;
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
    if !scheme.eq_ignore_ascii_case("bearer") || !is_safe {
        return None;
    }
    for name in ["service", "scope"] {
        if let Some(value) = find(name) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    Some(url)
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

    #[test]
    fn a_challenge_leads_to_its_realm_and_to_no_unsafe_one() {
        let challenge = r#"Bearer realm="https://auth/token",service="notary",scope="repository:a/b:pull,push""#;
        let url = realm(challenge).unwrap();
        assert_eq!(
            url.as_str(),
            "https://auth/token?service=notary&scope=repository%3Aa%2Fb%3Apull%2Cpush"
        );
        assert_eq!(
            realm("bearer realm=\"http://127.0.0.1:1/t\"").unwrap().as_str(),
            "http://127.0.0.1:1/t"
        );
        let refused = [
            "Basic realm=\"x\"",
            "Bearer realm=\"http://auth/\"",
            "Bearer",
            "",
            "Bearer realm=\"file:///x\"",
            "Bearer =",
        ];
        for challenge in refused {
            assert_eq!(realm(challenge), None, "{challenge}");
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
