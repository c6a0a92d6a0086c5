//! Rotations on the real Notary: what the command line made we change, what we changed it goes on with, and every client that
//! remembers an older state follows. Each step is judged by the stock `notary` and by an independent verifier.

use crate::ctl;
use rootward_core::border::{CeremonyState, RotationChange, SourceSpec};
use rootward_core::ports::{Failure, Prompt, PromptRequest, Secret, TouchRequest, Touching};
use rootward_core::{Rotations, Trust};
use rootward_tests::ctl::{Ctl, Told};
use rootward_tests::desk::run;
use rootward_tests::rigs::notary::{Client, NotaryRig, PASSPHRASE, Storage, Tag};
use rootward_tuf::metadata::{self, Root};
use rootward_tuf::{Dialect, RoleName};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const ROLES: [&str; 4] = ["root", "targets", "snapshot", "timestamp"];

/// A GUN that the command line made, our desk, and what clients remember of it.
struct Gun<'a> {
    rig: &'a NotaryRig,
    name: String,
    desk: Ctl,
    /// A client for each step, as it was after it.
    seen: Vec<Client<'a>>,
    tags: Vec<Tag>,
    keys: tempfile::TempDir,
    made: usize,
}

/// What one of our rotations is given besides the role.
#[derive(Default)]
struct Rotation<'a> {
    remove: Vec<String>,
    add: Vec<String>,
    sign: Vec<String>,
    more: Vec<&'a str>,
}

impl<'a> Gun<'a> {
    /// Has the command line make a GUN with a tag and a delegation.
    fn made_by_the_command_line(rig: &'a NotaryRig, name: &str) -> Self {
        rig.init_and_publish(name);
        let (certificate, _) = rig.delegate("officer_2");
        let certificate = certificate.to_str().unwrap().to_owned();
        rig.notary(&[
            "delegation",
            "add",
            name,
            "targets/releases",
            &certificate,
            "--all-paths",
        ]);
        let mut gun = Gun {
            rig,
            name: name.to_owned(),
            desk: ctl(),
            seen: Vec::new(),
            tags: Vec::new(),
            keys: tempfile::tempdir().unwrap(),
            made: 0,
        };
        gun.tag();
        gun.judge("made by the command line");
        gun
    }

    /// The root that our desk was handed: it must follow from there ever after.
    fn first_root(&self) -> String {
        let file = self.seen[0].metadata(&self.name).join("root.json");
        file.to_str().unwrap().to_owned()
    }

    fn source(&self) -> String {
        format!("notary+https://{}/{}", self.rig.host(), self.name)
    }

    fn ca(&self) -> &'a str {
        self.rig.ca_file().to_str().unwrap()
    }

    /// Has the command line sign another tag: it can go on only while it understands what is there and has the keys.
    fn tag(&mut self) {
        let number = self.tags.len() + 1;
        let (name, digest) = (format!("v{number}"), format!("{number:064x}"));
        self.rig
            .notary(&["addhash", &self.name, &name, "523", "--sha256", &digest, "--publish"]);
        self.tags.push(Tag {
            name,
            digest,
            size: 523,
            role: "targets".into(),
        });
    }

    /// The newest root, as a client keeps it that has just seen everything.
    fn root(&self) -> Root {
        let fresh = self.rig.client();
        fresh.list(&self.name);
        let file = fs::read(fresh.metadata(&self.name).join("root.json")).unwrap();
        metadata::read::<Root>(&file, Dialect::Notary).unwrap().body().clone()
    }

    /// The canonical ids of the keys of `role`: what the command line calls them.
    fn ids(&self, role: &str) -> BTreeSet<String> {
        ids(&self.root(), role)
    }

    /// The ids that root lists for `role`.
    fn listed_ids(&self, role: &str) -> BTreeSet<String> {
        let (root, role) = (self.root(), RoleName::new(role).unwrap());
        root.role(&role)
            .unwrap()
            .keyids
            .iter()
            .map(|id| id.as_str().to_owned())
            .collect()
    }

    /// The file in the command line's folder that holds the one key of `role`.
    fn key(&self, role: &str) -> String {
        let ids = self.ids(role);
        let file = self.file_of(ids.first().unwrap());
        assert!(ids.len() == 1 && file.exists(), "{role}: {ids:?}");
        format!("file:{}", file.display())
    }

    fn file_of(&self, id: &str) -> PathBuf {
        self.rig.trust_folder().join("private").join(format!("{id}.key"))
    }

    /// Makes a key for an officer, in a file without a passphrase.
    fn new_key(&mut self) -> PathBuf {
        self.made += 1;
        let file = self.keys.path().join(format!("key-{}.pem", self.made));
        rootward_tests::tls::self_signed("nobody", &self.keys.path().join("unused.crt"), &file);
        file
    }

    /// Gives the command line a key that we rotated to, so that it can go on.
    fn hand_over(&self, key: &Path, role: &str) {
        let mut args = vec!["key", "import", key.to_str().unwrap(), "--role", role];
        if role != "root" {
            args.extend(["--gun", &self.name]);
        }
        self.rig.notary(&args);
    }

    /// Rotates with rootwardctl, whatever comes of it.
    fn try_rotate(&mut self, role: &str, rotation: &Rotation<'_>) -> Told {
        for key in rotation.remove.iter().chain(&rotation.sign) {
            self.desk.learn(key, PASSPHRASE);
        }
        let options = ["--root", &self.first_root(), "--yes", "--json"];
        let mut args: Vec<String> = [&["rotate", role, &self.source(), "--ca", self.ca()][..], &options]
            .concat()
            .iter()
            .map(|word| (*word).to_owned())
            .collect();
        for (option, keys) in [
            ("--remove", &rotation.remove),
            ("--add", &rotation.add),
            ("--sign", &rotation.sign),
        ] {
            args.extend(keys.iter().flat_map(|key| [option.to_owned(), key.clone()]));
        }
        args.extend(rotation.more.iter().map(|word| (*word).to_owned()));
        self.desk.run(args)
    }

    /// Rotates with rootwardctl, and is published.
    fn rotate(&mut self, role: &str, rotation: &Rotation<'_>) {
        let before = self.root();
        let told = self.try_rotate(role, rotation);
        assert_eq!(told.code, 0, "{role} of {}: {told:?}", self.name);
        let after = self.root();
        assert_eq!(after.version, before.version + 1, "one root more");
        for known in ROLES {
            let changed = ids(&after, known) != ids(&before, known);
            assert_eq!(changed, known == role, "{known} after a rotation of {role}");
        }
    }

    /// Replaces the one key of a role that people hold by a new one, which the command line gets too.
    fn replace(&mut self, role: &str) {
        let new = self.new_key();
        let remove = self.key(role);
        let rotation = Rotation {
            sign: self.signers().into_iter().filter(|key| *key != remove).collect(),
            remove: vec![remove],
            add: vec![format!("file:{}", new.display())],
            more: Vec::new(),
        };
        self.rotate(role, &rotation);
        self.hand_over(&new, role);
        self.judge(&format!("{role} rotated by us"));
    }

    /// Whoever must sign whatever changes: root does, and the snapshot that names it by digest, unless the server signs that.
    fn signers(&self) -> Vec<String> {
        let mut signers = vec![self.key("root")];
        if self.is_held_by_people("snapshot") {
            signers.push(self.key("snapshot"));
        }
        signers
    }

    fn is_held_by_people(&self, role: &str) -> bool {
        self.ids(role).iter().all(|id| self.file_of(id).exists())
    }

    /// Has the server make a new key for a role.
    fn to_the_server(&mut self, role: &str) {
        let rotation = Rotation {
            sign: self.signers(),
            more: vec!["--server"],
            ..Rotation::default()
        };
        self.rotate(role, &rotation);
        assert!(!self.is_held_by_people(role));
        self.judge(&format!("{role} given to the server by us"));
    }

    /// Takes a role that the server holds the key of back into people's hands.
    fn take_back(&mut self, role: &str) {
        let new = self.new_key();
        let rotation = Rotation {
            remove: self.ids(role).into_iter().collect(),
            add: vec![format!("file:{}", new.display())],
            sign: self.signers(),
            more: Vec::new(),
        };
        self.rotate(role, &rotation);
        self.hand_over(&new, role);
        self.judge(&format!("{role} taken back by us"));
    }

    /// Has the command line rotate a role.
    fn rotated_by_the_command_line(&mut self, role: &str, more: &[&str]) {
        let before = self.ids(role);
        let args = [&["key", "rotate", &self.name, role], more].concat();
        self.rig.notary(&args);
        assert!(self.ids(role).is_disjoint(&before), "{role} has other keys");
        self.judge(&format!("{role} rotated by the command line"));
    }

    /// Lets a fresh client, one a step behind, one two steps behind and the one that saw the beginning read everything.
    fn judge(&mut self, step: &str) {
        let fresh = self.rig.client();
        let count = self.seen.len();
        let behind: BTreeSet<_> = [count.checked_sub(1), count.checked_sub(2), (count > 0).then_some(0)].into();
        let stale = behind.into_iter().flatten().map(|place| self.seen[place].copy());
        let readers: Vec<_> = stale.chain([fresh]).collect();
        let newest = self.tags.last().unwrap();
        for reader in &readers {
            assert_eq!(reader.list(&self.name), self.tags, "{step}");
            assert_eq!(
                reader.lookup(&self.name, &newest.name),
                (newest.digest.clone(), newest.size),
                "{step}"
            );
            let delegations = reader.delegations(&self.name);
            assert_eq!(delegations.len(), 1, "{step}: {delegations:?}");
            assert_eq!(delegations[0][0], "targets/releases", "{step}");
        }
        let fresh = readers.into_iter().next_back().unwrap();
        fresh.has_sound_documents(&self.name);
        self.seen.push(fresh);
        let told = ctl().run([
            "verify",
            &self.source(),
            "--ca",
            self.ca(),
            "--root",
            &self.first_root(),
        ]);
        assert_eq!(told.code, 0, "{step}: {told:?}");
    }
}

fn ids(root: &Root, role: &str) -> BTreeSet<String> {
    let keyids = &root.role(&RoleName::new(role).unwrap()).unwrap().keyids;
    let keys = keyids.iter().map(|id| root.keys.get(id).unwrap().canonical_keyid());
    keys.map(|id| id.as_str().to_owned()).collect()
}

#[test]
fn root_goes_from_the_command_line_to_us_and_back() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/root");
    gun.replace("root");
    gun.tag();
    gun.rotated_by_the_command_line("root", &[]);
    gun.replace("root");
    gun.replace("root");
    gun.rotated_by_the_command_line("targets", &[]);
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn targets_goes_from_the_command_line_to_us_and_back() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/targets");
    gun.replace("targets");
    gun.tag();
    gun.rotated_by_the_command_line("targets", &[]);
    gun.replace("targets");
    gun.rotated_by_the_command_line("root", &[]);
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn snapshot_goes_between_people_and_the_server_both_ways() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/snapshot");
    gun.replace("snapshot");
    gun.tag();
    gun.to_the_server("snapshot");
    gun.tag();
    gun.rotated_by_the_command_line("snapshot", &[]);
    gun.rotated_by_the_command_line("snapshot", &["--server-managed"]);
    gun.take_back("snapshot");
    gun.tag();
    gun.replace("root");
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn timestamp_gets_a_new_key_from_either_side() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/timestamp");
    gun.to_the_server("timestamp");
    gun.tag();
    gun.rotated_by_the_command_line("timestamp", &["--server-managed"]);
    gun.to_the_server("timestamp");
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn all_of_it_holds_on_postgresql() {
    let rig = NotaryRig::start_on(Storage::Postgres);
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/stored");
    gun.to_the_server("snapshot");
    gun.replace("root");
    gun.rotated_by_the_command_line("root", &[]);
    gun.replace("targets");
    gun.to_the_server("timestamp");
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn a_root_of_three_keys_needs_two_of_them_on_the_unmodified_server() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/two-of-three");
    let keys: Vec<_> = (0..2).map(|_| format!("file:{}", gun.new_key().display())).collect();
    let (first, snapshot) = (gun.key("root"), gun.key("snapshot"));
    let widened = Rotation {
        add: keys.clone(),
        sign: vec![first.clone(), snapshot.clone()],
        more: vec!["--threshold", "2"],
        ..Rotation::default()
    };
    gun.rotate("root", &widened);
    assert_eq!(gun.ids("root").len(), 3);
    gun.judge("two of three");

    // One of the three is not enough, and we say so before the server would have to.
    let version = gun.root().version;
    let alone = Rotation {
        remove: vec![first.clone()],
        sign: vec![snapshot.clone()],
        more: vec!["--threshold", "1"],
        ..Rotation::default()
    };
    let told = gun.try_rotate("root", &alone);
    assert_eq!(told.code, 1, "{told:?}");
    assert_eq!(gun.root().version, version, "nothing was published");
    // Nor is it for the command line, which has only that one.
    let attempted = rig.attempt(&["key", "rotate", &gun.name, "targets"]);
    assert!(!attempted.status.success(), "{attempted:?}");
    assert_eq!(gun.root().version, version);

    let other = Rotation {
        remove: vec![first],
        sign: keys.into_iter().chain([snapshot]).collect(),
        ..Rotation::default()
    };
    gun.rotate("root", &other);
    assert_eq!(gun.ids("root").len(), 2);
    gun.judge("two of two");
    gun.tag();
    gun.judge("the targets key goes on as it did");
}

#[test]
fn the_old_root_key_can_publish_nothing_any_more() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/gone");
    let new = format!("file:{}", gun.new_key().display());
    let rotation = Rotation {
        remove: vec![gun.key("root")],
        add: vec![new],
        sign: vec![gun.key("snapshot")],
        ..Rotation::default()
    };
    gun.rotate("root", &rotation);
    gun.judge("rotated");
    let after = gun.root();
    // The command line still has every key but the new one.
    for args in [
        &["key", "rotate", &gun.name, "root"][..],
        &["key", "rotate", &gun.name, "targets"],
        &["key", "rotate", &gun.name, "snapshot", "--server-managed"],
        &["key", "rotate", &gun.name, "timestamp", "--server-managed"],
    ] {
        let output = rig.attempt(args);
        assert!(!output.status.success(), "{args:?}: {output:?}");
    }
    assert_eq!(gun.root(), after);
    gun.judge("nothing came of it");
}

#[test]
fn a_long_name_with_a_port_and_slashes_is_no_obstacle() {
    let rig = NotaryRig::start();
    let name = format!("registry.example:5005/{}/image-1", vec!["a-department"; 7].join("/"));
    assert_eq!(name.len(), 120);
    let mut gun = Gun::made_by_the_command_line(&rig, &name);
    gun.replace("root");
    gun.rotated_by_the_command_line("root", &[]);
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn docker_sees_the_same_keys() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/docker");
    gun.to_the_server("snapshot");
    gun.replace("root");
    gun.replace("targets");
    let Some(inspected) = rig.docker_trust(&gun.name) else {
        return;
    };
    let keys = |name: &str| -> BTreeSet<String> {
        let all = inspected[0]["AdministrativeKeys"].as_array().unwrap();
        let named = all.iter().filter(|keys| keys["Name"] == name);
        named
            .flat_map(|keys| keys["Keys"].as_array().unwrap())
            .map(|key| key["ID"].as_str().unwrap().to_owned())
            .collect()
    };
    // Of a root key it shows the id of the certificate; of any other, the two ids are one.
    assert_eq!(keys("Root"), gun.listed_ids("root"), "{inspected:#}");
    assert_eq!(keys("Repository"), gun.ids("targets"), "{inspected:#}");
    assert_eq!(inspected[0]["SignedTags"][0]["SignedTag"], "v1", "{inspected:#}");
}

#[test]
fn root_keys_of_the_past_sign_for_very_old_clients_when_asked() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/legacy");
    let first = gun.key("root");
    gun.rotated_by_the_command_line("root", &[]);
    let second = gun.key("root");
    let new = gun.new_key();
    let rotation = Rotation {
        remove: vec![second],
        add: vec![format!("file:{}", new.display())],
        sign: vec![first, gun.key("snapshot")],
        more: vec!["--legacy", "1"],
    };
    gun.rotate("root", &rotation);
    gun.hand_over(&new, "root");
    gun.judge("signed by three keys");
    let file = fs::read(gun.seen.last().unwrap().metadata(&gun.name).join("root.json")).unwrap();
    let root = metadata::read::<Root>(&file, Dialect::Notary).unwrap();
    assert_eq!(
        root.signatures().len(),
        3,
        "the one before the last, the last, and the new"
    );
    gun.rotated_by_the_command_line("root", &[]);
}

#[test]
fn a_delegate_can_publish_once_the_server_holds_the_snapshot() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/delegate");
    let (certificate, key) = rig.delegate("officer_3");
    let certificate = certificate.to_str().unwrap();
    rig.notary(&[
        "delegation",
        "add",
        &gun.name,
        "targets/releases",
        certificate,
        "--all-paths",
        "--publish",
    ]);
    gun.to_the_server("snapshot");
    gun.replace("targets");
    let digest = "b".repeat(64);
    rig.notary(&["key", "import", key.to_str().unwrap(), "--role", "officer_3"]);
    let tag = [
        "addhash",
        &gun.name,
        "r1",
        "7",
        "--sha256",
        &digest,
        "--roles",
        "targets/releases",
        "--publish",
    ];
    rig.notary(&tag);
    let client = rig.client();
    let tags = client.list(&gun.name);
    assert!(
        tags.iter()
            .any(|tag| tag.name == "r1" && tag.role == "targets/releases"),
        "{tags:?}"
    );
    client.has_sound_documents(&gun.name);
}

/// Knows every passphrase there is.
struct Officer;

impl Prompt for Officer {
    fn ask(&self, _request: &PromptRequest) -> Result<Secret, Failure> {
        Ok(Secret::new(PASSPHRASE.as_bytes().to_vec().into()))
    }

    fn touch(&self, _request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}

#[test]
fn whoever_comes_second_is_superseded_and_shown_by_what() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/race");
    let data = tempfile::tempdir().unwrap();
    let desk = Rotations::open(Some(data.path().join("desk")), None, Arc::new(Officer)).unwrap();
    let source = SourceSpec::Notary {
        url: rig.url().to_owned(),
        gun: gun.name.clone(),
        ca_file: Some(gun.ca().to_owned()),
        user: None,
    };
    let wish = RotationChange {
        role: "root".into(),
        remove: vec![gun.key("root")],
        add: vec![format!("file:{}", gun.new_key().display())],
        sign: vec![gun.key("snapshot")],
        server: false,
        threshold: None,
        legacy: 0,
        expires: None,
        reason: "a race".into(),
    };
    let id = run(async {
        let repository = desk.repository(source, Trust::FirstUse).await?;
        let proposal = desk.propose(&repository, &wish).await?;
        let (id, _) = desk.begin(proposal).await?;
        desk.freeze(&id).await?;
        while let Some(key) = desk.missing_signers(&id)?.first() {
            desk.sign(&id, key).await?;
        }
        Ok::<_, Failure>(id)
    });
    let id = id.unwrap();
    gun.rotated_by_the_command_line("root", &[]);
    let theirs = gun.root();

    let refused = run(desk.bring_to_its_end(&id)).unwrap_err();
    assert_eq!(refused.code, "superseded", "{refused:?}");
    let view = desk.view(&id).unwrap();
    assert_eq!(view.state, CeremonyState::Superseded);
    assert!(
        !view.publication.is_empty(),
        "what came first is shown as a difference: {view:#?}"
    );
    assert_eq!(gun.root(), theirs, "nothing was published over it");
    assert!(
        run(desk.bring_to_its_end(&id)).is_err(),
        "and its signatures are never used again"
    );
    gun.judge("theirs stands");
}

#[test]
fn a_server_that_wants_a_password_gets_it_from_the_secrets() {
    let rig = NotaryRig::start_guarded("admin", "right");
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/guarded");
    let account = format!("admin@{}", rig.host());
    let rotation = |gun: &mut Gun<'_>| Rotation {
        remove: vec![gun.key("root")],
        add: vec![format!("file:{}", gun.new_key().display())],
        sign: vec![gun.key("snapshot")],
        more: vec!["--user", "admin"],
    };
    let before = gun.root();
    let anonymous = Rotation {
        more: Vec::new(),
        ..rotation(&mut gun)
    };
    let told = gun.try_rotate("root", &anonymous);
    assert_eq!((told.code, told.err.contains("unauthorized")), (2, true), "{told:?}");
    assert_eq!(gun.root(), before);

    let mut other = Gun::made_by_the_command_line(&rig, "reg.test/lab/guarded-too");
    other.desk.learn(account, "right");
    let rotation = rotation(&mut other);
    other.rotate("root", &rotation);
    other.judge("signed in");
}

#[test]
fn a_server_that_is_gone_is_a_fault_and_no_cache_stands_in_for_it() {
    let rig = NotaryRig::start();
    let gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/gone");
    let (source, root) = (gun.source(), gun.first_root());
    let ca = tempfile::tempdir().unwrap();
    let ca = ca.path().join("ca.crt");
    fs::copy(rig.ca_file(), &ca).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let kept_root = kept.path().join("root.json");
    fs::copy(root, &kept_root).unwrap();
    drop(gun);
    drop(rig);
    for command in [&["verify"][..], &["rotate", "timestamp", "--server", "--yes"]] {
        let (ca, root) = (ca.to_str().unwrap(), kept_root.to_str().unwrap());
        let told = ctl().run([command, &[&source, "--ca", ca, "--root", root]].concat());
        assert_eq!(told.code, 2, "{told:?}");
        assert!(told.err.contains("network-failed"), "{told:?}");
    }
}
