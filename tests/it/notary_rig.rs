//! The Notary rig is what it says: both storages, clients that remember, tokens, and an independent verifier.

use rootward_tests::rigs::notary::{NotaryRig, Storage};

#[test]
fn a_gun_lives_in_either_storage_and_clients_remember_it() {
    for storage in [Storage::Memory, Storage::Postgres] {
        let rig = NotaryRig::start_on(storage);
        let gun = "reg.test/lab/hello";
        rig.init_and_publish(gun);
        let digest = "a".repeat(64);
        rig.notary(&["addhash", gun, "v1", "523", "--sha256", &digest, "--publish"]);
        let client = rig.client();
        let tags = client.list(gun);
        assert_eq!(
            (tags.len(), tags[0].name.as_str(), tags[0].role.as_str()),
            (1, "v1", "targets"),
            "{storage:?}"
        );
        assert_eq!(client.lookup(gun, "v1"), (digest, 523));
        assert_eq!(client.delegations(gun), [[""; 0]; 0]);
        client.has_sound_documents(gun);
        assert_eq!(client.copy().list(gun), tags);
        assert!(client.metadata(gun).join("root.json").exists());
    }
}
