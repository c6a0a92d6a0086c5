//! What a Notary server says when it does not answer with a document.

use rootward_tuf::RoleName;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    adapters::web::{Answer, answered, meaning},
    ports::Failure,
};

#[derive(Deserialize)]
struct Errors {
    errors: Vec<Error>,
}

#[derive(Deserialize)]
struct Error {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    detail: Value,
}

/// Whether the server knows the repository and says that this document is not there.
///
/// Its SQL storage answers 500 `UNKNOWN` for a delegation that nobody has signed yet, and names the role.
pub(super) fn says_missing(answer: &Answer, role: &RoleName) -> bool {
    let Some(Error { code, detail, .. }) = first(answer) else {
        return false;
    };
    match answer.status {
        404 => matches!(code.as_str(), "METADATA_NOT_FOUND" | "GENERIC_NOT_FOUND"),
        500 => code == "UNKNOWN" && !role.is_top_level() && detail.get("Role").and_then(Value::as_str).is_some(),
        _ => false,
    }
}

/// The server's words as a fault.
pub(super) fn failure(answer: &Answer) -> Failure {
    let Some(Error { code, message, .. }) = first(answer) else {
        let why = match answer.status {
            401 => "it wants somebody who has logged in",
            404 => "it is no Notary server, or does not serve this GUN",
            status => meaning(status),
        };
        return answered(answer, why);
    };
    let why = match code.as_str() {
        "UNAUTHORIZED" => "it wants somebody with more rights",
        "DENIED" => "it denies the request",
        "INVALID_GUN" => "it does not serve this GUN",
        "METADATA_NOT_FOUND" | "GENERIC_NOT_FOUND" => "it has no such document",
        "INVALID_ROLE" => "it does not know the role",
        "INVALID_PARAMETERS" => "it does not understand the request",
        "NO_STORAGE" => "it has no storage",
        "NO_CRYPTOSERVICE" | "NO_KEYALGORITHM" => "it has no signer",
        "UNKNOWN" => "its storage or signer failed",
        _ => meaning(answer.status),
    };
    answered(answer, why)
        .with("notary code", short(&code))
        .with("notary message", short(&message))
}

fn first(answer: &Answer) -> Option<Error> {
    let errors: Errors = serde_json::from_slice(&answer.body).ok()?;
    errors.errors.into_iter().next()
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            url: Url::parse("https://host/x").unwrap(),
            body: body.into(),
            challenge: None,
        }
    }

    #[test]
    fn missing_is_told_from_broken() {
        let not_found = r#"{"errors":[{"code":"METADATA_NOT_FOUND","message":"You have requested metadata that does not exist.","detail":{}}]}"#;
        let unknown =
            r#"{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{"Role":"targets/releases"}}]}"#;
        let plain = r#"{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":null}]}"#;
        let (targets, releases) = (RoleName::targets(), RoleName::new("targets/releases").unwrap());
        let cases = [
            (404, not_found, &targets, true),
            (404, not_found, &releases, true),
            (500, unknown, &releases, true),
            (500, unknown, &targets, false),
            (500, plain, &releases, false),
            (404, "404 page not found", &targets, false),
            (403, not_found, &targets, false),
            (404, "{\"errors\":[]}", &targets, false),
        ];
        for (status, body, role, expected) in cases {
            assert_eq!(
                says_missing(&answer(status, body), role),
                expected,
                "{status} {body} {role}"
            );
        }
    }

    #[test]
    fn a_code_of_the_server_has_words_of_its_own() {
        let denied = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[]}]}"#;
        let failure = failure(&answer(401, denied));
        assert_eq!(failure.code, "server-answered");
        assert_eq!(
            failure.message,
            "https://host/x answered 401: it wants somebody with more rights"
        );
        assert_eq!(failure.details["notary code"], "UNAUTHORIZED");
        assert!(
            super::failure(&answer(502, "<html>"))
                .message
                .ends_with("answered 502: Bad Gateway")
        );
    }
}
