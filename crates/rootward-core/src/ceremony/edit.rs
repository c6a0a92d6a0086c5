//! The smallest changes of trust: each is an edit of one document. A change is a list of them.

use std::fmt;

use rootward_tuf::encoding::from_hex;
use rootward_tuf::json::{self, Limits};
use rootward_tuf::key::{PhysicalKey, PublicKey};
use rootward_tuf::metadata::{Hashes, PathSet, Target};
use rootward_tuf::role::RoleName;
use serde::{Deserialize, Serialize};

/// One edit. Keys are told by what they are, roles by the document that names their keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Edit {
    /// A repository is begun: there is no root yet.
    Begins {
        /// TUF 1.0: files are called by their versions, so that clients meet no mixture while others appear.
        consistent_snapshot: bool,
    },
    /// A key counts for a role no longer.
    Leaves { of: RoleAt, physical_key: String },
    /// A key counts for a role from now on.
    Joins { of: RoleAt, joining: Joining },
    /// Notary: the role's only key is one that the server makes.
    ServerKey { role: String },
    /// So many keys of a role must sign from now on.
    Threshold { of: RoleAt, threshold: u64 },
    /// A document ends at another moment, RFC 3339.
    Ends {
        role: String,
        at: String,
        /// Whether a person chose that end.
        chosen: bool,
    },
    /// A role is delegated to that was not before.
    Delegates { by: String, delegation: Delegation },
    /// A delegation is for other paths, ends searches or not, or is asked in another place.
    Redelegates {
        by: String,
        role: String,
        paths: Option<Paths>,
        terminating: Option<bool>,
        place: Option<u32>,
    },
    /// As many roles as the number of bits says are delegated to at once (TAP 15), in the place of those there are.
    Bins { by: String, bins: Bins },
    /// A role is delegated to no longer.
    Undelegates { by: String, role: String },
    /// A file is vouched for, or another one under its path.
    Vouches {
        role: String,
        path: String,
        target: TargetText,
    },
    /// A file is vouched for no longer.
    Unvouches { role: String, path: String },
    /// A document is signed again as it is.
    Again { role: String },
    /// A delegated role gets a new document in the place of one that cannot be built on.
    Rebuilds {
        role: String,
        /// The version that it follows.
        after: u64,
    },
}

/// A role, as the document names it that lists its keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoleAt {
    pub role: String,
    /// `root` for a top-level role, else the role that delegates.
    pub by: String,
}

/// A key that joins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joining {
    /// SubjectPublicKeyInfo in PEM.
    pub public: String,
    /// Where it is: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: String,
}

/// A delegation that is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    pub role: String,
    pub keys: Vec<Joining>,
    pub threshold: u64,
    pub paths: Paths,
    pub terminating: bool,
    /// Among the delegations there are, from 0; the last when absent.
    pub place: Option<u32>,
}

/// Roles that share all paths by their digests, and one set of keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bins {
    /// What every role's name begins with, before a dash and the number.
    pub prefix: String,
    pub bits: u32,
    pub keys: Vec<Joining>,
    pub threshold: u64,
}

/// What a delegation is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "list", rename_all = "kebab-case")]
pub enum Paths {
    /// TUF 1.0: shell patterns. Notary: beginnings.
    Names(Vec<String>),
    /// TUF 1.0: the first hexadecimal digits of the SHA-256 of the path.
    HashPrefixes(Vec<String>),
}

/// A file as metadata describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetText {
    /// In bytes.
    pub length: u64,
    /// In hexadecimal.
    pub sha256: Option<String>,
    pub sha512: Option<String>,
    /// What else is said of it, in JSON. The one there is stays when absent.
    pub custom: Option<String>,
}

impl Edit {
    /// The role whose document the edit changes.
    pub fn document(&self) -> &str {
        match self {
            Edit::Leaves { of, .. } | Edit::Joins { of, .. } | Edit::Threshold { of, .. } => &of.by,
            Edit::ServerKey { .. } | Edit::Begins { .. } => "root",
            Edit::Delegates { by, .. }
            | Edit::Redelegates { by, .. }
            | Edit::Bins { by, .. }
            | Edit::Undelegates { by, .. } => by,
            Edit::Ends { role, .. }
            | Edit::Vouches { role, .. }
            | Edit::Unvouches { role, .. }
            | Edit::Rebuilds { role, .. }
            | Edit::Again { role } => role,
        }
    }

    /// The role whose keys or threshold the edit changes.
    pub fn of_keys(&self) -> Option<RoleAt> {
        match self {
            Edit::Leaves { of, .. } | Edit::Joins { of, .. } | Edit::Threshold { of, .. } => Some(of.clone()),
            Edit::ServerKey { role } => Some(RoleAt::top_level(role)),
            Edit::Begins { .. }
            | Edit::Ends { .. }
            | Edit::Delegates { .. }
            | Edit::Redelegates { .. }
            | Edit::Bins { .. }
            | Edit::Undelegates { .. }
            | Edit::Vouches { .. }
            | Edit::Unvouches { .. }
            | Edit::Rebuilds { .. }
            | Edit::Again { .. } => None,
        }
    }

    /// The keys that join by it.
    pub fn joining(&self) -> &[Joining] {
        match self {
            Edit::Joins { joining, .. } => std::slice::from_ref(joining),
            Edit::Delegates { delegation, .. } => &delegation.keys,
            Edit::Bins { bins, .. } => &bins.keys,
            _ => &[],
        }
    }

    /// What it asks for, whoever signs it and whenever it was asked for: two edits that say the same make the same document.
    pub fn asked(&self) -> String {
        let keys = |keys: &[Joining]| keys.iter().map(|joining| joining.public.clone()).collect::<Vec<_>>();
        match self {
            Edit::Joins { of, joining } => format!("joins {of:?} {}", joining.public),
            Edit::Ends {
                role, chosen: false, ..
            } => format!("ends {role} as usual"),
            Edit::Delegates { by, delegation } => {
                let (listed, mut rest) = (keys(&delegation.keys), delegation.clone());
                rest.keys.clear();
                format!("delegates {by} {listed:?} {rest:?}")
            }
            Edit::Bins { by, bins } => {
                let (listed, mut rest) = (keys(&bins.keys), bins.clone());
                rest.keys.clear();
                format!("bins {by} {listed:?} {rest:?}")
            }
            other => format!("{other:?}"),
        }
    }
}

impl Bins {
    /// The names of all of them: the number in as many hexadecimal digits as the last needs.
    pub fn roles(&self) -> impl Iterator<Item = String> {
        let digits = self.bits.div_ceil(4) as usize;
        (0..1_u64 << self.bits).map(move |bin| format!("{}-{bin:0digits$x}", self.prefix))
    }
}

impl RoleAt {
    /// A role that root lists.
    pub fn top_level(role: &str) -> Self {
        RoleAt {
            role: role.into(),
            by: "root".into(),
        }
    }

    /// Its name; none for an empty one.
    pub fn name(&self) -> Option<RoleName> {
        RoleName::new(&*self.role).ok()
    }
}

impl fmt::Display for RoleAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.role)
    }
}

impl Joining {
    /// The key; fails saying why it is none.
    pub fn read(&self) -> Result<PublicKey, String> {
        PublicKey::from_spki_pem(&self.public).map_err(|problem| problem.to_string())
    }

    /// What it is, if it can be read.
    pub fn physical(&self) -> Option<PhysicalKey> {
        self.read().ok().map(|public| public.physical())
    }
}

impl Paths {
    pub fn texts(&self) -> &[String] {
        match self {
            Paths::Names(list) | Paths::HashPrefixes(list) => list,
        }
    }

    /// As a document of TUF 1.0 or of Notary says it.
    pub fn to_set(&self, is_notary: bool) -> PathSet {
        match self {
            Paths::Names(list) if is_notary => PathSet::Prefixes(list.clone()),
            Paths::Names(list) => PathSet::Patterns(list.clone()),
            Paths::HashPrefixes(list) => PathSet::HashPrefixes(list.clone()),
        }
    }
}

impl TargetText {
    /// The file; `before` is what the document says of the path now. Fails saying what cannot be read.
    pub fn read(&self, before: Option<&Target>) -> Result<Target, String> {
        let digest = |text: &Option<String>, bytes: usize| match text {
            None => Ok(None),
            Some(text) => from_hex(&text.to_ascii_lowercase())
                .filter(|digest| digest.len() == bytes)
                .map(Some)
                .ok_or_else(|| format!("expected a digest of {} hexadecimal digits", bytes * 2)),
        };
        let (sha256, sha512) = (digest(&self.sha256, 32)?, digest(&self.sha512, 64)?);
        let hashes = Hashes::from_digests(sha256.as_deref(), sha512.as_deref())
            .ok_or("expected the SHA-256 or the SHA-512 of the file")?;
        let custom = match &self.custom {
            Some(text) => Some(
                json::parse(text.as_bytes(), Limits::default())
                    .map_err(|error| format!("expected JSON beside the file: {error}"))?,
            ),
            None => before.and_then(|before| before.custom.clone()),
        };
        Ok(Target {
            length: self.length,
            hashes,
            custom,
        })
    }
}
