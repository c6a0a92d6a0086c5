//! Transcripts of ceremonies, and with them journals: what holds, holds by a second reader's account as well.

use rootward_core::ceremony::{Checked, Digest, End};
use rootward_tuf::encoding::{from_base64, hex, sha256};

use crate::reference::{Json, canonical, read};

/// A transcript. `true` if everything in it holds.
pub fn transcript(data: &[u8]) -> bool {
    let checked = match Checked::of(data, None) {
        Ok(checked) => checked,
        Err(failure) => {
            assert!(failure.code.starts_with("transcript-") && !failure.message.is_empty());
            return false;
        }
    };
    assert_eq!(checked.end, End::NotProven);
    let head = checked.record.head;
    let json = read(data, 64, false).expect("what is read is JSON");
    assert_eq!(by_hand(&json), Some(hex(&head.0)), "the chain by the reference");
    assert!(documents_are_named(&json), "a document has no digest on record");
    let again = Checked::of(data, Some(head)).map(|checked| checked.end);
    assert_eq!(again, Ok(End::Proven));
    let mut other = head;
    other.0[0] ^= 1;
    let refused = Checked::of(data, Some(Digest(other.0))).map(drop);
    assert_eq!(refused.unwrap_err().code, "transcript-cut-off");
    true
}

/// One that was published, made by the project's own tests; and what is left of it without its end.
pub fn seeds() -> Vec<Vec<u8>> {
    let whole = include_bytes!("../corpus/transcript/published-root").to_vec();
    let text = String::from_utf8(whole.clone()).expect("JSON is text");
    vec![whole, text.replacen("\"format\": 1", "\"format\": 2", 1).into_bytes()]
}

/// The head of the chain, computed with the reference alone.
fn by_hand(transcript: &Json) -> Option<String> {
    let Json::List(lines) = transcript.get("journal")? else {
        return None;
    };
    let mut head = [0; 32];
    for line in lines {
        let Json::Text(line) = line else { return None };
        let mut event = read(line.as_bytes(), 64, false)?;
        event.remove("hash")?;
        head = sha256(&[&head[..], &canonical(&event)].concat());
    }
    Some(hex(&head))
}

/// Whether the journal has the digest of every document.
fn documents_are_named(transcript: &Json) -> bool {
    let (Some(Json::List(lines)), Some(Json::List(documents))) =
        (transcript.get("journal"), transcript.get("documents"))
    else {
        return false;
    };
    documents.iter().all(|document| {
        let Some(Json::Text(bytes)) = document.get("bytes") else {
            return false;
        };
        let digest = from_base64(bytes).map(|bytes| hex(&sha256(&bytes))).unwrap_or_default();
        lines
            .iter()
            .any(|line| matches!(line, Json::Text(line) if line.contains(&digest)))
    })
}
