//! Which dialect a repository speaks and, in Notary's, which GUN it is.

use rootward_tuf::{
    dialect::{Dialect, detect},
    json,
    metadata::Root,
    role::RoleName,
};

use super::reading::Reading;

/// Where a GUN comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gun {
    /// An officer or the source's address named it.
    Given(String),
    /// Taken from the common name of the root's certificate, for lack of a better source.
    FromCertificate(String),
}

impl Gun {
    /// The name itself.
    pub fn as_str(&self) -> &str {
        match self {
            Gun::Given(gun) | Gun::FromCertificate(gun) => gun,
        }
    }

    /// The GUN that the only key of a Notary root with a certificate names.
    pub fn of_certificate(root: &Root) -> Option<Gun> {
        let keys = root.root.keyids.iter().filter_map(|keyid| root.keys.get(keyid));
        let mut names = keys.filter_map(|key| key.certificate()?.common_name());
        names.next().map(|name| Gun::FromCertificate(name.to_owned()))
    }
}

/// The dialect of what was read: the root's; when no root can be read, what the timestamp calls itself.
pub fn dialect_of(reading: &Reading) -> Option<Dialect> {
    let roots = reading.documents(&RoleName::root());
    let by_root = roots.filter_map(|root| detect(&root.bytes).ok()).last();
    by_root.or_else(|| {
        let others = [RoleName::timestamp(), RoleName::snapshot(), RoleName::targets()];
        others
            .iter()
            .flat_map(|role| reading.documents(role))
            .find_map(|fetched| {
                let document = json::parse(&fetched.bytes, json::Limits::default()).ok()?;
                let kind = document.get("signed")?.get("_type")?.as_str()?;
                match kind {
                    "timestamp" | "snapshot" | "targets" => Some(Dialect::Tuf1),
                    "Timestamp" | "Snapshot" | "Targets" => Some(Dialect::Notary),
                    _ => None,
                }
            })
    })
}
