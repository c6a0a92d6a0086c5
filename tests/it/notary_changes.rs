//! Changes of trust on the real Notary, which its own command line made and reads again: a delegation key that was stolen, and a
//! root key that was.

use crate::notary_rotation::gun::Gun;
use rootward_tests::ctl::Told;
use rootward_tests::rigs::notary::{NotaryRig, PASSPHRASE};
use std::fs;

/// What rootwardctl is told; the desk knows the passphrase of every key named.
fn change(gun: &mut Gun<'_>, keys: &[&str], words: &[&str]) -> Told {
    for key in keys {
        gun.desk.learn(*key, PASSPHRASE);
    }
    let (source, root) = (gun.source(), gun.first_root());
    let mut args = vec!["change", &source, "--ca", gun.ca(), "--root", &root, "--yes", "--json"];
    args.extend(words);
    gun.desk.run(args)
}

#[test]
fn a_stolen_delegation_key_is_revoked_and_the_tags_are_signed_again_in_one_command() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/delegate");
    gun.give_to_the_server("snapshot");
    let (_, stolen) = rig.delegate("officer_2");
    // The rig makes a certificate anew each time: the one delegated to is the first.
    let _ = stolen;
    let thief = rig.client();
    thief.list(&gun.name);
    let delegations = thief.delegations(&gun.name);
    let stolen_id = delegations[0].iter().find(|cell| cell.len() == 64).cloned();
    let stolen_id = stolen_id.unwrap_or_else(|| panic!("{delegations:?}"));

    let new = gun.new_key();
    let (added, target) = (format!("file:{}", new.display()), gun.key("targets"));
    let told = change(
        &mut gun,
        &[&target],
        &[
            "--remove",
            &format!("targets/releases={stolen_id}"),
            "--add",
            &format!("targets/releases={added}"),
            "--target",
            "targets/releases=v7",
            "--length",
            "523",
            "--sha256",
            &format!("{:064x}", 7),
            "--sign",
            &target,
        ],
    );
    assert_eq!(told.code, 0, "{told:?}");
    let fresh = rig.client();
    let tags = fresh.list(&gun.name);
    assert!(
        tags.iter()
            .any(|tag| tag.name == "v7" && tag.role == "targets/releases"),
        "{tags:?}"
    );
    let delegations = fresh.delegations(&gun.name);
    assert!(!delegations[0].contains(&stolen_id), "{delegations:?}");
    fresh.has_sound_documents(&gun.name);

    // The new delegate's key is rotated in its turn, and its document signed again as it is.
    let newer = gun.new_key();
    let told = change(
        &mut gun,
        &[&target],
        &[
            "--remove",
            &format!("targets/releases={added}"),
            "--add",
            &format!("targets/releases=file:{}", newer.display()),
            "--sign-again",
            "targets/releases",
            "--sign",
            &target,
        ],
    );
    assert_eq!(told.code, 0, "{told:?}");
    for reader in [rig.client(), fresh.copy()] {
        let tags = reader.list(&gun.name);
        assert!(tags.iter().any(|tag| tag.name == "v7"), "{tags:?}");
        reader.has_sound_documents(&gun.name);
    }
    // The command line, which holds the targets key, goes on from there.
    gun.tag();
}

#[test]
fn a_stolen_root_key_is_answered_in_one_publication_and_stale_clients_follow() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/stolen");
    let stale = gun.seen[0].copy();
    // The thief has the command line's keys: they take targets, and put another image under the tag.
    let old_root = gun.key("root");
    let kept = gun.new_key();
    fs::copy(old_root.trim_start_matches("file:"), kept.with_extension("root")).unwrap();
    let old_root = format!("file:{}", kept.with_extension("root").display());
    rig.notary(&["key", "rotate", &gun.name, "targets"]);
    rig.notary(&[
        "addhash",
        &gun.name,
        "v1",
        "1",
        "--sha256",
        &format!("{:064x}", 0xbad),
        "--publish",
    ]);
    let thief = rig.client();
    thief.list(&gun.name);
    let before = gun.root().version;

    let (root, targets) = (gun.new_key(), gun.new_key());
    let theirs = gun.ids("targets").into_iter().next().unwrap();
    let told = change(
        &mut gun,
        &[&old_root],
        &[
            "--remove",
            &format!("root={old_root}"),
            "--add",
            &format!("root=file:{}", root.display()),
            "--remove",
            &format!("targets={theirs}"),
            "--add",
            &format!("targets=file:{}", targets.display()),
            "--server-key",
            "snapshot",
            "--server-key",
            "timestamp",
            "--target",
            "targets=v1",
            "--length",
            "523",
            "--sha256",
            &format!("{:064x}", 1),
            "--reason",
            "the root key was stolen",
        ],
    );
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(gun.root().version, before + 1, "one publication");
    for reader in [rig.client(), stale, thief] {
        let (digest, size) = reader.lookup(&gun.name, "v1");
        assert_eq!((digest, size), (format!("{:064x}", 1), 523));
    }
    let attempt = rig.attempt(&[
        "addhash",
        &gun.name,
        "v1",
        "1",
        "--sha256",
        &format!("{:064x}", 0xbad),
        "--publish",
    ]);
    assert!(!attempt.status.success(), "the thief is locked out: {attempt:?}");
}
