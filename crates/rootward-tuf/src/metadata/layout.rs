//! How the file of a document is laid out: as its predecessor's was, and canonical bytes are copied into it, not written anew.

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
}

/// What stands before and after the `signed` object in a file on one line: TUF 1.0's signatures, or Notary's after it.
pub(crate) fn around(signatures: &[Signature], dialect: Dialect) -> (String, String) {
    let signatures = json::compact(&to_value(signatures));
    match dialect {
        Dialect::Tuf1 => (format!(r#"{{"signatures":{signatures},"signed":"#), "}".to_owned()),
        Dialect::Notary => (r#"{"signed":"#.to_owned(), format!(r#","signatures":{signatures}}}"#)),
    }
}

/// Writes a file around canonical bytes. TUF 1.0's signatures come first, Notary's after `signed`.
pub(crate) fn write(signed: &[u8], signatures: &[Signature], dialect: Dialect, layout: Layout) -> Vec<u8> {
    match layout {
        Layout::OneLine => {
            let (before, after) = around(signatures, dialect);
            let mut file = before.into_bytes();
            json::write_canonical(signed, &mut file);
            file.extend_from_slice(after.as_bytes());
            file
        }
        Layout::Lines => {
            let signatures = json::compact(&to_value(signatures)).into_bytes();
            let (signatures, signed) = (
                ("signatures", View::new(&signatures, 0)),
                ("signed", View::new(signed, 0)),
            );
            json::pretty_members(&match dialect {
                Dialect::Tuf1 => [signatures, signed],
                Dialect::Notary => [signed, signatures],
            })
        }
    }
}

/// Signatures as JSON text, which is what they are read back from.
pub(crate) fn written(signatures: &[Signature]) -> String {
    json::compact(&to_value(signatures))
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
