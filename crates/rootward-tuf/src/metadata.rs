//! The four kinds of signed documents, read strictly and without believing them.
//!
//! Reading checks structure only; who signed is decided in `verify`, what it means in `walk`.

mod beginnings;
mod cursor;
mod delegated;
mod entries;
#[cfg(test)]
mod entries_tests;
mod envelope;
mod hashes;
pub(crate) mod layout;
mod pattern;
mod root;
mod snapshot;
mod target_file;
mod targets;
mod timestamp;

pub use delegated::DelegatedRoles;
pub use entries::Entries;
pub use envelope::{Envelope, Signature, read, read_file, read_within};
pub use hashes::{HashMatch, Hashes, MetaEntry};
pub use root::{RoleKeys, Root};
pub use snapshot::Snapshot;
pub use target_file::{TargetMismatch, TargetPath, TargetPathError};
pub use targets::{DelegatedRole, Delegations, PathSet, SuccinctRoles, Target, Targets};
pub use timestamp::Timestamp;

pub(crate) use beginnings::Beginnings;
pub(crate) use cursor::Cursor;
pub(crate) use envelope::{Text, Written, as_written, each_key_once, read_canonical_signed};
pub(crate) use layout::Layout;
pub(crate) use pattern::{Piece, matches_across, matches_pattern, pieces};

pub use crate::dialect::Dialect;
use crate::json::JsonError;
use crate::role::RoleName;
use crate::time::Expiry;

/// What the body of a signed document has in common with all others.
pub trait Document: Sized + sealed::Body {
    /// TUF's type in lower case: `root`, `targets`, `snapshot` or `timestamp`.
    const KIND: &'static str;

    /// The number that grows with each new document of a role; at least 1 as read.
    fn version(&self) -> u64;

    /// When the document stops being valid.
    fn expires(&self) -> &Expiry;

    /// The top-level role of this kind.
    fn top_level_role() -> RoleName;
}

pub(crate) mod sealed {
    use std::borrow::Cow;
    use std::fmt::Debug;

    use bytes::Bytes;

    use super::{Cursor, Dialect, ReadError, Text};
    use crate::json::Name;

    /// Keeps the set of documents closed.
    pub trait Body: Clone {
        /// Reads the canonical `text` of a signed object; `signed` is at its top.
        #[doc(hidden)]
        fn read_signed(signed: &Cursor<'_>, text: &Text, dialect: Dialect) -> Result<Self, ReadError>;

        /// Goes over to another copy of the text that the body was read from.
        #[doc(hidden)]
        fn move_to(&mut self, _text: &Bytes) {}
    }

    /// Something listed by name in an object that may have very many members.
    pub trait Entry: Sized + PartialEq + Debug {
        #[doc(hidden)]
        type Name<'a>: PartialEq + Debug;

        /// What every name ends with as written.
        #[doc(hidden)]
        fn suffix(_: Dialect) -> &'static str {
            ""
        }

        #[doc(hidden)]
        fn name(text: Cow<'_, str>) -> Self::Name<'_>;

        /// Checks what [`Self::read`] will need, without keeping anything; says where the entry ends in its text.
        #[doc(hidden)]
        fn check(name: Name<'_>, at: &Cursor<'_>, dialect: Dialect) -> Result<usize, ReadError>;

        #[doc(hidden)]
        fn read(at: &Cursor<'_>, dialect: Dialect) -> Result<Self, ReadError>;
    }
}

/// Why bytes are no document of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No JSON, or JSON that the reader refuses.
    #[error("{0}")]
    Json(#[from] JsonError),
    /// Good JSON of the wrong shape.
    #[error("at {at}: expected {expected}, found {found}")]
    Shape {
        /// The place as member names with dots between: `signed.roles.root.threshold`.
        at: String,
        /// What should stand at that place, in words.
        expected: String,
        /// What stands there instead.
        found: String,
    },
}

impl ReadError {
    pub(crate) fn shape(at: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Self {
        ReadError::Shape {
            at: at.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// What was expected at the place reading stopped.
    pub fn expected(&self) -> &str {
        match self {
            ReadError::Json(error) => error.expected,
            ReadError::Shape { expected, .. } => expected,
        }
    }
}

/// The type a document of `kind` names in `dialect`.
pub(crate) fn type_name(kind: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Tuf1 => kind.to_owned(),
        Dialect::Notary => {
            let mut letters = kind.chars();
            letters
                .next()
                .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
    }
}
