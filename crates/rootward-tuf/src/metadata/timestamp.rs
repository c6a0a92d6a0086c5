//! Timestamp: which snapshot is the current one.

use crate::dialect::Dialect;
use crate::metadata::sealed::Body;
use crate::metadata::{Cursor, Document, MetaEntry, ReadError, Text};
use crate::role::RoleName;
use crate::time::Expiry;

/// The body of a timestamp document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// Grows with each new document of the role; at least 1 as read.
    pub version: u64,
    /// When the document stops being valid.
    pub expires: Expiry,
    /// What the timestamp says of the current snapshot document.
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
    fn read_signed(signed: &Cursor<'_>, _: &Text, dialect: Dialect) -> Result<Self, ReadError> {
        let name = match dialect {
            Dialect::Tuf1 => "snapshot.json",
            Dialect::Notary => "snapshot",
        };
        if dialect == Dialect::Tuf1 {
            let meta = signed.member("meta")?;
            let other = meta.members()?.find(|(file, _)| !file.is(name));
            if let Some((_, other)) = other {
                return Err(other.error("snapshot.json only (TUF 4.6)"));
            }
        }
        Ok(Timestamp {
            version: signed.member("version")?.number(1)?,
            expires: signed.member("expires")?.expiry()?,
            snapshot: MetaEntry::read_at(&signed.member("meta")?.member(name)?, dialect)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::read;

    #[test]
    fn a_tuf_timestamp_describes_the_snapshot_and_nothing_else() {
        let with = |meta: &str| {
            let head = r#"{"signatures":[],"signed":{"_type":"timestamp","expires":"2030-01-01T00:00:00Z","#;
            let text = format!("{head}\"meta\":{meta},\"spec_version\":\"1.0.34\",\"version\":1}}}}");
            read::<Timestamp>(text.as_bytes(), Dialect::Tuf1)
        };
        assert!(with(r#"{"snapshot.json":{"version":1}}"#).is_ok());
        let more = with(r#"{"snapshot.json":{"version":1},"targets.json":{"version":1}}"#);
        assert!(more.unwrap_err().expected().contains("4.6"));
        assert!(with("{}").is_err());
    }
}
