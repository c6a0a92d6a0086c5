//! What must be true of a repository when a drill is over, found out by a walk of its own and by the rules.

use rootward_tuf::{
    Dialect, KeyId, KeyTable, Outcome, PhysicalKey, RoleName, Root, Targets, Verified, WalkInput,
    encoding::{from_base64, hex},
};
use serde::{Deserialize, Serialize};

use crate::{
    ports::{Connect, Failure, Instant, LimitsView, SourceSpec},
    repositories::visit::Visit,
};

/// One thing that must be true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Aim {
    /// A client that trusts this root (in base64) accepts what is there now. `who` is such a client.
    Followed { root: String, who: String },
    /// A role that counts vouches for this very image.
    Vouches {
        role: String,
        path: String,
        sha256: String,
        length: u64,
    },
    /// No role that counts names it.
    Gone { path: String },
    /// No role that counts vouches for an image of this digest.
    VouchedByNobody { sha256: String },
    /// No role lists the key any more. `whose` it is.
    NoKeyAnywhere { key: String, whose: String },
    /// The key speaks for a role.
    Speaks { role: String, key: String, whose: String },
    /// Root lists the key that the server itself signs the role with.
    SignedByServer { role: String },
}

/// An aim, and whether it was found to be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    pub aim: Aim,
    pub holds: bool,
}

impl Aim {
    /// What must be true, as a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Aim::Followed { who, .. } => format!("{who} follow to what is published now"),
            Aim::Vouches { role, path, sha256, .. } => {
                format!("{role} vouches for {path} with the image {}", short(sha256))
            }
            Aim::Gone { path } => format!("{path} is named by no role"),
            Aim::VouchedByNobody { sha256 } => format!("nobody vouches for the image {}", short(sha256)),
            Aim::NoKeyAnywhere { whose, .. } => format!("{whose} is in no role"),
            Aim::Speaks { role, whose, .. } => format!("{whose} speaks for {role}"),
            Aim::SignedByServer { role } => format!("the server signs {role} with a key of its own"),
        }
    }

    fn holds(&self, seen: &Seen) -> bool {
        match self {
            Aim::Followed { root, .. } => {
                let followed = seen.walks.iter().find(|(from, _)| from == root);
                followed.is_some_and(|(_, outcome)| outcome.accepted)
            }
            Aim::Vouches {
                role,
                path,
                sha256,
                length,
            } => seen.targets().any(|(of, targets)| {
                let target = targets.body().targets.get(path).filter(|_| of.as_str() == role);
                target.is_some_and(|target| {
                    target.length == *length
                        && target.hashes.sha256().map(|digest| hex(&digest)).as_ref() == Some(sha256)
                })
            }),
            Aim::Gone { path } => seen
                .targets()
                .all(|(_, targets)| targets.body().targets.get(path).is_none()),
            Aim::VouchedByNobody { sha256 } => seen.targets().all(|(_, targets)| {
                let mut files = targets.body().targets.iter();
                files.all(|(_, target)| target.hashes.sha256().map(|digest| hex(&digest)).as_ref() != Some(sha256))
            }),
            Aim::NoKeyAnywhere { key, .. } => match PhysicalKey::parse(key) {
                Some(key) => seen.outcome().is_some() && !seen.speakers().any(|(_, speaks)| speaks == key),
                None => false,
            },
            Aim::Speaks { role, key, .. } => {
                let key = PhysicalKey::parse(key);
                seen.speakers()
                    .any(|(of, speaks)| of.as_str() == role && Some(speaks) == key)
            }
            Aim::SignedByServer { role } => {
                let held = seen
                    .server
                    .iter()
                    .find(|(of, _)| of == role)
                    .map(|(_, key)| key.as_str());
                let listed = RoleName::new(role.as_str())
                    .ok()
                    .and_then(|role| Some(seen.root()?.body().role(&role)?.keyids.clone()));
                let [listed] = listed.as_deref().unwrap_or_default() else {
                    return false;
                };
                Some(listed.as_str()) == held
            }
        }
    }
}

/// What a look at a repository showed, from every root that an aim names.
struct Seen {
    walks: Vec<(String, Outcome)>,
    /// The keyid of the server's own key, by role.
    server: Vec<(String, String)>,
}

impl Seen {
    /// The walk from the root that the first aim names: the one that decides.
    fn outcome(&self) -> Option<&Outcome> {
        self.walks.first().map(|(_, outcome)| outcome)
    }

    fn root(&self) -> Option<&Verified<Root>> {
        self.outcome()?.root.as_ref()
    }

    /// Documents that a client counts.
    fn targets(&self) -> impl Iterator<Item = (RoleName, &Verified<Targets>)> {
        let outcome = self.outcome().filter(|outcome| outcome.accepted);
        let top = outcome
            .and_then(|outcome| outcome.targets.as_ref())
            .map(|targets| (RoleName::targets(), targets));
        let below = outcome.into_iter().flat_map(|outcome| &outcome.delegated);
        top.into_iter()
            .chain(below.map(|below| (below.role.clone(), &below.document)))
    }

    /// Every key that a role lists, with the role.
    fn speakers(&self) -> impl Iterator<Item = (RoleName, PhysicalKey)> {
        let mut speakers = Vec::new();
        if let Some(root) = self.root() {
            for (role, keys) in root.body().roles() {
                add(&mut speakers, &role, &root.body().keys, &keys.keyids);
            }
        }
        let outcome = self.outcome().into_iter();
        let documents = outcome.flat_map(|outcome| {
            let below = outcome.delegated.iter().map(|below| &below.document);
            outcome.targets.iter().chain(below)
        });
        for document in documents {
            if let Some(delegations) = &document.body().delegations {
                for delegated in delegations.roles.iter() {
                    add(
                        &mut speakers,
                        &delegated.name,
                        &delegations.keys,
                        &delegated.keys.keyids,
                    );
                }
            }
        }
        speakers.into_iter()
    }
}

fn add(speakers: &mut Vec<(RoleName, PhysicalKey)>, role: &RoleName, keys: &KeyTable, keyids: &[KeyId]) {
    let physical = keyids.iter().filter_map(|keyid| keys.get(keyid)?.physical());
    speakers.extend(physical.map(|key| (role.clone(), key)));
}

/// Looks at a repository and checks every aim. The first one must name a root: it is walked from there.
///
/// Fails as reading does: what cannot be read is judged neither way.
pub async fn look(
    connect: &dyn Connect,
    spec: &SourceSpec,
    aims: &[Aim],
    now: Instant,
) -> Result<Vec<Checked>, Failure> {
    let limits = LimitsView::default();
    let source = connect.source(spec, &limits)?;
    let mut seen = Seen {
        walks: Vec::new(),
        server: Vec::new(),
    };
    for aim in aims {
        match aim {
            Aim::Followed { root, .. } => {
                let anchor = from_base64(root).unwrap_or_default();
                let mut input = WalkInput::new(Dialect::Notary, anchor, now);
                input.gun = match spec {
                    SourceSpec::Notary { gun, .. } => Some(gun.clone()),
                    SourceSpec::Folder { gun, .. } => gun.clone(),
                    SourceSpec::Http { .. } => None,
                };
                let visit = Visit {
                    source: source.as_ref(),
                    limits,
                    earlier: None,
                    with_history: false,
                };
                let (reading, outcome) = visit.make(Some(input)).await;
                if let Some(failure) = reading.failure {
                    return Err(failure);
                }
                let unreadable = || Failure::fault("metadata-not-found", "the drill's own root cannot be read");
                seen.walks.push((root.clone(), outcome.ok_or_else(unreadable)?));
            }
            Aim::SignedByServer { role } => {
                let keys = connect.server_keys(spec, &limits)?;
                let name = RoleName::new(role.as_str()).map_err(|why| Failure::fault("bad-usage", why.to_string()))?;
                let key = keys.current(&name).await?;
                seen.server.push((role.clone(), key.keyid().as_str().to_owned()));
            }
            Aim::Vouches { .. }
            | Aim::Gone { .. }
            | Aim::VouchedByNobody { .. }
            | Aim::NoKeyAnywhere { .. }
            | Aim::Speaks { .. } => {}
        }
    }
    let checked = aims.iter().map(|aim| Checked {
        holds: aim.holds(&seen),
        aim: aim.clone(),
    });
    Ok(checked.collect())
}

/// A digest as sentences name it.
fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}
