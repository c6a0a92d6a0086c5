//! A GUN on the real Notary that the command line and we take turns with, and the clients that judge each turn.

use crate::ctl;
use rootward_tests::ctl::{Ctl, Told};
use rootward_tests::rigs::notary::{Client, NotaryRig, PASSPHRASE, Tag};
use rootward_tuf::metadata::{self, Root};
use rootward_tuf::{Dialect, RoleName};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROLES: [&str; 4] = ["root", "targets", "snapshot", "timestamp"];

/// A GUN that the command line made, our desk, and what clients remember of it.
pub struct Gun<'a> {
    rig: &'a NotaryRig,
    pub name: String,
    pub desk: Ctl,
    /// A client for each step, as it was after it.
    pub seen: Vec<Client<'a>>,
    tags: Vec<Tag>,
    keys: tempfile::TempDir,
    made: usize,
}

/// What one of our rotations is given besides the role.
#[derive(Default)]
pub struct Rotation<'a> {
    pub remove: Vec<String>,
    pub add: Vec<String>,
    pub sign: Vec<String>,
    pub more: Vec<&'a str>,
}

impl<'a> Gun<'a> {
    /// Has the command line make a GUN with a tag and a delegation.
    pub fn made_by_the_command_line(rig: &'a NotaryRig, name: &str) -> Self {
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

    /// Begins a GUN ourselves with a delegation, and gives the command line the keys. `ours` are roles besides root and
    /// targets of which we hold the key.
    pub fn begun_by_us(rig: &'a NotaryRig, name: &str, ours: &[&str]) -> Self {
        let mut gun = Gun {
            rig,
            name: name.to_owned(),
            desk: ctl(),
            seen: Vec::new(),
            tags: Vec::new(),
            keys: tempfile::tempdir().unwrap(),
            made: 0,
        };
        let roles = ["root", "targets"].iter().chain(ours).copied();
        let keys: Vec<(&str, PathBuf)> = roles.map(|role| (role, gun.new_key())).collect();
        let told = gun.begin(&keys);
        assert_eq!(told.code, 0, "{told:?}");
        for (role, key) in &keys {
            gun.hand_over(key, role);
        }
        gun
    }

    /// Has our desk begin the GUN with these keys.
    fn begin(&mut self, keys: &[(&str, PathBuf)]) -> Told {
        let delegate = format!("file:{}", self.new_key().display());
        let edits = self.keys.path().join("edits.json");
        let delegation = serde_json::json!([{
            "kind": "delegate", "by": "targets", "role": "targets/releases", "keys": [delegate], "threshold": 1, "paths": [""],
        }]);
        fs::write(&edits, delegation.to_string()).unwrap();
        let (source, edits) = (self.source(), edits.to_str().unwrap().to_owned());
        let mut words = vec!["init".to_owned(), source, "--ca".into(), self.ca().into()];
        words.extend(["--edits".into(), edits, "--yes".into(), "--json".into()]);
        for (role, key) in keys {
            words.extend(["--add".into(), format!("{role}=file:{}", key.display())]);
        }
        self.desk.run(words)
    }

    /// Tries to begin what is there.
    pub fn begin_again(&mut self) -> Told {
        let keys = [("root", self.new_key()), ("targets", self.new_key())];
        self.begin(&keys)
    }

    /// The root that our desk was handed: it must follow from there ever after.
    pub fn first_root(&self) -> String {
        let file = self.seen[0].metadata(&self.name).join("root.json");
        file.to_str().unwrap().to_owned()
    }

    pub fn source(&self) -> String {
        format!("notary+https://{}/{}", self.rig.host(), self.name)
    }

    pub fn ca(&self) -> &'a str {
        self.rig.ca_file().to_str().unwrap()
    }

    /// Has the command line sign another tag: it can go on only while it understands what is there and has the keys.
    pub fn tag(&mut self) {
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
    pub fn root(&self) -> Root {
        let fresh = self.rig.client();
        fresh.list(&self.name);
        let file = fs::read(fresh.metadata(&self.name).join("root.json")).unwrap();
        metadata::read::<Root>(&file, Dialect::Notary).unwrap().body().clone()
    }

    /// The canonical ids of the keys of `role`: what the command line calls them.
    pub fn ids(&self, role: &str) -> BTreeSet<String> {
        ids(&self.root(), role)
    }

    /// The ids that root lists for `role`.
    pub fn listed_ids(&self, role: &str) -> BTreeSet<String> {
        let (root, role) = (self.root(), RoleName::new(role).unwrap());
        root.role(&role)
            .unwrap()
            .keyids
            .iter()
            .map(|id| id.as_str().to_owned())
            .collect()
    }

    /// The file in the command line's folder that holds the one key of `role`.
    pub fn key(&self, role: &str) -> String {
        let ids = self.ids(role);
        let file = self.file_of(ids.first().unwrap());
        assert!(ids.len() == 1 && file.exists(), "{role}: {ids:?}");
        format!("file:{}", file.display())
    }

    pub fn file_of(&self, id: &str) -> PathBuf {
        self.rig.trust_folder().join("private").join(format!("{id}.key"))
    }

    /// Makes a key for an officer, in a file without a passphrase.
    pub fn new_key(&mut self) -> PathBuf {
        self.made += 1;
        let file = self.keys.path().join(format!("key-{}.pem", self.made));
        rootward_tests::tls::self_signed("nobody", &self.keys.path().join("unused.crt"), &file);
        file
    }

    /// Gives the command line a key that we rotated to, so that it can go on.
    pub fn hand_over(&self, key: &Path, role: &str) {
        let mut args = vec!["key", "import", key.to_str().unwrap(), "--role", role];
        if role != "root" {
            args.extend(["--gun", &self.name]);
        }
        self.rig.notary(&args);
    }

    /// Rotates with rootwardctl, whatever comes of it.
    pub fn try_rotate(&mut self, role: &str, rotation: &Rotation<'_>) -> Told {
        let wish = self.wish(role, rotation);
        self.desk.run(wish)
    }

    /// The command that rotates, for a desk that knows the passphrases of its keys from now on.
    pub fn wish(&mut self, role: &str, rotation: &Rotation<'_>) -> Vec<String> {
        for key in rotation.remove.iter().chain(&rotation.sign) {
            self.desk.learn(key, PASSPHRASE);
        }
        self.order(role, rotation)
    }

    /// The arguments that rootwardctl is told a rotation with.
    pub fn order(&self, role: &str, rotation: &Rotation<'_>) -> Vec<String> {
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
        args
    }

    /// Rotates with rootwardctl, and is published.
    pub fn rotate(&mut self, role: &str, rotation: &Rotation<'_>) {
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
    pub fn replace(&mut self, role: &str) {
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
    pub fn signers(&self) -> Vec<String> {
        let mut signers = vec![self.key("root")];
        if self.is_held_by_people("snapshot") {
            signers.push(self.key("snapshot"));
        }
        signers
    }

    pub fn is_held_by_people(&self, role: &str) -> bool {
        self.ids(role).iter().all(|id| self.file_of(id).exists())
    }

    /// Has the server make a new key for a role.
    pub fn give_to_the_server(&mut self, role: &str) {
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
    pub fn take_back(&mut self, role: &str) {
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
    pub fn rotated_by_the_command_line(&mut self, role: &str, more: &[&str]) {
        let before = self.ids(role);
        let args = [&["key", "rotate", &self.name, role], more].concat();
        self.rig.notary(&args);
        assert!(self.ids(role).is_disjoint(&before), "{role} has other keys");
        self.judge(&format!("{role} rotated by the command line"));
    }

    /// Lets a fresh client, one a step behind, one two steps behind and the one that saw the beginning read everything.
    pub fn judge(&mut self, step: &str) {
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
