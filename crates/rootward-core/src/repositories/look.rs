//! One look at a source without a desk: read, walk from a given root, show. Remembers nothing.

use std::{collections::BTreeSet, sync::Arc};

use rootward_tuf::{
    dialect::{Dialect, detect},
    key::PhysicalKey,
    metadata::{self, Root},
    role::RoleName,
    time::Instant,
    walk::{Floors, Outcome, WalkInput, WalkLimits},
};

use super::{
    dialect::{Gun, dialect_of},
    reading::Reading,
    roles::{Facts, RoleTree},
    visit::Visit,
};
use crate::ports::{AnchorHow, Connect, Failure, LimitsView, Proven, Source, SourceSpec};

/// What a look starts from.
#[derive(Debug, Clone)]
pub enum Footing {
    /// Nobody vouches for a root: the source is shown, nothing is walked.
    Nothing,
    /// A root file that somebody vouches for, and what was proven from it before.
    Root {
        how: AnchorHow,
        bytes: Vec<u8>,
        proven: Proven,
    },
    /// Trust whatever root the source shows now.
    FirstUse,
}

/// A look to be made.
pub struct Look<'a> {
    pub connect: &'a dyn Connect,
    pub limits: LimitsView,
    pub now: Instant,
    /// Whether every older root is wanted as well.
    pub with_history: bool,
}

/// What a look showed.
pub struct Looked {
    pub tree: RoleTree,
    pub reading: Reading,
    pub outcome: Option<Outcome>,
    /// How the root was come by that the walk started from.
    pub anchor: Option<AnchorHow>,
    pub gun: Option<Gun>,
}

impl Looked {
    /// Whether a strict client would accept everything that the repository names.
    pub fn is_accepted(&self) -> bool {
        self.outcome.as_ref().is_some_and(super::accepts_everything)
    }
}

impl Look<'_> {
    /// Looks at a source.
    ///
    /// Fails when it cannot be opened, when a given root cannot be read, and when nothing at all was found there.
    pub async fn at(&self, spec: &SourceSpec, footing: Footing) -> Result<Looked, Failure> {
        let source = self.connect.source(spec, &self.limits)?;
        let (anchor, proven) = match footing {
            Footing::Nothing => (None, Proven::default()),
            Footing::Root { how, bytes, proven } => (Some((how, bytes)), proven),
            Footing::FirstUse => {
                let found = source.newest_root(self.limits.document_bytes).await?;
                let Some(found) = found else {
                    return Err(nothing_there(spec));
                };
                (Some((AnchorHow::FirstUse, found.bytes)), Proven::default())
            }
        };
        let walk = anchor
            .as_ref()
            .map(|(_, bytes)| begin(bytes, &proven, spec, &self.limits, self.now))
            .transpose()?;
        let gun = walk.as_ref().and_then(|(_, gun)| gun.clone());
        let visit = Visit {
            source: source.as_ref(),
            limits: self.limits,
            earlier: None,
            with_history: self.with_history,
        };
        let (reading, outcome) = visit.make(walk.map(|(input, _)| input)).await;
        let tree = self.tree(&source, &reading, &proven, outcome.as_ref(), anchor.is_some());
        // A root that was given is not something the source showed; what was proven there before is worth showing.
        let nothing_came = reading.brought_nothing() && proven.documents.is_empty();
        if nothing_came || !tree.shows_anything() {
            return Err(reading.failure.unwrap_or_else(|| nothing_there(spec)));
        }
        let gun = gun.or_else(|| gun_of(spec, &reading));
        Ok(Looked {
            tree,
            reading,
            outcome,
            anchor: anchor.map(|(how, _)| how),
            gun,
        })
    }

    fn tree(
        &self,
        source: &Arc<dyn Source>,
        reading: &Reading,
        proven: &Proven,
        outcome: Option<&Outcome>,
        anchored: bool,
    ) -> RoleTree {
        RoleTree::build(&Facts {
            dialect: outcome
                .map(|outcome| outcome.dialect)
                .or_else(|| dialect_of(reading))
                .unwrap_or(Dialect::Tuf1),
            reading,
            proven,
            anchored,
            outcome,
            server_held: &NOBODY_ASKED,
            way: source.findings(),
            now: self.now,
        })
    }
}

/// Whoever only looks asks no server which keys it holds.
pub(crate) static NOBODY_ASKED: BTreeSet<PhysicalKey> = BTreeSet::new();

/// What the walk from a trusted root file starts with; the GUN only in Notary's dialect.
///
/// Fails with `root-refused` when the file is no root of a dialect we know.
pub fn begin(
    root: &[u8],
    proven: &Proven,
    spec: &SourceSpec,
    limits: &LimitsView,
    now: Instant,
) -> Result<(WalkInput, Option<Gun>), Failure> {
    let refused = |why: String| Failure::refusal("root-refused", format!("the root given cannot be used: {why}"));
    let dialect = detect(root).map_err(|why| refused(why.to_string()))?;
    let body = metadata::read::<Root>(root, dialect).map_err(|why| refused(why.to_string()))?;
    let gun = match dialect {
        Dialect::Tuf1 => None,
        Dialect::Notary => given_gun(spec)
            .map(Gun::Given)
            .or_else(|| Gun::of_certificate(body.body())),
    };
    let input = WalkInput {
        gun: gun.as_ref().map(|gun| gun.as_str().to_owned()),
        // What lies behind an expired document is shown as well; such a walk is never accepted.
        look_past_expiry: true,
        floors: floors_of(proven),
        limits: WalkLimits {
            timestamp_bytes: limits.timestamp_bytes,
            document_bytes: limits.document_bytes,
            ..WalkLimits::default()
        },
        ..WalkInput::new(dialect, root.to_vec(), now)
    };
    Ok((input, gun))
}

/// What was proven before, as the floor below which a walk may not fall.
fn floors_of(proven: &Proven) -> Floors {
    let of = |role: &RoleName| {
        let kept = proven.documents.iter().find(|(name, _)| name == role);
        kept.map(|(_, bytes)| bytes.clone().into())
    };
    Floors {
        timestamp: of(&RoleName::timestamp()),
        snapshot: of(&RoleName::snapshot()),
        targets: of(&RoleName::targets()),
        delegated: proven
            .documents
            .iter()
            .filter(|(role, _)| !role.is_top_level())
            .map(|(role, bytes)| (role.clone(), bytes.clone().into()))
            .collect(),
    }
}

/// The GUN that address or officer named.
pub fn given_gun(spec: &SourceSpec) -> Option<String> {
    match spec {
        SourceSpec::Folder { gun, .. } => gun.clone(),
        SourceSpec::Notary { gun, .. } => Some(gun.clone()),
        SourceSpec::Http { .. } => None,
    }
}

fn gun_of(spec: &SourceSpec, reading: &Reading) -> Option<Gun> {
    if dialect_of(reading)? != Dialect::Notary {
        return None;
    }
    let roots = reading.documents(&RoleName::root());
    let readable = roots.filter_map(|fetched| metadata::read::<Root>(&fetched.bytes, Dialect::Notary).ok());
    given_gun(spec)
        .map(Gun::Given)
        .or_else(|| Gun::of_certificate(readable.last()?.body()))
}

/// The failure of a source in which there is no metadata at all.
fn nothing_there(spec: &SourceSpec) -> Failure {
    let place = super::place_of(spec);
    Failure::fault(
        "metadata-not-found",
        format!("expected TUF or Notary metadata at {place}, found none"),
    )
    .with("source", place)
}
