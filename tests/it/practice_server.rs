//! The practice server and the real one are asked the same things, and say the same.

use p256::ecdsa::{DerSignature, SigningKey, signature::Signer as _};
use rootward_core::adapters::{Connections, PracticeServers, SystemClock, SystemDisk};
use rootward_core::border::{LimitsView, SourceSpec};
use rootward_core::ports::{Clock, Connect, Document, Publication};
use rootward_tests::desk::run;
use rootward_tests::rigs::notary::NotaryRig;
use rootward_tuf::dialect::notary::notary_certificate;
use rootward_tuf::encoding::{base64, sha256};
use rootward_tuf::{
    Algorithm, AnyFrozen, DelegatedRole, Dialect, Envelope, Hashes, Instant, Key, KeyId, MetaEntry, PathSet, PublicKey,
    RoleKeys, RoleName, Root, RootDraft, Select, Signature, Snapshot, SnapshotDraft, Target, Targets, TargetsDraft,
    read,
};
use serde_json::Value;
use std::sync::{Arc, OnceLock};

const GUN: &str = "reg.test/lab/both";
const DAY: i64 = 24 * 60 * 60;

fn private(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).expect("a key")
}

fn public(number: u8) -> PublicKey {
    let point = private(number).verifying_key().to_sec1_point(false);
    PublicKey::from_ec_point(Algorithm::EcdsaP256, point.as_bytes()).expect("a public key")
}

fn bare(number: u8) -> Key {
    Key::new_notary_bare(&public(number))
}

fn sign(number: u8, message: &[u8]) -> Vec<u8> {
    let signature: DerSignature = private(number).sign(message);
    signature.as_bytes().to_vec()
}

/// So many days from the moment at which the test began; the real server goes by the machine's clock.
fn days(days: i64) -> Instant {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    BEGAN.get_or_init(|| SystemClock.now()).plus_seconds(days * DAY)
}

fn certificate(number: u8, name: &str) -> Key {
    let made = notary_certificate(name, &public(number), days(-1), days(3_650), [number; 16], |tbs| {
        sign(number, tbs)
    });
    Key::new_notary_certificate(made.expect("a certificate").der()).expect("a key")
}

/// A document with signatures by keys as they are listed, enough or not; written as Go writes it, since the real server hashes
/// a client's snapshot as it would write it itself.
fn file(frozen: impl Into<AnyFrozen>, signers: &[(u8, &Key)]) -> Vec<u8> {
    let frozen = frozen.into();
    let signatures: Vec<String> = signers
        .iter()
        .map(|(number, key)| {
            let signature = Signature::by(key, &sign(*number, frozen.bytes())).expect("a signature");
            let bytes = base64(signature.bytes.as_deref().expect("it was made"));
            format!(r#"{{"keyid":"{}","method":"ecdsa","sig":"{bytes}"}}"#, key.keyid())
        })
        .collect();
    let signed = std::str::from_utf8(frozen.bytes()).expect("JSON is text");
    format!(r#"{{"signed":{signed},"signatures":[{}]}}"#, signatures.join(",")).into_bytes()
}

fn document(role: &str, bytes: Vec<u8>) -> Document {
    let shown: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    Document {
        role: RoleName::new(role).expect("a role"),
        version: shown["signed"]["version"].as_u64().unwrap_or(2),
        bytes,
    }
}

/// One of the two servers, with a repository on it: root 1 of certificate 1, targets 2 of keys 5 and 6, who delegate
/// `targets/releases` to key 7; the server holds the rest.
struct Place {
    connections: Connections,
    spec: SourceSpec,
    root: Envelope<Root>,
    targets: Envelope<Targets>,
}

impl Place {
    fn with_a_repository(connections: Connections, spec: SourceSpec) -> Self {
        let keys = connections
            .server_keys(&spec, &LimitsView::default())
            .expect("a Notary server");
        let server = |role: RoleName| run(keys.current(&role)).expect("the server makes a key");
        let mut draft = RootDraft::first(Dialect::Notary, false, days(3_000));
        draft
            .add_key(&RoleName::root(), certificate(1, GUN))
            .add_key(&RoleName::targets(), bare(5))
            .add_key(&RoleName::targets(), bare(6))
            .set_threshold(&RoleName::targets(), 2)
            .add_key(&RoleName::snapshot(), server(RoleName::snapshot()))
            .add_key(&RoleName::timestamp(), server(RoleName::timestamp()));
        let root = file(draft.freeze().expect("a root"), &[(1, &certificate(1, GUN))]);
        let mut draft = TargetsDraft::first(Dialect::Notary, RoleName::targets(), days(1_000));
        draft.add_delegation(
            &DelegatedRole {
                name: RoleName::new("targets/releases").expect("a role"),
                keys: RoleKeys {
                    keyids: vec![bare(7).keyid().clone()],
                    threshold: 1,
                },
                paths: PathSet::Prefixes(vec![String::new()]),
                terminating: false,
            },
            &[bare(7)],
        );
        let targets = file(draft.freeze().expect("targets"), &[(5, &bare(5)), (6, &bare(6))]);
        let place = Place {
            root: read(&root, Dialect::Notary).expect("a root"),
            targets: read(&targets, Dialect::Notary).expect("targets"),
            connections,
            spec,
        };
        let first = vec![document("root", root), document("targets", targets)];
        assert_eq!(place.publish(first, (0, [0; 32])), ("published".into(), String::new()));
        place
    }

    fn publish(&self, documents: Vec<Document>, builds_on: (u64, [u8; 32])) -> (String, String) {
        let publication = Publication {
            dialect: Dialect::Notary,
            consistent_snapshot: false,
            documents,
            root_last: false,
            builds_on,
        };
        let publisher = self
            .connections
            .publisher(&self.spec, &LimitsView::default())
            .expect("a server");
        match run(publisher.publish(&publication)) {
            Ok(()) => ("published".into(), String::new()),
            Err(failure) => {
                let told = |name: &str| failure.details.get(name).cloned().unwrap_or_default();
                let rule = format!(
                    "{} {} {} {}",
                    told("status"),
                    told("notary code"),
                    told("notary rule"),
                    sentence(&told("notary detail"))
                );
                (failure.code, rule)
            }
        }
    }

    fn on_top(&self, documents: Vec<Document>) -> (String, String) {
        self.publish(documents, (1, sha256(self.root.file_bytes())))
    }

    /// One document on top of what is there, with signatures by these keys.
    fn puts(&self, role: &str, frozen: impl Into<AnyFrozen>, signers: &[(u8, &Key)]) -> (String, String) {
        self.on_top(vec![document(role, file(frozen, signers))])
    }

    /// A root that the one certificate signed.
    fn puts_root(&self, draft: RootDraft) -> (String, String) {
        self.puts("root", draft.freeze().expect("a root"), &[(1, &certificate(1, GUN))])
    }

    fn next_root(&self) -> RootDraft {
        RootDraft::next(&self.root)
    }

    /// The next root, with one certificate in the place of another.
    fn root_with(&self, new: &Key, old: &Key) -> RootDraft {
        let mut draft = self.next_root();
        draft
            .add_key(&RoleName::root(), new.clone())
            .remove_key(&RoleName::root(), old.keyid());
        draft
    }

    fn next_targets(&self) -> TargetsDraft {
        let mut draft = TargetsDraft::next(&self.targets, RoleName::targets());
        draft.set_expires(days(900));
        draft
    }

    fn current(&self, role: &str) -> Option<Vec<u8>> {
        let source = self
            .connections
            .source(&self.spec, &LimitsView::default())
            .expect("a server");
        let request = rootward_tuf::Request {
            role: RoleName::new(role).expect("a role"),
            select: Select::Current,
            limit_bytes: 1 << 20,
        };
        run(source.fetch(&request))
            .expect("it answers")
            .map(|found| found.bytes)
    }
}

/// A sentence without what differs each time: keys, moments, digests, and which of two digests was looked at first.
fn sentence(text: &str) -> &str {
    let text = text.trim_start_matches("sha512 ").trim_start_matches("sha256 ");
    let ends = ["key ", " at ", ": expected "]
        .into_iter()
        .filter_map(|word| text.find(word));
    &text[..ends.min().unwrap_or(text.len())]
}

fn releases() -> TargetsDraft {
    let mut draft = TargetsDraft::first(
        Dialect::Notary,
        RoleName::new("targets/releases").expect("a role"),
        days(900),
    );
    let target = Target {
        length: 3,
        hashes: Hashes::of(b"tag"),
        custom: None,
    };
    draft.add_target("1.0", &target);
    draft
}

/// What is tried on both, each on a fresh repository.
type Case = (&'static str, fn(&Place) -> (String, String), &'static str);

const CASES: &[Case] = &[
    (
        "a root that skips a version",
        |place| {
            let mut skipped: Value = serde_json::from_slice(&file(place.next_root().freeze().unwrap(), &[])).unwrap();
            skipped["signed"]["version"] = 3.into();
            place.on_top(vec![document("root", skipped.to_string().into_bytes())])
        },
        "server-refused-root",
    ),
    (
        "a root that only its new key signed",
        |place| {
            let (old, new) = (certificate(1, GUN), certificate(2, GUN));
            let draft = place.root_with(&new, &old);
            place.puts("root", draft.freeze().unwrap(), &[(2, &new)])
        },
        "server-refused-root",
    ),
    (
        "a root that only its old key signed",
        |place| {
            let (old, new) = (certificate(1, GUN), certificate(2, GUN));
            let draft = place.root_with(&new, &old);
            place.puts("root", draft.freeze().unwrap(), &[(1, &old)])
        },
        "server-refused-root",
    ),
    (
        "a root that both signed",
        |place| {
            let (old, new) = (certificate(1, GUN), certificate(2, GUN));
            let draft = place.root_with(&new, &old);
            place.puts("root", draft.freeze().unwrap(), &[(1, &old), (2, &new)])
        },
        "published",
    ),
    (
        "a root whose new certificate names another repository",
        |place| {
            let (old, new) = (certificate(1, GUN), certificate(2, "reg.test/lab/other"));
            let draft = place.root_with(&new, &old);
            place.puts("root", draft.freeze().unwrap(), &[(1, &old), (2, &new)])
        },
        "server-refused-root",
    ),
    (
        "a root that has ended",
        |place| {
            let mut draft = place.next_root();
            draft.set_expires(days(-1));
            place.puts_root(draft)
        },
        "server-refused-root",
    ),
    (
        "a root whose timestamp key the server does not have",
        |place| {
            let mut draft = place.next_root();
            draft.replace_keys(&RoleName::timestamp(), vec![bare(9)]);
            place.puts_root(draft)
        },
        "server-lacks-key",
    ),
    (
        "a root with another targets key, and no new targets",
        |place| {
            let mut draft = place.next_root();
            draft.add_key(&RoleName::targets(), bare(8));
            draft.remove_key(&RoleName::targets(), bare(6).keyid());
            place.puts_root(draft)
        },
        "published",
    ),
    (
        "targets that one of two keys signed",
        |place| {
            let frozen = place.next_targets().freeze().unwrap();
            place.puts("targets", frozen, &[(5, &bare(5))])
        },
        "server-refused-targets",
    ),
    (
        "targets that one key signed twice",
        |place| {
            let frozen = place.next_targets().freeze().unwrap();
            place.puts("targets", frozen, &[(5, &bare(5)), (5, &bare(5))])
        },
        "server-refused-targets",
    ),
    (
        "targets that both keys signed",
        |place| {
            let frozen = place.next_targets().freeze().unwrap();
            place.puts("targets", frozen, &[(5, &bare(5)), (6, &bare(6))])
        },
        "published",
    ),
    (
        "targets that have ended",
        |place| {
            let mut draft = place.next_targets();
            draft.set_expires(days(-1));
            place.puts("targets", draft.freeze().unwrap(), &[(5, &bare(5)), (6, &bare(6))])
        },
        "server-refused-targets",
    ),
    (
        "a delegated document by its key",
        |place| place.puts("targets/releases", releases().freeze().unwrap(), &[(7, &bare(7))]),
        "published",
    ),
    (
        "a delegated document by the key of targets",
        |place| place.puts("targets/releases", releases().freeze().unwrap(), &[(5, &bare(5))]),
        "server-refused-targets",
    ),
    (
        "a document that nobody delegated",
        |place| place.puts("targets/other", releases().freeze().unwrap(), &[(7, &bare(7))]),
        "server-refused-targets",
    ),
    (
        "a snapshot by a key that is not root's",
        |place| {
            let old = place.current("snapshot").unwrap();
            let old: Envelope<Snapshot> = read(&old, Dialect::Notary).unwrap();
            let frozen = SnapshotDraft::next(&old).freeze().unwrap();
            place.puts("snapshot", frozen, &[(9, &bare(9))])
        },
        "server-refused-snapshot",
    ),
    (
        "a client's snapshot, with the root that gives it the key",
        |place| {
            let mut draft = place.next_root();
            draft.replace_keys(&RoleName::snapshot(), vec![bare(9)]);
            let root = file(draft.freeze().unwrap(), &[(1, &certificate(1, GUN))]);
            let old = place.current("snapshot").unwrap();
            let old: Envelope<Snapshot> = read(&old, Dialect::Notary).unwrap();
            let mut snapshot = SnapshotDraft::next(&old);
            snapshot.set_meta(&RoleName::root(), &MetaEntry::of(&root, 2, Dialect::Notary));
            let snapshot = file(snapshot.freeze().unwrap(), &[(9, &bare(9))]);
            place.on_top(vec![document("root", root), document("snapshot", snapshot)])
        },
        "published",
    ),
    (
        "a client's snapshot that names the old root",
        |place| {
            let mut draft = place.next_root();
            draft.replace_keys(&RoleName::snapshot(), vec![bare(9)]);
            let root = file(draft.freeze().unwrap(), &[(1, &certificate(1, GUN))]);
            let old = place.current("snapshot").unwrap();
            let old: Envelope<Snapshot> = read(&old, Dialect::Notary).unwrap();
            let snapshot = file(SnapshotDraft::next(&old).freeze().unwrap(), &[(9, &bare(9))]);
            place.on_top(vec![document("root", root), document("snapshot", snapshot)])
        },
        "server-refused-snapshot",
    ),
    (
        "a root that takes the snapshot key away, and no snapshot",
        |place| {
            let mut draft = place.next_root();
            draft.replace_keys(&RoleName::snapshot(), vec![bare(9)]);
            place.puts_root(draft)
        },
        "server-lacks-key",
    ),
    (
        "a key that the server made for the next root",
        |place| {
            let keys = place
                .connections
                .server_keys(&place.spec, &LimitsView::default())
                .unwrap();
            let new = run(keys.rotate(&RoleName::snapshot())).unwrap();
            let mut draft = place.next_root();
            draft.replace_keys(&RoleName::snapshot(), vec![new.clone()]);
            let said = place.puts_root(draft);
            let snapshot: Envelope<Snapshot> = read(&place.current("snapshot").unwrap(), Dialect::Notary).unwrap();
            let signers: Vec<&KeyId> = snapshot.signatures().iter().map(|signature| &signature.keyid).collect();
            assert_eq!(signers, [new.keyid()]);
            assert_eq!(run(keys.current(&RoleName::snapshot())).unwrap().keyid(), new.keyid());
            said
        },
        "published",
    ),
    (
        "no JSON",
        |place| place.on_top(vec![document("root", b"{".to_vec())]),
        "server-misread",
    ),
];

#[test]
fn both_servers_take_and_refuse_the_same_in_the_same_words() {
    let rig = NotaryRig::start();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let disk = Arc::new(SystemDisk::new());
    let servers = PracticeServers::new(disk.clone(), Arc::new(SystemClock), folder.path().join("servers"));
    let mut differ = Vec::new();
    for (number, (name, attempt, expected)) in CASES.iter().enumerate() {
        let on = |url: &str, ca: Option<String>, connections: Connections| {
            let spec = SourceSpec::Notary {
                url: url.into(),
                gun: GUN.into(),
                ca_file: ca,
                user: None,
            };
            let place = Place::with_a_repository(connections, spec);
            let said = attempt(&place);
            let versions = ["root", "targets", "targets/releases", "snapshot", "timestamp"].map(|role| {
                let shown: Value = serde_json::from_slice(&place.current(role)?).expect("JSON");
                shown["signed"]["version"].as_u64()
            });
            (said, versions)
        };
        rig.notary(&["delete", GUN, "--remote"]);
        let ca = rig.ca_file().display().to_string();
        let real = on(rig.url(), Some(ca), Connections::new(disk.clone()));
        let practice = on(
            &format!("practice://both-{number}"),
            None,
            Connections::new(disk.clone()).with_practice(servers.clone()),
        );
        if practice != real || practice.0.0 != *expected {
            differ.push(format!(
                "{name}, expected {expected}:\n practice {practice:?}\n real     {real:?}"
            ));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
