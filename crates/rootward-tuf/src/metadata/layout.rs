//! How the file of a document is laid out: as its predecessor's was, and canonical bytes are copied into it, not written anew.

use std::ops::Range;

use crate::dialect::Dialect;
use crate::json::{self, Object, Value, View};
use crate::metadata::Signature;

/// Whether a file is on one line, or has a member a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    OneLine,
    Lines,
}

impl Layout {
    /// TUF 1.0 a member a line, as its tools keep it in Git; Notary on one line.
    pub(crate) fn first(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Tuf1 => Layout::Lines,
            Dialect::Notary => Layout::OneLine,
        }
    }

    /// The layout of a file that is there. A line end at the end of the file is none of the document.
    pub(crate) fn of(file: &[u8]) -> Self {
        match memchr::memchr(b'\n', file.trim_ascii()) {
            None => Layout::OneLine,
            Some(_) => Layout::Lines,
        }
    }

    /// Writes a file: TUF 1.0's signatures first, Notary's `signed` first. Tells where the canonical bytes stand in it, if they
    /// stand there as they are.
    pub(crate) fn write(
        self,
        signed: &[u8],
        signatures: &[Signature],
        dialect: Dialect,
    ) -> (Vec<u8>, Option<Range<usize>>) {
        let signatures = to_value(signatures);
        if self == Layout::Lines {
            return (lines(signed, &signatures, dialect), None);
        }
        let signatures = json::compact(&signatures);
        let mut file = Vec::with_capacity(signed.len() + signatures.len() + 32);
        let (before, after) = match dialect {
            Dialect::Tuf1 => (format!(r#"{{"signatures":{signatures},"signed":"#), "}".to_owned()),
            Dialect::Notary => (r#"{"signed":"#.to_owned(), format!(r#","signatures":{signatures}}}"#)),
        };
        file.extend_from_slice(before.as_bytes());
        let is_copied = json::write_canonical(signed, &mut file);
        let place = before.len()..file.len();
        file.extend_from_slice(after.as_bytes());
        (file, is_copied.then_some(place))
    }
}

fn lines(signed: &[u8], signatures: &Value, dialect: Dialect) -> Vec<u8> {
    let signatures = json::compact(signatures).into_bytes();
    let (signatures, signed) = (
        ("signatures", View::new(&signatures, 0)),
        ("signed", View::new(signed, 0)),
    );
    let members = match dialect {
        Dialect::Tuf1 => [signatures, signed],
        Dialect::Notary => [signed, signatures],
    };
    json::pretty_members(&members)
}

fn to_value(signatures: &[Signature]) -> Value {
    let entries = signatures.iter().map(|signature| {
        let mut entry = Object::new();
        entry.set("keyid", Value::text(signature.keyid.as_str()));
        if let Some(method) = &signature.method {
            entry.set("method", Value::text(method));
        }
        entry.set("sig", Value::text(&signature.text));
        Value::Object(entry)
    });
    Value::Array(entries.collect())
}
