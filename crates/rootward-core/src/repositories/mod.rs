//! Repositories on this desk: register, refresh, tree, search.
//!
//! A visit reads a source, a walk decides trust, and the role tree shows what is there however broken. Use cases know
//! ports and no adapter.

pub mod dialect;
pub mod download;
pub mod history;
pub mod index;
pub mod known;
pub mod listed;
pub mod look;
pub mod reading;
pub mod roles;
pub mod rows;
pub mod search;
mod server_held;
mod standing;
pub mod stolen;
pub mod visit;

pub use dialect::Gun;
pub use server_held::{remember_server_held, server_held};
pub use standing::{DAY, Standing, days_left};

use rootward_tuf::{
    dialect::Dialect,
    metadata::{Envelope, Root},
    role::RoleName,
    walk::Outcome,
};

use crate::ports::{Failure, SourceSpec};

/// Every document that a walk proved, except older roots.
pub(crate) fn proven_documents(outcome: &Outcome) -> Vec<(RoleName, Vec<u8>)> {
    let mut proven = Vec::new();
    if let Some(root) = &outcome.root {
        proven.push((RoleName::root(), root.file_bytes().to_vec()));
    }
    if let Some(timestamp) = &outcome.timestamp {
        proven.push((RoleName::timestamp(), timestamp.file_bytes().to_vec()));
    }
    if let Some(snapshot) = &outcome.snapshot {
        proven.push((RoleName::snapshot(), snapshot.file_bytes().to_vec()));
    }
    if let Some(targets) = &outcome.targets {
        proven.push((RoleName::targets(), targets.file_bytes().to_vec()));
    }
    let delegated = outcome.delegated.iter();
    proven.extend(delegated.map(|delegated| (delegated.role.clone(), delegated.document.file_bytes().to_vec())));
    proven
}

/// Notary: the name of the repository that a root belongs to, as the source's address says, else its certificate; none in
/// TUF 1.0.
pub fn gun_of_root(spec: &SourceSpec, root: &Envelope<Root>) -> Option<String> {
    match root.dialect() {
        Dialect::Tuf1 => None,
        Dialect::Notary => {
            look::given_gun(spec).or_else(|| Gun::of_certificate(root.body()).map(|gun| gun.as_str().to_owned()))
        }
    }
}

/// Whether a walk refused nothing: neither a top-level role nor any delegated one.
pub fn accepts_everything(outcome: &Outcome) -> bool {
    outcome.accepted && outcome.refused.is_empty()
}

/// The address of a source, as officers write it.
pub fn place_of(spec: &SourceSpec) -> String {
    match spec {
        SourceSpec::Folder { path, .. } => path.clone(),
        SourceSpec::Http { url, .. } => url.clone(),
        SourceSpec::Notary { url, gun, .. } => format!("{}/{gun}", url.trim_end_matches('/')),
    }
}

/// Two sources that read the same metadata: the CA file and the user are ways to it, and a GUN not given is no other GUN.
pub fn is_same(known: &SourceSpec, asked: &SourceSpec) -> bool {
    match (known, asked) {
        (
            SourceSpec::Folder { path, gun },
            SourceSpec::Folder {
                path: other,
                gun: wanted,
            },
        ) => path == other && (wanted.is_none() || gun == wanted),
        (SourceSpec::Http { url, .. }, SourceSpec::Http { url: other, .. }) => {
            url.trim_end_matches('/') == other.trim_end_matches('/')
        }
        (
            SourceSpec::Notary { url, gun, .. },
            SourceSpec::Notary {
                url: other,
                gun: wanted,
                ..
            },
        ) => url == other && gun == wanted,
        _ => false,
    }
}

/// Folders are remembered by their full path: the desk may be opened from anywhere.
///
/// Fails with `bad-source` when the path is no text.
pub fn absolute(source: SourceSpec) -> Result<SourceSpec, Failure> {
    match source {
        SourceSpec::Folder { path, gun } => {
            let full = std::path::absolute(&path)
                .map_err(|why| Failure::fault("bad-source", why.to_string()).with("path", &path))?;
            let path = full
                .to_str()
                .ok_or_else(|| Failure::fault("bad-source", "the path is no text"))?
                .to_owned();
            let path = if path.len() > 1 {
                path.trim_end_matches('/').to_owned()
            } else {
                path
            };
            Ok(SourceSpec::Folder { path, gun })
        }
        other => Ok(other),
    }
}
