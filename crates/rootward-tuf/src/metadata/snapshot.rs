//! Snapshot: which version of every targets document belongs together.

use std::collections::BTreeMap;

use crate::dialect::Dialect;
use crate::metadata::sealed::Body;
use crate::metadata::{Cursor, Document, MetaEntry, ReadError};
use crate::role::RoleName;
use crate::time::Expiry;

/// The body of a snapshot document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub version: u64,
    pub expires: Expiry,
    /// By role, the `.json` of TUF 1.0's file names taken off. Notary's includes root.
    pub meta: BTreeMap<RoleName, MetaEntry>,
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
    fn read_signed(signed: &Cursor<'_>, dialect: Dialect) -> Result<Self, ReadError> {
        let mut meta = BTreeMap::new();
        for (file, entry) in signed.member("meta")?.members()? {
            let name = match dialect {
                Dialect::Tuf1 => file.strip_suffix(".json").unwrap_or_default(),
                Dialect::Notary => file,
            };
            let expected = "the name of a role's file";
            let name = RoleName::new(name).map_err(|_| entry.error(expected))?;
            meta.insert(name, MetaEntry::read(&entry, dialect)?);
        }
        Ok(Snapshot {
            version: signed.member("version")?.number(1)?,
            expires: signed.member("expires")?.expiry()?,
            meta,
        })
    }
}
