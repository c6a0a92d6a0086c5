//! Whether roots lead from one that is trusted here to the one built on, by the client's own rules.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::encoding::sha256;
use rootward_tuf::metadata::{self, Root};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;
use rootward_tuf::walk::{Extent, Reply, Select, WalkInput, Walker};

use crate::border::visible;

/// Root files that somebody sent, the last of them the one built on. Context, until they lead there.
pub(super) struct Descent<'a> {
    /// What holds them, for sentences: `the request`.
    pub of: &'static str,
    pub dialect: Dialect,
    /// Notary: the name that root certificates must carry.
    pub gun: Option<&'a str>,
    pub roots: &'a [Vec<u8>],
}

/// Why they lead nowhere.
pub(super) enum Astray {
    /// The file that holds them cannot be read.
    Unreadable(String),
    /// What is trusted is no root.
    NoRoot(String),
    Unproven(String),
}

impl Descent<'_> {
    /// Walks from `anchor`; gives the root built on, and the version that trust began from.
    pub fn from(&self, anchor: Vec<u8>, now: Instant) -> Result<(Verified<Root>, u64), Astray> {
        let of = self.of;
        let Some(last) = self.roots.last() else {
            return Err(Astray::Unreadable(format!("{of} holds no root that it builds on")));
        };
        let read = |file: &[u8]| metadata::read::<Root>(file, self.dialect);
        let claimed = read(last).map_err(|error| Astray::Unreadable(format!("the root built on: {error}")))?;
        let claimed = claimed.version();
        let trusted = read(&anchor).map_err(|error| Astray::NoRoot(format!("the trusted root: {error}")))?;
        let trusted = trusted.version();
        if trusted > claimed {
            return Err(Astray::Unproven(format!(
                "{of} builds on root v{claimed}, and this machine trusts v{trusted} already"
            )));
        }
        let mut input = WalkInput::new(self.dialect, anchor, now);
        input.gun = self.gun.map(str::to_owned);
        input.extent = Extent::TopLevel;
        let walker = Walker::begin(input).map_err(|refusal| Astray::NoRoot(refusal.to_string()))?;
        let outcome = walker.run(|wanted| {
            if wanted.role != RoleName::root() {
                return Reply::Missing;
            }
            let is_it = |file: &&Vec<u8>| match wanted.select {
                Select::Version(version) | Select::Consistent { version } => {
                    read(file).is_ok_and(|root| root.version() == version)
                }
                Select::Sha256(digest) => sha256(file) == digest,
                Select::Current => *file == last,
            };
            let found = self.roots.iter().find(is_it).cloned();
            found.map_or(Reply::Missing, Reply::Found)
        });
        match outcome.root {
            Some(root) if root.file_bytes() == last.as_slice() => Ok((root, trusted)),
            found => {
                let why = outcome.refused.iter().find(|(role, _)| *role == RoleName::root());
                let why = why.map_or_else(String::new, |(_, finding)| format!(": {}", visible(&finding.message())));
                let came_to = found.map_or(trusted, |root| root.version());
                Err(Astray::Unproven(format!(
                    "the roots of {of} lead from v{trusted} to v{came_to}, and not to v{claimed}, which it builds on{why}"
                )))
            }
        }
    }
}
