//! Timestamp: which snapshot is the current one.

use bytes::Bytes;

use crate::dialect::Dialect;
use crate::metadata::sealed::Body;
use crate::metadata::{Cursor, Document, MetaEntry, ReadError};
use crate::role::RoleName;
use crate::time::Expiry;

/// The body of a timestamp document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    pub version: u64,
    pub expires: Expiry,
    pub snapshot: MetaEntry,
}

impl Document for Timestamp {
    const KIND: &'static str = "timestamp";

    fn version(&self) -> u64 {
        self.version
    }

    fn expires(&self) -> &Expiry {
        &self.expires
    }

    fn top_level_role() -> RoleName {
        RoleName::timestamp()
    }
}

impl Body for Timestamp {
    fn read_signed(signed: &Cursor<'_>, _: &Bytes, dialect: Dialect) -> Result<Self, ReadError> {
        let name = match dialect {
            Dialect::Tuf1 => "snapshot.json",
            Dialect::Notary => "snapshot",
        };
        Ok(Timestamp {
            version: signed.member("version")?.number(1)?,
            expires: signed.member("expires")?.expiry()?,
            snapshot: MetaEntry::read_at(&signed.member("meta")?.member(name)?, dialect)?,
        })
    }
}
