//! Digests a document gives for others: written in hexadecimal by TUF 1.0, in base64 by Notary.

use std::borrow::Cow;

use crate::dialect::Dialect;
use crate::encoding::{base64, from_base64, from_hex, hex, hex_length, sha256, sha512};
use crate::json::{Name, Object, Value};
use crate::metadata::sealed::Entry;
use crate::metadata::{Cursor, Document, Envelope, ReadError};
use crate::role::RoleName;

/// Digests by the name of their algorithm; those of unknown algorithms are kept and not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hashes(Vec<(String, Vec<u8>)>);

/// What comparing bytes with their digests shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HashMatch {
    /// At least one known digest is there and all known ones fit.
    Matches,
    /// The digest of this algorithm is another.
    Differs {
        /// The name the document gives it.
        algorithm: String,
    },
    /// There is no digest of an algorithm we know.
    NoneKnown,
}

/// What snapshot and timestamp say of another document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetaEntry {
    /// Always there in TUF 1.0, never in Notary.
    pub version: Option<u64>,
    /// In bytes.
    pub length: Option<u64>,
    /// Digests of the document's file; `None` if none are given.
    pub hashes: Option<Hashes>,
}

impl Hashes {
    /// Computes both digests in common use.
    pub fn of(bytes: &[u8]) -> Self {
        Hashes(vec![
            ("sha256".to_owned(), sha256(bytes).to_vec()),
            ("sha512".to_owned(), sha512(bytes).to_vec()),
        ])
    }

    /// Takes a SHA-256 alone.
    pub fn from_sha256(digest: [u8; 32]) -> Self {
        Hashes(vec![("sha256".to_owned(), digest.to_vec())])
    }

    /// From those given; none when none is. Each must have the length of its kind.
    pub fn from_digests(sha256: Option<&[u8]>, sha512: Option<&[u8]>) -> Option<Self> {
        let known = [("sha256", sha256, 32), ("sha512", sha512, 64)];
        let given = known
            .into_iter()
            .filter_map(|(name, digest, bytes)| Some((name, digest?, bytes)));
        let given: Vec<(&str, &[u8], usize)> = given.collect();
        let fit = !given.is_empty() && given.iter().all(|(_, digest, bytes)| digest.len() == *bytes);
        fit.then(|| {
            Hashes(
                given
                    .into_iter()
                    .map(|(name, digest, _)| (name.to_owned(), digest.to_vec()))
                    .collect(),
            )
        })
    }

    /// Each algorithm's name with its digest in bytes, unknown algorithms included.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, digest)| (name.as_str(), digest.as_slice()))
    }

    /// The digest in bytes under this algorithm's name; `None` if there is none.
    pub fn get(&self, algorithm: &str) -> Option<&[u8]> {
        self.iter()
            .find(|(name, _)| *name == algorithm)
            .map(|(_, digest)| digest)
    }

    /// The SHA-256 digest; `None` if there is none.
    pub fn sha256(&self) -> Option<[u8; 32]> {
        self.get("sha256")?.try_into().ok()
    }

    /// Compares every digest of a known algorithm with `bytes`.
    pub fn compare(&self, bytes: &[u8]) -> HashMatch {
        let mut known = false;
        for (algorithm, digest) in self.iter() {
            let fits = match algorithm {
                "sha256" => sha256(bytes) == *digest,
                "sha512" => sha512(bytes) == *digest,
                _ => continue,
            };
            if !fits {
                return HashMatch::Differs {
                    algorithm: algorithm.to_owned(),
                };
            }
            known = true;
        }
        if known {
            HashMatch::Matches
        } else {
            HashMatch::NoneKnown
        }
    }

    /// Checks what [`Self::read`] will need; says where the object ends.
    pub(crate) fn check(at: &Cursor<'_>, dialect: Dialect) -> Result<usize, ReadError> {
        let mut is_empty = true;
        let end = at.check_members(|name, digest| {
            let text = digest.view().string().ok_or_else(|| digest.error("a string"))?;
            let (length, form) = match dialect {
                Dialect::Tuf1 => (hex_length(text.written()), "a digest in hexadecimal"),
                Dialect::Notary => {
                    let bytes = from_base64(&text.decoded());
                    (bytes.map(|bytes| bytes.len()), "a digest in base64")
                }
            };
            let length = length.ok_or_else(|| digest.error(form))?;
            // Uptane's hexadecimal is good base64 too: its length tells.
            let expected = match length {
                _ if name.is("sha256") => 32,
                _ if name.is("sha512") => 64,
                any => any,
            };
            if length != expected {
                return Err(digest.error(&format!("a digest of {expected} bytes")));
            }
            is_empty = false;
            Ok(Some(digest.view().start() + text.written().len() + 2))
        })?;
        if is_empty {
            Err(at.error("at least one digest"))
        } else {
            Ok(end)
        }
    }

    pub(crate) fn read(at: &Cursor<'_>, dialect: Dialect) -> Result<Self, ReadError> {
        Hashes::check(at, dialect)?;
        let decode = |text: &str| match dialect {
            Dialect::Tuf1 => from_hex(text),
            Dialect::Notary => from_base64(text),
        };
        let digest = |(name, digest): (Name<'_>, Cursor<'_>)| {
            let bytes = decode(&digest.text()?).unwrap_or_default();
            Ok((name.decoded().into_owned(), bytes))
        };
        Ok(Hashes(at.members()?.map(digest).collect::<Result<_, ReadError>>()?))
    }

    pub(crate) fn to_value(&self, dialect: Dialect) -> Value {
        let text = |digest: &[u8]| match dialect {
            Dialect::Tuf1 => hex(digest),
            Dialect::Notary => base64(digest),
        };
        Value::Object(
            self.iter()
                .map(|(name, digest)| (name.to_owned(), Value::text(text(digest))))
                .collect(),
        )
    }
}

impl MetaEntry {
    /// Describes the file of a document as `dialect` does: TUF 1.0 with its version, Notary without.
    pub fn of(file: &[u8], version: u64, dialect: Dialect) -> Self {
        MetaEntry {
            version: (dialect == Dialect::Tuf1).then_some(version),
            length: Some(file.len() as u64),
            hashes: Some(Hashes::of(file)),
        }
    }

    /// Whether this entry is of just that document: version, length and digests fit as far as they are given.
    pub(crate) fn is_of<T: Document>(&self, document: &Envelope<T>) -> bool {
        let file = document.file_bytes();
        let is_digest = |hashes: &Hashes| hashes.compare(file) == HashMatch::Matches;
        (self.version.is_some() || self.hashes.is_some())
            && self.version.is_none_or(|version| version == document.version())
            && self.length.is_none_or(|length| length == file.len() as u64)
            && self.hashes.as_ref().is_none_or(is_digest)
    }

    pub(crate) fn to_value(&self, dialect: Dialect) -> Value {
        let mut object = Object::new();
        if let Some(hashes) = &self.hashes {
            object.set("hashes", hashes.to_value(dialect));
        }
        if let Some(length) = self.length {
            object.set("length", Value::number(length));
        }
        if let Some(version) = self.version {
            object.set("version", Value::number(version));
        }
        object.into()
    }
}

impl MetaEntry {
    /// Reads an entry outside of a listing of many.
    pub(crate) fn read_at(at: &Cursor<'_>, dialect: Dialect) -> Result<Self, ReadError> {
        let mut entry = MetaEntry::default();
        MetaEntry::look_at(at, dialect, &mut entry, |hashes| {
            Ok((Some(Hashes::read(hashes, dialect)?), hashes.view().end()))
        })?;
        Ok(entry)
    }

    /// Fills an entry in, digests as `read` gives them; says where the entry ends.
    fn look_at(
        at: &Cursor<'_>,
        dialect: Dialect,
        entry: &mut MetaEntry,
        read: impl Fn(&Cursor<'_>) -> Result<(Option<Hashes>, usize), ReadError>,
    ) -> Result<usize, ReadError> {
        let mut has_hashes = false;
        let least = match dialect {
            Dialect::Tuf1 => 1,
            Dialect::Notary => 0,
        };
        let end = at.check_members(|name, member| {
            if name.is("hashes") {
                let (hashes, end) = read(member)?;
                (entry.hashes, has_hashes) = (hashes, true);
                return Ok(Some(end));
            } else if name.is("length") {
                entry.length = Some(member.number(0)?);
            } else if name.is("version") {
                entry.version = Some(member.number(least)?);
            }
            Ok(None)
        })?;
        match dialect {
            Dialect::Tuf1 if entry.version.is_none() => Err(at.missing("version")),
            Dialect::Notary if !has_hashes => Err(at.error("digests of the document")),
            Dialect::Tuf1 | Dialect::Notary => Ok(end),
        }
    }
}

impl Entry for MetaEntry {
    type Name<'a> = RoleName;

    fn suffix(dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Tuf1 => ".json",
            Dialect::Notary => "",
        }
    }

    fn name(text: Cow<'_, str>) -> RoleName {
        RoleName::of_checked(text)
    }

    fn check(name: Name<'_>, at: &Cursor<'_>, dialect: Dialect) -> Result<usize, ReadError> {
        let suffix = MetaEntry::suffix(dialect);
        let stem = name.without(suffix);
        if stem.written().is_empty() || (!suffix.is_empty() && stem.written().len() == name.written().len()) {
            return Err(at.error("the name of a role's file"));
        }
        MetaEntry::look_at(at, dialect, &mut MetaEntry::default(), |hashes| {
            Ok((None, Hashes::check(hashes, dialect)?))
        })
    }

    fn read(at: &Cursor<'_>, dialect: Dialect) -> Result<Self, ReadError> {
        MetaEntry::read_at(at, dialect)
    }
}
