//! Snapshot: which version of every targets document belongs together.

use bytes::Bytes;

use crate::dialect::Dialect;
use crate::metadata::sealed::Body;
use crate::metadata::{Cursor, Document, Entries, MetaEntry, ReadError, Text};
use crate::role::RoleName;
use crate::time::Expiry;

/// The body of a snapshot document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Grows with each new document of the role; at least 1 as read.
    pub version: u64,
    /// When the document stops being valid.
    pub expires: Expiry,
    /// By role, the `.json` of TUF 1.0's file names taken off. Notary's includes root.
    pub meta: Entries<MetaEntry>,
}

impl Document for Snapshot {
    const KIND: &'static str = "snapshot";

    fn version(&self) -> u64 {
        self.version
    }

    fn expires(&self) -> &Expiry {
        &self.expires
    }

    fn top_level_role() -> RoleName {
        RoleName::snapshot()
    }
}

impl Body for Snapshot {
    fn read_signed(signed: &Cursor<'_>, text: &Text, dialect: Dialect) -> Result<Self, ReadError> {
        Ok(Snapshot {
            meta: Entries::read(&signed.member("meta")?, &text.bytes, dialect)?,
            version: signed.member("version")?.number(1)?,
            expires: signed.member("expires")?.expiry()?,
        })
    }

    fn move_to(&mut self, text: &Bytes) {
        self.meta.move_to(text);
    }
}
