//! The plots: what is published for each drill, what went wrong with it, and what the officer has in hand.

use rootward_tuf::{
    AnyComplete, Authority, DelegatedRole, Dialect, Key, MetaEntry, PathSet, RoleKeys, RoleName, Root, RootDraft,
    Snapshot, SnapshotDraft, Target, TargetsDraft, Verified,
    encoding::{base64, hex},
    metadata,
    walk::{Request, Select},
};

use super::{
    Aim, Drill, Stage,
    record::{Fact, InHand},
};
use crate::{
    keyring,
    ports::{Failure, KeyReference, LimitsView, NewTokenKey, Ports, PromptRequest, SourceSpec},
    practice::{
        broken_plan, folder, in_days,
        workbench::{Hand, ROOT_DAYS, TARGETS_DAYS, image, server_key, signed, upload},
    },
};

/// A drill that was set up.
pub struct Plot {
    pub spec: SourceSpec,
    /// The file of the first root, by which the officer's desk trusts the repository.
    pub first_root: Vec<u8>,
    pub in_hand: Vec<InHand>,
    pub facts: Vec<Fact>,
    pub aims: Vec<Aim>,
}

const RELEASES: &str = "targets/releases";
const DELEGATE: &str = "targets/officer_2";

/// Sets a drill up: makes keys, publishes the repository, and lets happen to it what happened.
///
/// Fails as the server, the token and the disk do. Whatever was published by then stays on the server.
pub async fn set_up(ports: &Ports, drill: Drill, stage: &Stage) -> Result<Plot, Failure> {
    let gun = format!("registry.practice/drills/{}", drill.name());
    let spec = SourceSpec::Notary {
        url: stage.url.clone(),
        gun: gun.clone(),
        ca_file: stage.ca_file.clone(),
        user: None,
    };
    let source = ports.connect.source(&spec, &LimitsView::default())?;
    if source
        .newest_root(LimitsView::default().document_bytes)
        .await?
        .is_some()
    {
        let message = format!("{gun} is on {} already: a drill needs a place of its own", stage.url);
        return Err(Failure::refusal("drill-place-taken", message).with("gun", gun));
    }
    let token = in_token(ports, stage)?;
    let mut scene = Scene::open(ports, drill, stage, spec, gun).await?;
    match drill {
        Drill::TamperedImage => tampered_image(&mut scene, token).await,
        Drill::StolenDelegateKey => stolen_delegate_key(&mut scene, token).await,
        Drill::StolenRootKey => stolen_root_key(&mut scene, token).await,
    }
}

/// A key is born in the officer's token.
fn in_token(ports: &Ports, stage: &Stage) -> Result<Token, Failure> {
    let request = PromptRequest {
        change: format!("A key for a drill is made in {}.", stage.token.label()),
        key: stage.token.label(),
        practice: true,
        ..PromptRequest::default()
    };
    let public = ports
        .tokens
        .generate(stage.token, &NewTokenKey::default(), &*ports.prompt, &request)?;
    Ok(Token {
        key: Key::new_notary_bare(&public),
        physical: public.physical().to_string(),
        place: keyring::written(&KeyReference::YubiKey(stage.token)),
        label: stage.token.label(),
    })
}

struct Token {
    key: Key,
    physical: String,
    place: String,
    label: String,
}

/// The repository that every drill begins with: root and targets by files, snapshot and timestamp by the server.
struct Scene<'a> {
    ports: &'a Ports,
    spec: SourceSpec,
    gun: String,
    root_hand: Hand,
    targets_hand: Hand,
    root_key: Key,
    root: AnyComplete,
    /// Where keys lie that are not in the officer's hand.
    elsewhere: std::path::PathBuf,
    /// Where the officer's lie.
    keys: std::path::PathBuf,
}

impl<'a> Scene<'a> {
    async fn open(
        ports: &'a Ports,
        drill: Drill,
        _stage: &Stage,
        spec: SourceSpec,
        gun: String,
    ) -> Result<Self, Failure> {
        let place = folder(&ports.data).join("drills").join(drill.name());
        let (keys, elsewhere) = (place.join("keys"), place.join("elsewhere"));
        let mut root_hand = Hand::make(ports, &keys, "root")?;
        let targets_hand = Hand::make(ports, &keys, "targets")?;
        let root_key = root_hand.certificate(ports, &gun)?;
        let mut draft = RootDraft::first(Dialect::Notary, false, in_days(ports.clock.now(), ROOT_DAYS));
        draft
            .add_key(&RoleName::root(), root_key.clone())
            .add_key(&RoleName::targets(), targets_hand.bare())
            .add_key(
                &RoleName::snapshot(),
                server_key(ports, &spec, RoleName::snapshot()).await?,
            )
            .add_key(
                &RoleName::timestamp(),
                server_key(ports, &spec, RoleName::timestamp()).await?,
            );
        let frozen = draft.freeze().map_err(|why| broken_plan("root", &why))?;
        let root = signed(frozen, None, None, &mut [(&mut root_hand, &root_key)])?;
        Ok(Scene {
            ports,
            spec,
            gun,
            root_hand,
            targets_hand,
            root_key,
            root,
            elsewhere,
            keys,
        })
    }

    fn body(&self) -> Result<&Root, Failure> {
        let root = self.root.as_root().ok_or_else(|| broken_plan("root", &"it is none"))?;
        Ok(root.verified().body())
    }

    /// Targets with these tags and delegations, signed by the officer's key of targets.
    fn targets(&mut self, tags: &[(&str, Target)], delegated: &[(&str, Vec<Key>)]) -> Result<AnyComplete, Failure> {
        let mut draft = TargetsDraft::first(
            Dialect::Notary,
            RoleName::targets(),
            in_days(self.ports.clock.now(), TARGETS_DAYS),
        );
        for (tag, target) in tags {
            draft.add_target(tag, target);
        }
        for (role, keys) in delegated {
            let role = DelegatedRole {
                name: role_name(role)?,
                keys: RoleKeys {
                    keyids: keys.iter().map(|key| key.keyid().clone()).collect(),
                    threshold: 1,
                },
                paths: PathSet::Prefixes(vec![String::new()]),
                terminating: false,
            };
            draft.add_delegation(&role, keys);
        }
        let frozen = draft.freeze().map_err(|why| broken_plan("targets", &why))?;
        let body = self.body()?.clone();
        let authority = Authority {
            keys: &body.keys,
            role: &body.targets,
        };
        let key = self.targets_hand.bare();
        signed(frozen, None, Some(authority), &mut [(&mut self.targets_hand, &key)])
    }

    /// A delegated role's document by one of its keys, new or on top of one.
    fn delegated(
        &self,
        role: &str,
        tags: &[(&str, Target)],
        targets: &AnyComplete,
        on: Option<&AnyComplete>,
        hand: &mut Hand,
    ) -> Result<AnyComplete, Failure> {
        let name = role_name(role)?;
        let wrong = |why: &str| broken_plan(role, &why);
        let now = self.ports.clock.now();
        let mut draft = match on {
            Some(AnyComplete::Targets(before)) => TargetsDraft::next(before.verified(), name.clone()),
            _ => TargetsDraft::first(Dialect::Notary, name.clone(), in_days(now, TARGETS_DAYS)),
        };
        for (tag, target) in tags {
            draft.add_target(tag, target);
        }
        let frozen = draft.freeze().map_err(|why| broken_plan(role, &why))?;
        let AnyComplete::Targets(parent) = targets else {
            return Err(wrong("its delegator is none"));
        };
        let delegations = parent.verified().body().delegations.as_ref();
        let delegations = delegations.ok_or_else(|| wrong("nobody delegates to it"))?;
        let delegation = delegations.role(&name).ok_or_else(|| wrong("nobody delegates to it"))?;
        let authority = Authority {
            keys: &delegations.keys,
            role: &delegation.keys,
        };
        let key = hand.bare();
        signed(frozen, None, Some(authority), &mut [(hand, &key)])
    }

    fn followed(&self, root: &AnyComplete, who: &str) -> Aim {
        Aim::Followed {
            root: base64(root.file_bytes()),
            who: who.into(),
        }
    }

    fn plot(self_: &mut Scene<'_>, in_hand: Vec<InHand>, facts: Vec<Fact>, aims: Vec<Aim>) -> Plot {
        Plot {
            spec: self_.spec.clone(),
            first_root: self_.root.file_bytes().to_vec(),
            in_hand,
            facts,
            aims,
        }
    }
}

async fn tampered_image(scene: &mut Scene<'_>, token: Token) -> Result<Plot, Failure> {
    let mut builder = Hand::make(scene.ports, &scene.keys, "builder")?;
    let (sound, altered, clean) = (image("1.4.0"), image("1.4.1, altered"), image("1.4.1, made again"));
    let tags = [("1.4.0", sound.clone()), ("1.4.1", altered.clone())];
    let keys = vec![builder.bare(), token.key.clone()];
    let targets = scene.targets(&tags, &[(RELEASES, keys)])?;
    let releases = scene.delegated(RELEASES, &tags, &targets, None, &mut builder)?;
    let first = [&scene.root, &targets, &releases];
    upload(scene.ports, &scene.spec, &first, None).await?;
    let aims = vec![
        scene.followed(&scene.root, "clients of the first root"),
        vouches("targets", "1.4.1", &clean),
        vouches(RELEASES, "1.4.1", &clean),
        vouched_by_nobody(&altered),
        vouches("targets", "1.4.0", &sound),
        vouches(RELEASES, "1.4.0", &sound),
    ];
    let facts = vec![
        Fact::new("the altered image, sha256", &digest(&altered)),
        Fact::new("the clean image, sha256", &digest(&clean)),
        Fact::new("the clean image, bytes", &clean.length.to_string()),
    ];
    let in_hand = vec![
        InHand::file("the key of targets", &scene.targets_hand),
        InHand::file("a key of targets/releases", &builder),
        in_token_as("another key of targets/releases", &token),
    ];
    Ok(Scene::plot(scene, in_hand, facts, aims))
}

async fn stolen_delegate_key(scene: &mut Scene<'_>, token: Token) -> Result<Plot, Failure> {
    let mut stolen = Hand::make(scene.ports, &scene.elsewhere, "officer-2")?;
    let (first, second, bad, evil) = (
        image("1.4.0"),
        image("1.4.1"),
        image("1.4.1, the thief's"),
        image("1.4.2, the thief's"),
    );
    let tags = [("1.4.0", first.clone()), ("1.4.1", second.clone())];
    let delegated = [RELEASES, DELEGATE].map(|role| (role, vec![stolen.bare()]));
    let targets = scene.targets(&[], &delegated)?;
    let releases = scene.delegated(RELEASES, &tags, &targets, None, &mut stolen)?;
    let own = scene.delegated(DELEGATE, &tags, &targets, None, &mut stolen)?;
    let documents = [&scene.root, &targets, &releases, &own];
    upload(scene.ports, &scene.spec, &documents, None).await?;
    // And then the thief.
    let theirs = [("1.4.1", bad.clone()), ("1.4.2", evil.clone())];
    let theirs = scene.delegated(RELEASES, &theirs, &targets, Some(&releases), &mut stolen)?;
    upload(scene.ports, &scene.spec, &[&theirs], Some(&scene.root)).await?;
    let aims = vec![
        scene.followed(&scene.root, "clients of the first root"),
        Aim::NoKeyAnywhere {
            key: stolen.physical(),
            whose: "the stolen key".into(),
        },
        Aim::Speaks {
            role: RELEASES.into(),
            key: token.physical.clone(),
            whose: "your token".into(),
        },
        vouches(RELEASES, "1.4.0", &first),
        vouches(RELEASES, "1.4.1", &second),
        Aim::Gone { path: "1.4.2".into() },
        vouched_by_nobody(&bad),
        vouched_by_nobody(&evil),
    ];
    let facts = vec![
        Fact::new("the stolen key", &stolen.physical()),
        Fact::new("1.4.1 as officer_2 signed it, sha256", &digest(&second)),
        Fact::new("1.4.1 as officer_2 signed it, bytes", &second.length.to_string()),
        Fact::new("1.4.1 as the thief has it, sha256", &digest(&bad)),
    ];
    let in_hand = vec![
        InHand::file("the key of targets", &scene.targets_hand),
        in_token_as("a new key, in no role yet", &token),
    ];
    Ok(Scene::plot(scene, in_hand, facts, aims))
}

async fn stolen_root_key(scene: &mut Scene<'_>, token: Token) -> Result<Plot, Failure> {
    let spare = Hand::make(scene.ports, &scene.keys, "new-targets")?;
    let mut thief = Hand::make(scene.ports, &scene.elsewhere, "thief-targets")?;
    let mut thief_snapshot = Hand::make(scene.ports, &scene.elsewhere, "thief-snapshot")?;
    let (sound, second, bad) = (image("1.4.0"), image("1.4.1"), image("1.4.1, the thief's"));
    let targets = scene.targets(&[("1.4.0", sound.clone()), ("1.4.1", second.clone())], &[])?;
    upload(scene.ports, &scene.spec, &[&scene.root, &targets], None).await?;
    let (root, theirs, snapshot) = taken_over(scene, &targets, &bad, &mut thief, &mut thief_snapshot).await?;
    upload(
        scene.ports,
        &scene.spec,
        &[&root, &theirs, &snapshot],
        Some(&scene.root),
    )
    .await?;
    let no_key = |key: String, whose: &str| Aim::NoKeyAnywhere {
        key,
        whose: whose.into(),
    };
    let aims = vec![
        scene.followed(&scene.root, "clients of the first root"),
        scene.followed(&root, "clients who met the thief's root"),
        no_key(scene.root_hand.physical(), "the stolen root key"),
        no_key(thief.physical(), "the thief's targets key"),
        no_key(thief_snapshot.physical(), "the thief's snapshot key"),
        Aim::Speaks {
            role: "root".into(),
            key: token.physical.clone(),
            whose: "your token".into(),
        },
        vouches("targets", "1.4.0", &sound),
        vouches("targets", "1.4.1", &second),
        vouched_by_nobody(&bad),
        Aim::SignedByServer {
            role: "snapshot".into(),
        },
        Aim::SignedByServer {
            role: "timestamp".into(),
        },
    ];
    let facts = vec![
        Fact::new("the thief's targets key", &thief.physical()),
        Fact::new("1.4.1 as it was, sha256", &digest(&second)),
        Fact::new("1.4.1 as it was, bytes", &second.length.to_string()),
        Fact::new("1.4.1 as the thief has it, sha256", &digest(&bad)),
    ];
    let in_hand = vec![
        InHand::file("the root key, of which the thief has a copy", &scene.root_hand),
        InHand::file("a new key for targets, in no role yet", &spare),
        in_token_as("a new key for root, in no role yet", &token),
    ];
    Ok(Scene::plot(scene, in_hand, facts, aims))
}

/// What the thief publishes with the stolen root key: keys of their own for targets and snapshot, and an image of theirs.
async fn taken_over(
    scene: &mut Scene<'_>,
    targets: &AnyComplete,
    bad: &Target,
    thief: &mut Hand,
    thief_snapshot: &mut Hand,
) -> Result<(AnyComplete, AnyComplete, AnyComplete), Failure> {
    let before = scene.root.as_root().map(|root| root.verified().clone());
    let before = before.ok_or_else(|| broken_plan("root", &"it is none"))?;
    let mut draft = RootDraft::next(&before);
    draft
        .replace_keys(&RoleName::targets(), vec![thief.bare()])
        .replace_keys(&RoleName::snapshot(), vec![thief_snapshot.bare()]);
    let frozen = draft.freeze().map_err(|why| broken_plan("the thief's root", &why))?;
    let key = scene.root_key.clone();
    let root = signed(frozen, Some(&before), None, &mut [(&mut scene.root_hand, &key)])?;
    let proven: Verified<Root> = match root.as_root() {
        Some(root) => root.verified().clone(),
        None => return Err(broken_plan("the thief's root", &"it is none")),
    };
    let body = proven.body();
    let AnyComplete::Targets(honest) = targets else {
        return Err(broken_plan("targets", &"they are none"));
    };
    let mut draft = TargetsDraft::next(honest.verified(), RoleName::targets());
    draft.add_target("1.4.1", bad);
    let frozen = draft.freeze().map_err(|why| broken_plan("the thief's targets", &why))?;
    let authority = Authority {
        keys: &body.keys,
        role: &body.targets,
    };
    let key = thief.bare();
    let theirs = signed(frozen, None, Some(authority), &mut [(thief, &key)])?;
    let current = current_snapshot(scene).await?;
    let mut draft = SnapshotDraft::next(&current);
    for document in [&root, &theirs] {
        draft.set_meta(document.role(), &entry(document));
    }
    let frozen = draft
        .freeze()
        .map_err(|why| broken_plan("the thief's snapshot", &why))?;
    let authority = Authority {
        keys: &body.keys,
        role: &body.snapshot,
    };
    let key = thief_snapshot.bare();
    let snapshot = signed(frozen, None, Some(authority), &mut [(thief_snapshot, &key)])?;
    Ok((root, theirs, snapshot))
}

async fn current_snapshot(scene: &Scene<'_>) -> Result<rootward_tuf::Envelope<Snapshot>, Failure> {
    let limits = LimitsView::default();
    let source = scene.ports.connect.source(&scene.spec, &limits)?;
    let request = Request {
        role: RoleName::snapshot(),
        select: Select::Current,
        limit_bytes: limits.document_bytes,
    };
    let missing = || broken_plan("snapshot", &format!("the server made none for {}", scene.gun));
    let found = source.fetch(&request).await?.ok_or_else(missing)?;
    metadata::read(&found.bytes, Dialect::Notary).map_err(|why| broken_plan("snapshot", &why))
}

fn entry(document: &AnyComplete) -> MetaEntry {
    document.meta_entry()
}

fn role_name(name: &str) -> Result<RoleName, Failure> {
    RoleName::new(name).map_err(|why| broken_plan(name, &why))
}

fn digest(target: &Target) -> String {
    target.hashes.sha256().map(|digest| hex(&digest)).unwrap_or_default()
}

fn vouches(role: &str, path: &str, target: &Target) -> Aim {
    Aim::Vouches {
        role: role.into(),
        path: path.into(),
        sha256: digest(target),
        length: target.length,
    }
}

fn vouched_by_nobody(target: &Target) -> Aim {
    Aim::VouchedByNobody { sha256: digest(target) }
}

fn in_token_as(what: &str, token: &Token) -> InHand {
    InHand {
        what: what.into(),
        key: token.place.clone(),
        label: token.label.clone(),
        physical_key: token.physical.clone(),
    }
}
