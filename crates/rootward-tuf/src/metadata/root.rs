//! Root: which keys speak for which role, and how many of them must.

use crate::dialect::Dialect;
use crate::key::{Key, KeyId, KeyTable};
use crate::metadata::sealed::Body;
use crate::metadata::{Cursor, Document, ReadError, Text};
use crate::role::RoleName;
use crate::time::Expiry;

/// The body of a root document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Grows with each new document of the role; at least 1 as read.
    pub version: u64,
    /// When the document stops being valid.
    pub expires: Expiry,
    /// Whether files carry their version in their name; always false in Notary.
    pub consistent_snapshot: bool,
    /// Every key listed, whether or not a role names it or it can be used.
    pub keys: KeyTable,
    /// Who must sign root documents.
    pub root: RoleKeys,
    /// Who must sign the top-level targets document.
    pub targets: RoleKeys,
    /// Who must sign snapshot documents.
    pub snapshot: RoleKeys,
    /// Who must sign timestamp documents.
    pub timestamp: RoleKeys,
}

/// The keys of a role and how many different ones must sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleKeys {
    /// Each id once, in the order listed.
    pub keyids: Vec<KeyId>,
    /// At least 1 in TUF 1.0; a Notary role with 0 can never be met.
    pub threshold: u64,
}

impl Root {
    /// The keys of a top-level role; `None` for any other name.
    pub fn role(&self, name: &RoleName) -> Option<&RoleKeys> {
        match name.as_str() {
            "root" => Some(&self.root),
            "targets" => Some(&self.targets),
            "snapshot" => Some(&self.snapshot),
            "timestamp" => Some(&self.timestamp),
            _ => None,
        }
    }

    /// The four roles with their names: root, timestamp, snapshot, targets.
    pub fn roles(&self) -> [(RoleName, &RoleKeys); 4] {
        [
            (RoleName::root(), &self.root),
            (RoleName::timestamp(), &self.timestamp),
            (RoleName::snapshot(), &self.snapshot),
            (RoleName::targets(), &self.targets),
        ]
    }
}

impl Document for Root {
    const KIND: &'static str = "root";

    fn version(&self) -> u64 {
        self.version
    }

    fn expires(&self) -> &Expiry {
        &self.expires
    }

    fn top_level_role() -> RoleName {
        RoleName::root()
    }
}

impl Body for Root {
    fn read_signed(signed: &Cursor<'_>, _: &Text, dialect: Dialect) -> Result<Self, ReadError> {
        let roles = signed.member("roles")?;
        let role = |name: &'static str| RoleKeys::read(&roles.member(name)?, dialect);
        let consistent_snapshot = match signed.optional("consistent_snapshot")? {
            Some(flag) if !flag.is_null() => flag.flag()?,
            _ => false,
        };
        Ok(Root {
            version: signed.member("version")?.number(1)?,
            expires: signed.member("expires")?.expiry()?,
            consistent_snapshot,
            keys: read_keys(&signed.member("keys")?, dialect)?,
            root: role("root")?,
            targets: role("targets")?,
            snapshot: role("snapshot")?,
            timestamp: role("timestamp")?,
        })
    }
}

impl RoleKeys {
    /// No key, of which one must sign: never met.
    pub fn nobody() -> Self {
        RoleKeys {
            keyids: Vec::new(),
            threshold: 1,
        }
    }

    /// Reads `keyids` and `threshold` beside whatever else stands there.
    pub(crate) fn read(at: &Cursor<'_>, dialect: Dialect) -> Result<Self, ReadError> {
        let [listed, threshold] = at.pick(["keyids", "threshold"])?;
        let listed = at.required(listed, "keyids")?;
        let mut keyids = Vec::new();
        // Notary writes null once all keys of a delegation were purged.
        if !(dialect == Dialect::Notary && listed.is_null()) {
            let mut seen = std::collections::HashSet::new();
            for keyid in listed.items()? {
                let text = keyid.text()?.into_owned();
                if seen.insert(text.clone()) {
                    keyids.push(KeyId::new(text));
                }
            }
        }
        let threshold = at
            .required(threshold, "threshold")?
            .number(RoleKeys::least_threshold(dialect))?;
        Ok(RoleKeys { keyids, threshold })
    }

    /// The least threshold a role may have: Notary's zero can never be met.
    pub(crate) fn least_threshold(dialect: Dialect) -> u64 {
        match dialect {
            Dialect::Tuf1 => 1,
            Dialect::Notary => 0,
        }
    }
}

/// Reads a table of keys; a key we cannot use is kept, an entry that is no object is refused.
pub(crate) fn read_keys(at: &Cursor<'_>, dialect: Dialect) -> Result<KeyTable, ReadError> {
    let mut keys = Vec::new();
    for (keyid, key) in at.members()? {
        let [keytype, scheme, keyval] = key.pick(["keytype", "scheme", "keyval"])?;
        key.required(keytype, "keytype")?.text()?;
        if dialect == Dialect::Tuf1 {
            key.required(scheme, "scheme")?.text()?;
        }
        key.required(keyval, "keyval")?.must_be_object()?;
        keys.push(Key::listed(KeyId::new(keyid.decoded()), key.view().written(), dialect));
    }
    Ok(KeyTable::new(keys))
}
