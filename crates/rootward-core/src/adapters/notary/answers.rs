//! What a Notary server says when it does not do what it was asked.

use rootward_tuf::RoleName;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    adapters::web::{Answer, answered, meaning},
    ports::{Failure, FailureKind},
};

use FailureKind::{Fault, Refusal};

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

impl Error {
    /// What an update breaks: `ErrBadRoot`, `ErrBadTargets`….
    fn broken_rule(&self) -> Option<&str> {
        self.detail.get("Name")?.as_str()
    }

    /// The sentence that goes with it.
    fn sentence(&self) -> Option<&str> {
        self.detail.get("Error")?.get("Msg")?.as_str()
    }

    /// Whether the signer behind the server lacks a key. The server passes on nothing but the signer's own sentence, so
    /// this is the one place where a message is read.
    fn lacks_key(&self) -> bool {
        let plain = self.detail.as_str();
        let mut sentences = self.sentence().into_iter().chain(plain).chain([self.message.as_str()]);
        sentences.any(|text| text.starts_with("rpc error: code = NotFound") && text.contains(" key "))
    }
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

/// The server's words as a failure: one code for each thing a person can do about it.
pub(super) fn failure(answer: &Answer) -> Failure {
    let Some(error) = first(answer) else {
        let (code, why) = without_words(answer.status);
        return said(answer, Fault, code, why);
    };
    let (kind, code, why) = meant(&error).unwrap_or_else(|| {
        let (code, why) = without_words(answer.status);
        (Fault, code, why)
    });
    let mut failure = said(answer, kind, code, why)
        .with("notary code", short(&error.code))
        .with("notary message", short(&error.message));
    for (name, text) in [
        ("notary rule", error.broken_rule()),
        ("notary detail", error.sentence()),
    ] {
        if let Some(text) = text {
            failure = failure.with(name, short(text));
        }
    }
    if let Some(sentence) = error.sentence() {
        failure.message = format!("{} ({})", failure.message, short(sentence));
    }
    failure
}

fn meant(error: &Error) -> Option<(FailureKind, &'static str, &'static str)> {
    if error.lacks_key() {
        let why = "it must sign snapshot or timestamp itself, and does not hold the key that root lists for it";
        return Some((Refusal, "server-lacks-key", why));
    }
    Some(match error.code.as_str() {
        "VERSION" => (Refusal, "superseded", "it holds this version, or a newer one, already"),
        "INVALID_UPDATE" => match error.broken_rule() {
            Some("ErrBadRoot") => (Refusal, "server-refused-root", "its rules refuse the new root"),
            Some("ErrBadTargets") => (Refusal, "server-refused-targets", "its rules refuse the new targets"),
            Some("ErrBadSnapshot") => (Refusal, "server-refused-snapshot", "its rules refuse the new snapshot"),
            Some("ErrBadHierarchy") => (
                Refusal,
                "server-refused-hierarchy",
                "a document that another one needs is missing from the update",
            ),
            _ => (Refusal, "server-refused-update", "its rules refuse the update"),
        },
        "INVALID_ROLE" => (Refusal, "server-refused-role", "it knows no such role"),
        "INVALID_GUN" => (Refusal, "server-refused-gun", "it does not serve this GUN"),
        "MALFORMED_JSON" => (Fault, "server-misread", "it cannot read a document that was sent"),
        "MALFORMED_UPLOAD" | "NO_FILENAME" => (Fault, "server-misread", "the upload did not reach it whole"),
        "INVALID_PARAMETERS" => (Fault, "server-misread", "it does not understand the request"),
        "METADATA_NOT_FOUND" | "GENERIC_NOT_FOUND" => (Fault, "server-answered", "it has no such document"),
        "NO_STORAGE" | "UPDATING" => (
            Fault,
            "server-storage-failed",
            "its storage does not take or give anything",
        ),
        "NO_CRYPTOSERVICE" | "NO_KEYALGORITHM" => (
            Fault,
            "server-signer-failed",
            "it has no signer, or one without an algorithm",
        ),
        "UNKNOWN" => (Fault, "server-failed", "its storage or its signer failed"),
        "UNAUTHORIZED" | "DENIED" => (Fault, "unauthorized", "it wants somebody with more rights"),
        _ => return None,
    })
}

/// What a status alone says: mostly something that stands before the server.
fn without_words(status: u16) -> (&'static str, &'static str) {
    match status {
        401 => ("unauthorized", "it wants somebody who has signed in"),
        403 => ("unauthorized", "it denies the request"),
        404 => ("server-answered", "it is no Notary server, or does not serve this GUN"),
        413 => ("server-answered", "a document is longer than it takes"),
        502..=504 => ("server-failed", "the Notary server behind this address does not answer"),
        500.. => ("server-failed", meaning(status)),
        status => ("server-answered", meaning(status)),
    }
}

fn said(answer: &Answer, kind: FailureKind, code: &'static str, why: &str) -> Failure {
    let said = answered(answer, why);
    let failure = match kind {
        Refusal => Failure::refusal(code, said.message),
        Fault => Failure::fault(code, said.message),
        FailureKind::Interruption => Failure::interruption(code, said.message),
    };
    Failure {
        details: said.details,
        ..failure
    }
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
    fn every_code_of_the_server_is_told_by_what_one_can_do() {
        let update = |rule: &str, sentence: &str| {
            let detail = serde_json::json!({ "Name": rule, "Error": { "Msg": sentence } });
            serde_json::json!({ "errors": [{ "code": "INVALID_UPDATE", "message": "invalid", "detail": detail }] })
                .to_string()
        };
        let plain = |code: &str| format!(r#"{{"errors":[{{"code":"{code}","message":"said","detail":null}}]}}"#);
        let lacking = "rpc error: code = NotFound desc = key 773e not found";
        let cases = [
            (400, plain("VERSION"), Refusal, "superseded"),
            (400, update("ErrBadRoot", "x"), Refusal, "server-refused-root"),
            (400, update("ErrBadTargets", "x"), Refusal, "server-refused-targets"),
            (400, update("ErrBadSnapshot", "x"), Refusal, "server-refused-snapshot"),
            (400, update("ErrBadHierarchy", "x"), Refusal, "server-refused-hierarchy"),
            (400, update("ErrValidation", "x"), Refusal, "server-refused-update"),
            (400, update("ErrOfTomorrow", "x"), Refusal, "server-refused-update"),
            (400, update("ErrValidation", lacking), Refusal, "server-lacks-key"),
            (400, plain("INVALID_ROLE"), Refusal, "server-refused-role"),
            (400, plain("INVALID_GUN"), Refusal, "server-refused-gun"),
            (400, plain("NO_FILENAME"), Fault, "server-misread"),
            (400, plain("MALFORMED_JSON"), Fault, "server-misread"),
            (400, plain("MALFORMED_UPLOAD"), Fault, "server-misread"),
            (400, plain("INVALID_PARAMETERS"), Fault, "server-misread"),
            (404, plain("METADATA_NOT_FOUND"), Fault, "server-answered"),
            (404, plain("GENERIC_NOT_FOUND"), Fault, "server-answered"),
            (500, plain("NO_STORAGE"), Fault, "server-storage-failed"),
            (500, plain("UPDATING"), Fault, "server-storage-failed"),
            (500, plain("NO_CRYPTOSERVICE"), Fault, "server-signer-failed"),
            (500, plain("NO_KEYALGORITHM"), Fault, "server-signer-failed"),
            (500, plain("UNKNOWN"), Fault, "server-failed"),
            (401, plain("UNAUTHORIZED"), Fault, "unauthorized"),
            (403, plain("DENIED"), Fault, "unauthorized"),
            (400, plain("TOMORROW"), Fault, "server-answered"),
            (401, String::new(), Fault, "unauthorized"),
            (403, "<html>".into(), Fault, "unauthorized"),
            (404, "404 page not found".into(), Fault, "server-answered"),
            (413, "<html>".into(), Fault, "server-answered"),
            (500, "{}".into(), Fault, "server-failed"),
            (502, "<html>".into(), Fault, "server-failed"),
        ];
        for (status, body, kind, code) in cases {
            let failure = failure(&answer(status, &body));
            assert_eq!((failure.kind, failure.code.as_str()), (kind, code), "{status} {body}");
            assert!(
                failure
                    .message
                    .starts_with(&format!("https://host/x answered {status}: "))
            );
            assert_eq!(failure.details["status"], status.to_string());
        }
        let failure = failure(&answer(400, &update("ErrBadRoot", "Current 6, new 1")));
        assert!(failure.message.ends_with("(Current 6, new 1)"), "{failure}");
        assert_eq!(failure.details["notary rule"], "ErrBadRoot");
    }
}
