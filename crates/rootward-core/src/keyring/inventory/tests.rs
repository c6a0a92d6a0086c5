//! Folders as Notary of different ages left them, and folders that nobody should leave.

use std::{fs, sync::Arc};

use tempfile::TempDir;

use super::*;
use crate::{
    adapters::{DeskConfig, KeyFiles, SystemDisk, SystemRandom, desk_ports},
    ports::{CertificateTerms, KdfCost, NewKey, Prompt, PromptRequest, Secret, TouchRequest, Touching},
};
use rootward_tuf::time::Instant;

/// A folder of throw-away keys.
struct World {
    place: TempDir,
    keys: KeyFiles,
}

impl World {
    fn new() -> Self {
        World {
            place: tempfile::tempdir().unwrap(),
            keys: KeyFiles::new(Arc::new(SystemDisk::new()), Arc::new(SystemRandom)),
        }
    }

    fn at(&self, inside: &str) -> PathBuf {
        self.place.path().join(inside)
    }

    fn write(&self, inside: &str, text: impl AsRef<[u8]>) {
        let path = self.at(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A new key in a file as Notary names and heads it: (the file's text, its key).
    fn key(&self, headers: &str) -> (String, Key) {
        let made = self.at("made");
        let secret = Secret::new(b"throw-away".to_vec().into());
        let public = self
            .keys
            .create(&made, NewKey::EcdsaP256, &secret, KdfCost::Practice)
            .unwrap();
        let text = fs::read_to_string(&made).unwrap();
        for file in ["made", "made.pub"] {
            fs::remove_file(self.at(file)).unwrap();
        }
        let text = text.replacen("KEY-----\n", &format!("KEY-----\n{headers}\n"), 1);
        (text, Key::new_notary_bare(&public))
    }

    fn inventory(&self) -> Inventory {
        Inventory::of(self.place.path(), &SystemDisk::new(), &self.keys).unwrap()
    }
}

/// A root that lists `root` in a certificate and `targets` bare.
fn root(root: &Key, targets: &Key) -> Vec<u8> {
    let expires = Instant::parse("2030-01-01T00:00:00Z").unwrap();
    let mut draft = rootward_tuf::RootDraft::first(rootward_tuf::Dialect::Notary, false, expires);
    for (role, key) in [
        (RoleName::root(), root),
        (RoleName::targets(), targets),
        (RoleName::snapshot(), targets),
        (RoleName::timestamp(), targets),
    ] {
        draft.add_key(&role, key.clone());
        draft.set_threshold(&role, 1);
    }
    draft.freeze().unwrap().envelope().file_bytes().to_vec()
}

#[test]
fn keys_are_listed_with_role_gun_and_both_ids_and_nothing_is_asked_or_written() {
    let world = World::new();
    let (targets_text, targets) = world.key("gun: reg.example/app\nrole: targets\n");
    let (spare_text, spare) = world.key("role: root\n");
    world.write(&format!("private/{}.key", targets.keyid()), &targets_text);
    world.write(&format!("private/{}.key", spare.keyid()), &spare_text);
    let (root_text, root_key, listed) = certified(&world);
    world.write(&format!("private/{}.key", root_key.keyid()), &root_text);
    world.write("tuf/reg.example/app/metadata/root.json", root(&listed, &targets));
    world.write(
        "config.json",
        r#"{"trust_dir": "~/.docker/trust", "remote_server": {"url": "https://officer:Zq7@notary.example:4443/x"},
            "trust_pinning": {"certs": {"reg.example/app": ["ab"]}, "disable_tofu": true}, "auths": {"secret": 1}}"#,
    );
    let before = all_files(world.place.path());
    let inventory = world.inventory();
    assert_eq!(all_files(world.place.path()), before);
    assert_eq!((inventory.keys.len(), inventory.unreadable.as_slice()), (3, &[][..]));
    let found = |key: &Key| {
        inventory
            .keys
            .iter()
            .find(|found| found.canonical.as_ref() == Some(key.keyid()))
            .unwrap()
    };
    let app = found(&targets);
    assert_eq!(
        (app.role.as_deref(), app.gun.as_deref()),
        (Some("targets"), Some("reg.example/app"))
    );
    assert_eq!(app.uses.len(), 3);
    assert!(!app.is_checked, "an encrypted key is only claimed by its file's name");
    let owner = found(&root_key);
    assert_eq!(owner.role.as_deref(), Some("root"));
    assert_eq!(owner.uses[0].keyid, *listed.keyid());
    assert_ne!(listed.keyid(), root_key.keyid(), "the certificate has an id of its own");
    assert_eq!(owner.public.as_ref().map(PublicKey::physical), root_key.physical());
    assert!(found(&spare).remarks.contains(&Remark::Unlisted) && !app.remarks.contains(&Remark::Unlisted));
    let settings = inventory.settings.clone().unwrap();
    assert_eq!(
        settings.server.unwrap().url.as_deref(),
        Some("https://notary.example:4443/x")
    );
    assert!(settings.pins.unwrap().refuses_first_use);
    assert_eq!(
        inventory.repositories,
        [CachedRepository {
            gun: "reg.example/app".into(),
            root_version: 1
        }]
    );
}

/// A plain key, and the key object around its certificate.
fn certified(world: &World) -> (String, Key, Key) {
    struct Passphrase;
    impl Prompt for Passphrase {
        fn ask(&self, _: &PromptRequest) -> Result<Secret, Failure> {
            Ok(Secret::new(b"throw-away".to_vec().into()))
        }

        fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
            Ok(Box::new(()))
        }
    }
    let (text, key) = world.key("role: root\n");
    world.write("made", &text);
    let mut signer = world
        .keys
        .open(
            &KeyReference::File(world.at("made")),
            &Passphrase,
            &PromptRequest::default(),
        )
        .unwrap();
    fs::remove_file(world.at("made")).unwrap();
    let terms = CertificateTerms {
        gun: "reg.example/app".into(),
        not_before: Instant::parse("2026-01-01T00:00:00Z").unwrap(),
        not_after: Instant::parse("2036-01-01T00:00:00Z").unwrap(),
        serial: [1; 16],
    };
    let certificate = signer.certify(&terms).unwrap();
    (text, key, Key::new_notary_certificate(certificate.der()).unwrap())
}

#[test]
fn keys_of_other_programs_are_offered_by_path_where_metadata_beside_them_tells_whose_they_are() {
    let world = World::new();
    let (root_text, root_key, listed) = certified(&world);
    let (targets_text, targets) = world.key("gun: reg.example/app\nrole: targets\n");
    let (unlisted, _) = world.key("role: root\n");
    world.write(&format!("private/{}.key", root_key.keyid()), &root_text);
    world.write(&format!("private/{}.key", targets.keyid()), &targets_text);
    world.write(&format!("private/{}.key", "0".repeat(64)), &unlisted);
    world.write("tuf/reg.example/app/metadata/root.json", root(&listed, &targets));
    let desk = tempfile::tempdir().unwrap();
    let ports = desk_ports(DeskConfig {
        data: desk.path().join("desk"),
        prompt: Arc::new(Nobody),
        at: None,
        holder: "test".into(),
        key_folders: vec![world.place.path().to_owned(), "/nonexistent".into()],
    })
    .unwrap();
    let offered = crate::keyring::known(&ports, &[]).unwrap();
    let mut told: Vec<_> = offered
        .iter()
        .map(|key| (key.name.as_deref().unwrap(), Some(key.public.physical())))
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            ("root key", root_key.physical()),
            ("targets key of reg.example/app", targets.physical())
        ]
    );
}

/// Whom to ask when nobody may be asked.
struct Nobody;

impl Prompt for Nobody {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        panic!("{request:?} was asked for")
    }

    fn touch(&self, request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        panic!("{request:?} was asked for")
    }
}

fn all_files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(all_files(&path));
        } else {
            files.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}

#[test]
fn the_layout_before_0_5_is_read() {
    let world = World::new();
    let (text, root) = world.key("");
    let (other, targets) = world.key("");
    world.write(&format!("private/root_keys/{}_root.key", root.keyid()), &text);
    world.write(
        &format!("private/tuf_keys/reg.example/a.key/{}_targets.key", targets.keyid()),
        &other,
    );
    let inventory = world.inventory();
    let told: Vec<_> = inventory
        .keys
        .iter()
        .map(|key| (key.role.as_deref(), key.gun.as_deref()))
        .collect();
    assert_eq!(
        told,
        [(Some("root"), None), (Some("targets"), Some("reg.example/a.key"))]
    );
    assert!(
        inventory
            .keys
            .iter()
            .all(|key| key.remarks.contains(&Remark::OlderPlace))
    );
    // The folder of keys by itself is as good.
    let inside = Inventory::of(&world.at("private"), &SystemDisk::new(), &world.keys).unwrap();
    assert_eq!(inside.keys.len(), 2);
}

#[test]
fn hostile_names_and_contents_stay_what_they_are() {
    let world = World::new();
    let (text, _) = world.key("role: root\u{202e}\n");
    world.write("private/no-key.key", "no key");
    world.write("private/long.key", vec![b'x'; 70_000]);
    world.write(&format!("private/{}.key", "0".repeat(64)), &text);
    world.write("private/\u{1b}[31mred\n.key", &text);
    world.write("private/.hidden.key", &text);
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = elsewhere.path().join("outside.key");
    fs::write(&outside, &text).unwrap();
    std::os::unix::fs::symlink(outside, world.at("private/link.key")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", world.at("private/zero.key")).unwrap();
    std::os::unix::fs::symlink(".", world.at("private/loop")).unwrap();
    world.write("tuf/a/metadata/root.json", "[".repeat(100_000));
    world.write("config.json", "{\"trust_dir\": 7, \"trust_dir\": 8}");
    let inventory = world.inventory();
    let names = |paths: Vec<&PathBuf>| -> Vec<String> {
        paths
            .iter()
            .map(|path| path.strip_prefix(world.place.path()).unwrap().display().to_string())
            .collect()
    };
    let unreadable = names(inventory.unreadable.iter().map(|file| &file.path).collect());
    for name in [
        "config.json",
        "private/link.key",
        "private/long.key",
        "private/no-key.key",
        "private/zero.key",
    ] {
        assert!(unreadable.contains(&name.to_owned()), "{name}: {unreadable:?}");
    }
    assert!(unreadable.contains(&"tuf/a/metadata/root.json".to_owned()));
    // The folder that holds itself is looked at once.
    assert_eq!(inventory.keys.len(), 2, "{:#?}", inventory.keys);
    assert!(
        inventory
            .keys
            .iter()
            .all(|found| found.role.as_deref() == Some("root\u{202e}"))
    );
}
