//! What one or several stolen keys come to, case by case, in both dialects.

use crate::blast::world::{Below, World, document, key, keys_of, reached, repairs, role, territories};
use crate::blast::{Effect, Ground, How, blast};
use crate::dialect::Dialect;
use crate::fixture_tests::fixtures;
use crate::metadata::{Envelope, Root, Targets, Timestamp, read};
use crate::role::RoleName;
use crate::testing::{LATER, signed_by_hand, value};

const NO_TARGETS: &[&str] = &[];

/// The repository of the delegations' picture: releases before platform-ci, both for release/*.
fn packages() -> World {
    World::new(
        Dialect::Tuf1,
        ["ABC", "DE", "H", "H"],
        [2, 2],
        &[
            (
                "targets",
                &["README"],
                &[
                    ("releases", "FG", 1, &["release/*"], true),
                    ("platform-ci", "C", 1, &["release/*", "nightly/*"], false),
                    ("experimental", "D", 1, &["dev/*", "README"], false),
                ],
            ),
            (
                "releases",
                &["release/1"],
                &[("releases/arm64", "B", 1, &["release/arm64-*", "dev/x"], false)],
            ),
            ("releases/arm64", NO_TARGETS, &[]),
            ("platform-ci", &["nightly/1"], &[]),
            ("experimental", NO_TARGETS, &[]),
        ],
    )
}

#[test]
fn one_key_reaches_what_its_roles_reach_in_the_order_in_which_clients_ask() {
    let world = packages();
    let cases = [
        ("", "", "", ""),
        // One of two root keys, alone in releases/arm64 as well.
        (
            "B",
            "root-1 of 2, releases/arm64",
            "releases/arm64: release/arm64-*",
            "root(root) by 2 of 2; releases(releases/arm64) by 1 of 2; ~releases/arm64() by new keys; online by 1 of 1",
        ),
        // A key whose role is asked too late for half of its paths.
        (
            "C",
            "root-1 of 2, platform-ci",
            "platform-ci: release/*|nightly/* but at releases?",
            "root(root) by 2 of 2; targets(platform-ci) by 2 of 2; ~platform-ci() by new keys; online by 1 of 1",
        ),
        // The one path that targets lists itself is taken out of experimental's.
        (
            "D",
            "targets-1 of 1, experimental",
            "experimental: dev/*",
            "root(targets) by 2 of 3; targets(experimental) by new keys; ~experimental() by new keys; online by 1 of 1",
        ),
        (
            "F",
            "releases, releases/arm64<releases",
            "releases: release/*",
            "targets(releases) by 2 of 2; ~releases() by new keys; check releases/arm64; online by 1 of 1",
        ),
        (
            "DE",
            "targets, releases<targets, platform-ci<targets, experimental, releases/arm64<releases",
            "targets: ",
            "root(targets) by 2 of 3; ~targets(experimental) by new keys; ~experimental() by new keys; \
             check releases+platform-ci+releases/arm64; online by 1 of 1",
        ),
        (
            "AB",
            "root, timestamp<root, snapshot<root, targets<root, releases<targets, platform-ci<targets, \
             experimental<targets, releases/arm64",
            "targets: ",
            "outside(root)! NOT by 2 of 1; releases(releases/arm64) by 1 of 2; ~releases/arm64() by new keys; \
             check targets+platform-ci+experimental; online by 1 of 1",
        ),
        (
            "H",
            "timestamp, snapshot",
            "",
            "root(timestamp+snapshot) by 2 of 3; online by new keys",
        ),
    ];
    for (letters, reached, territories, repairs) in cases {
        let told = world.told(letters);
        assert_eq!(told, [reached, territories, repairs], "{letters}");
    }
    let blast = world.stolen("C");
    let seized = |path: &str| blast.seizes(path).map(|role| role.to_string());
    assert_eq!(seized("nightly/1").as_deref(), Some("platform-ci"));
    assert_eq!(
        [seized("release/1"), seized("release/2"), seized("dev/1")],
        [None, None, None]
    );
    let replaceable: Vec<&str> = blast.replaceable.iter().map(|target| target.path.as_str()).collect();
    assert_eq!(replaceable, ["nightly/1"]);
    assert_eq!(blast.vouching, [RoleName::snapshot(), RoleName::timestamp()]);
    assert!(blast.rekeyed.is_empty());
    // With one more of the others, root is lost.
    let root = &blast.reaches[0];
    assert!(root.is_reached_with(&keys_of("A")) && !root.is_reached_with(&keys_of("DEFGH")));
}

#[test]
fn online_keys_hold_clients_back_and_sign_no_target() {
    let world = packages();
    let effects = world.stolen("H").effects;
    assert!(effects.contains(&Effect::Freeze) && effects.contains(&Effect::OlderForNewClients));
    assert!(effects.contains(&Effect::AnyVersions) && !effects.contains(&Effect::HideRoles));
    assert!(effects.contains(&Effect::FastForward {
        roles: vec![RoleName::snapshot(), RoleName::timestamp()],
        undone_by_root: true
    }));
    let apart = World::new(
        Dialect::Tuf1,
        ["A", "D", "G", "H"],
        [1, 1],
        &[("targets", NO_TARGETS, &[])],
    );
    // The timestamp gives digests of the snapshot: another cannot take its place.
    assert_eq!(apart.stolen("G").effects, []);
    let bare = r#"{"_type":"timestamp","spec_version":"1.0","version":1,"expires":"2030-01-01T00:00:00Z",
        "meta":{"snapshot.json":{"version":1}}}"#;
    let bare = read::<Timestamp>(&signed_by_hand(&value(bare), &[]), Dialect::Tuf1).unwrap();
    let mut ground = Ground::at(&apart.root);
    ground.timestamp = Some(&bare);
    assert_eq!(blast(ground, &keys_of("G")).effects, [Effect::SwapSnapshot]);
    assert_eq!(apart.stolen("H").effects.len(), 3);
    let notary = World::new(
        Dialect::Notary,
        ["A", "D", "H", "H"],
        [1, 1],
        &[("targets", NO_TARGETS, &[])],
    );
    assert!(notary.stolen("H").effects.contains(&Effect::HideRoles));
    assert_eq!(notary.stolen("D").effects, []);
}

#[test]
fn a_delegate_of_notary_shadows_an_owners_tag_for_docker_alone() {
    let world = World::new(
        Dialect::Notary,
        ["A", "D", "H", "H"],
        [1, 1],
        &[
            (
                "targets",
                &["v1", "w"],
                &[
                    ("targets/releases", "F", 1, &["v"], false),
                    ("targets/other", "G", 1, &[""], false),
                ],
            ),
            (
                "targets/releases",
                &["v2"],
                &[("targets/releases/sub", "B", 1, &["v1", "x"], false)],
            ),
            ("targets/releases/sub", NO_TARGETS, &[]),
            ("targets/other", NO_TARGETS, &[]),
        ],
    );
    let releases = world.stolen("F");
    assert_eq!(territories(&releases.territories), "targets/releases: v… but targets's");
    assert_eq!(territories(&releases.docker), "targets/releases: v…");
    assert_eq!(releases.seizes("v1"), None, "Notary's own tool asks targets first");
    assert_eq!(releases.seizes_for_docker("v1"), Some(role("targets/releases")));
    assert_eq!(releases.seizes_for_docker("w"), None);
    let paths = |targets: &[super::Replaceable]| targets.iter().map(|target| target.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&releases.replaceable), ["v2"]);
    assert_eq!(paths(&releases.replaceable_for_docker), ["v1", "v2"]);
    // Docker asks nobody else, so their keys do nothing there; a prefix that reaches further than its parent's is dropped.
    let sub = world.stolen("B");
    assert_eq!(territories(&sub.territories), "targets/releases/sub: v1… but targets's");
    assert!(sub.docker.is_empty() && sub.seizes("x").is_none() && sub.seizes("v10").is_some());
    let other = world.stolen("G");
    assert_eq!(
        territories(&other.territories),
        "targets/other: … but targets's but targets/releases's"
    );
    assert!(other.docker.is_empty());
    // With the online keys as well, releases is overlooked and its tags are open.
    let hidden = world.stolen("GH");
    assert_eq!(territories(&hidden.territories), "targets/other: … but targets's");
    assert_eq!(
        (hidden.seizes("v2"), hidden.seizes("v1")),
        (Some(role("targets/other")), None)
    );
    let owner = world.stolen("D");
    assert_eq!(territories(&owner.docker), "targets: ");
    assert_eq!(
        repairs(&owner),
        "root(targets) by 1 of 1; ~targets() by new keys; \
         check targets/releases+targets/other+targets/releases/sub; online by 1 of 1"
    );
}

#[test]
fn notarys_own_tool_asks_all_roles_of_one_depth_before_those_below() {
    let world = World::new(
        Dialect::Notary,
        ["A", "D", "H", "H"],
        [1, 1],
        &[
            (
                "targets",
                NO_TARGETS,
                &[
                    ("targets/one", "F", 1, &[""], false),
                    ("targets/two", "G", 1, &[""], false),
                ],
            ),
            ("targets/one", NO_TARGETS, &[("targets/one/sub", "B", 1, &[""], false)]),
            ("targets/two", &["v1"], &[]),
            ("targets/one/sub", &["v1", "v2"], &[]),
        ],
    );
    let sub = world.stolen("B");
    assert_eq!(territories(&sub.territories), "targets/one/sub: … but targets/two's");
    assert_eq!(
        (sub.seizes("v1"), sub.seizes("v2")),
        (None, Some(role("targets/one/sub")))
    );
    let two = world.stolen("G");
    assert_eq!(territories(&two.territories), "targets/two: …");
    assert_eq!(two.seizes("v2"), Some(role("targets/two")));
    // Whoever also runs the online keys has those asked before overlooked, but for the roles above.
    assert_eq!(territories(&world.stolen("BH").territories), "targets/one/sub: …");
}

#[test]
fn a_stolen_root_is_taken_back_by_the_others_or_by_no_document_at_all() {
    let of = |root: &str, threshold: u64| {
        World::new(
            Dialect::Notary,
            [root, "D", "H", "H"],
            [threshold, 1],
            &[("targets", NO_TARGETS, &[])],
        )
    };
    let root_step = |world: &World, letters: &str| {
        let told = repairs(&world.stolen(letters));
        told.split(';').next().unwrap_or_default().to_owned()
    };
    let cases = [
        // The usual Notary: one key; a copy of it can still win the race.
        ("A", 1, "A", "outside(root)! NOT by 1 of 0"),
        ("AB", 1, "A", "root(root) by 1 of 1"),
        ("ABC", 2, "A", "root(root) by 2 of 2"),
        ("ABC", 2, "AB", "outside(root)! NOT by 2 of 1"),
        ("ABCE", 2, "AB", "root(root) by 2 of 2"),
    ];
    for (keys, threshold, stolen, expected) in cases {
        assert_eq!(
            root_step(&of(keys, threshold), stolen),
            expected,
            "{keys} {threshold} {stolen}"
        );
    }
    // A certificate for another repository counts for nobody.
    let world = of("AB", 1);
    let mut ground = Ground::at(&world.root);
    ground.gun = Some("registry.test/other");
    let blast = blast(ground, &keys_of("A"));
    assert_eq!(
        (blast.reaches[0].how.clone(), blast.reaches[0].stolen.len()),
        (How::Never, 0)
    );
    assert_eq!(blast.strangers, keys_of("A"));
}

#[test]
fn circles_and_roles_with_two_parents_are_told_once_and_exactly() {
    let world = World::new(
        Dialect::Tuf1,
        ["A", "B", "H", "H"],
        [1, 1],
        &[
            (
                "targets",
                NO_TARGETS,
                &[
                    ("red", "C", 1, &["a/*"], false),
                    ("green", "D", 1, &["a/*", "b/*"], false),
                ],
            ),
            (
                "red",
                NO_TARGETS,
                &[("blue", "E", 1, &["a/x*"], false), ("green", "F", 1, &["a/y"], true)],
            ),
            (
                "green",
                NO_TARGETS,
                &[("blue", "G", 1, &["*/*"], false), ("red", "C", 1, &["*/*"], false)],
            ),
            ("blue", &["a/x1"], &[("green", "D", 1, &["*/*"], false)]),
        ],
    );
    let cases = [
        // blue is asked as red delegates to it, for a/x*, and only for the rest as green does.
        ("E", "blue: a/x*"),
        ("G", "blue: a/y; blue: a/*|b/* but blue's but at green but as red says?"),
        // green comes first below blue; what red sends to it ends there and is not asked again.
        (
            "D",
            "green: a/x* but blue's; green: a/*|b/* but blue's but at green but as red says?",
        ),
        ("F", "green: a/y"),
        ("C", "red: a/*; red: a/*|b/* but blue's"),
    ];
    for (letters, expected) in cases {
        assert_eq!(territories(&world.stolen(letters).territories), expected, "{letters}");
    }
    assert_eq!(
        reached(&world.stolen("F")),
        "blue<red, green, green<blue, blue<green, red<green"
    );
}

#[test]
fn hash_bins_are_told_exactly_and_in_the_fewest_digits() {
    let bin = |prefix: &str| format!("#{prefix}");
    let prefixes: Vec<String> = (0..16).map(|number| bin(&format!("{number:x}"))).collect();
    let names: Vec<String> = (0..16).map(|number| format!("bin-{number:x}")).collect();
    let paths: Vec<[&str; 1]> = prefixes.iter().map(|prefix| [prefix.as_str()]).collect();
    let below: Vec<Below<'_>> = names
        .iter()
        .zip(&paths)
        .enumerate()
        .map(|(place, (name, paths))| (name.as_str(), if place < 4 { "C" } else { "D" }, 1, &paths[..], true))
        .collect();
    let world = World::new(
        Dialect::Tuf1,
        ["A", "B", "H", "H"],
        [1, 1],
        &[("targets", &["x"], &below)],
    );
    assert_eq!(
        territories(&world.stolen("C").territories),
        "bin-0+bin-1+bin-2+bin-3: #0|#1|#2|#3 but targets's"
    );
    let all = world.stolen("CD");
    let [territory] = &all.territories[..] else {
        panic!("{:?}", all.territories)
    };
    assert!(territory.is_exact && territory.extent.is_everything());
    assert_eq!((all.seizes("x"), all.seizes("a").is_some()), (None, true));
    assert!(all.unseen.is_empty());
    assert_eq!(world.stolen("C").unseen.len(), 12);
    // One step for all of them.
    assert_eq!(
        repairs(&world.stolen("C")),
        "targets(bin-0+bin-1+bin-2+bin-3) by 1 of 1; ~bin-0+bin-1+bin-2+bin-3() by new keys; online by 1 of 1"
    );
}

#[test]
fn succinct_bins_are_one_delegation_however_many_there_are() {
    let world = World::new(Dialect::Tuf1, ["A", "B", "H", "H"], [1, 1], &[]);
    let key = key('C', Dialect::Tuf1);
    let targets = format!(
        r#"{{"_type":"targets","spec_version":"1.0.31","version":1,"expires":"{LATER}","targets":{{}},"delegations":
        {{"keys":{{"{0}":{1}}},"succinct_roles":{{"bit_length":32,"keyids":["{0}"],"name_prefix":"bin","threshold":1}}}}}}"#,
        key.keyid(),
        crate::json::compact(key.raw()),
    );
    let targets = read::<Targets>(&signed_by_hand(&value(&targets), &[]), Dialect::Tuf1).unwrap();
    let blast = |letters: &str| blast(Ground::at(&world.root).with_targets(&targets), &keys_of(letters));
    let stolen = blast("C");
    assert_eq!(territories(&stolen.territories), "4294967296*bin: ");
    assert_eq!(reached(&stolen), "bin-*");
    // SHA-256 of "x" begins with 2d711642.
    assert_eq!(stolen.seizes("x").unwrap().as_str(), "bin-2d711642");
    assert_eq!(
        repairs(&stolen),
        "targets(bin-*) by 1 of 1; ~bin-*() by new keys; online by 1 of 1"
    );
    assert!(blast("D").seizes("x").is_none() && blast("D").territories.is_empty());
}

#[test]
fn ten_thousand_bins_and_a_million_ways_down_end() {
    let names: Vec<String> = (0..4096).map(|number| format!("bin-{number:03x}")).collect();
    let prefixes: Vec<String> = (0..4096).map(|number| format!("#{number:03x}")).collect();
    let paths: Vec<[&str; 1]> = prefixes.iter().map(|prefix| [prefix.as_str()]).collect();
    let below: Vec<Below<'_>> = names
        .iter()
        .zip(&paths)
        .enumerate()
        .map(|(place, (name, paths))| {
            (
                name.as_str(),
                if place % 2 == 0 { "C" } else { "D" },
                1,
                &paths[..],
                true,
            )
        })
        .collect();
    let text = |below: &[Below<'_>]| {
        let roles: Vec<String> = below
            .iter()
            .map(|(name, letter, ..)| {
                let letter = letter.chars().next().unwrap();
                format!(
                    r#"{{"name":"{name}","keyids":["{letter}"],"threshold":1,"path_hash_prefixes":["{}"],"terminating":true}}"#,
                    &name[4..]
                )
            })
            .collect();
        let keys: Vec<String> = "CD"
            .chars()
            .map(|letter| {
                format!(
                    r#""{letter}":{}"#,
                    crate::json::compact(key(letter, Dialect::Tuf1).raw())
                )
            })
            .collect();
        format!(
            r#"{{"_type":"targets","spec_version":"1.0","version":1,"expires":"{LATER}","targets":{{}},
            "delegations":{{"keys":{{{}}},"roles":[{}]}}}}"#,
            keys.join(","),
            roles.join(",")
        )
    };
    let targets = read::<Targets>(&signed_by_hand(&value(&text(&below)), &[]), Dialect::Tuf1).unwrap();
    let world = World::new(Dialect::Tuf1, ["A", "B", "H", "H"], [1, 1], &[]);
    let stolen = blast(Ground::at(&world.root).with_targets(&targets), &keys_of("C"));
    let [territory] = &stolen.territories[..] else {
        panic!("{}", stolen.territories.len())
    };
    assert!(territory.is_exact);
    assert_eq!(territory.extent.digests.as_ref().unwrap().prefixes().len(), 2048);
    // Ten layers of ten roles, each delegating to all of the next: given up, and said so.
    let key = crate::json::compact(key('C', Dialect::Tuf1).raw());
    let layer = |number: usize| -> Envelope<Targets> {
        let last = if number == 9 { "D" } else { "C" };
        let roles: Vec<String> = (0..10)
            .map(|place| {
                let next = number + 1;
                format!(
                    r#"{{"name":"{next}-{place}","keyids":["{last}"],"threshold":1,"paths":["*"],"terminating":false}}"#
                )
            })
            .collect();
        let text = format!(
            r#"{{"_type":"targets","spec_version":"1.0","version":1,"expires":"{LATER}","targets":{{}},
            "delegations":{{"keys":{{"D":{key}}},"roles":[{}]}}}}"#,
            roles.join(",")
        );
        read::<Targets>(&signed_by_hand(&value(&text), &[]), Dialect::Tuf1).unwrap()
    };
    let layers: Vec<Envelope<Targets>> = (0..10).map(layer).collect();
    let names: Vec<(RoleName, usize)> = (1..10)
        .flat_map(|number| (0..10).map(move |place| (role(&format!("{number}-{place}")), number)))
        .collect();
    let mut ground = Ground::at(&world.root).with_targets(&layers[0]);
    for (name, number) in &names {
        ground.documents.insert(name, &layers[*number]);
    }
    let stolen = blast(ground, &keys_of("C"));
    assert!(!stolen.territories.is_empty() && stolen.territories.iter().all(|territory| !territory.is_exact));
    assert_eq!(stolen.seizes("x").unwrap().as_str(), "10-0");
}

#[test]
fn the_captured_theft_of_a_delegation_key_went_as_far_as_is_said_here() {
    let Some(place) = fixtures() else { return };
    let folder = place.join("notary/repos/d-delegkey-1-alice-signs");
    let file = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let root = read::<Root>(&file("root.json"), Dialect::Notary).unwrap();
    let targets = read::<Targets>(&file("targets.json"), Dialect::Notary).unwrap();
    let name = role("targets/releases");
    let releases = read::<Targets>(&file("targets_releases.json"), Dialect::Notary).unwrap();
    let delegations = targets.body().delegations.as_ref().unwrap();
    let thief = delegations
        .keys
        .physical(&delegations.roles.iter().next().unwrap().keys.keyids);
    let mut ground = Ground::at(&root).with_targets(&targets);
    ground.gun = Some("reg.test/lab/hello");
    ground.documents.insert(&name, &releases);
    let stolen = blast(ground, &thief.into_iter().collect());
    assert_eq!(reached(&stolen), "targets/releases");
    // The thief signed v1 otherwise and a new tag; Notary's own tool kept the owner's v1, Docker did not.
    assert_eq!((stolen.seizes("v1"), stolen.seizes("evil")), (None, Some(name.clone())));
    assert_eq!(stolen.seizes_for_docker("v1").as_ref(), Some(&name));
    // The owner needed the targets key alone.
    assert_eq!(
        repairs(&stolen),
        "targets(targets/releases) by 1 of 1; ~targets/releases() by new keys; online by 1 of 2"
    );
}

#[test]
fn a_bins_own_delegations_and_signatures_are_told_with_those_of_all_bins() {
    let world = World::new(Dialect::Tuf1, ["A", "B", "H", "H"], [1, 1], &[]);
    let listed = |letter: char| key(letter, Dialect::Tuf1);
    let of = |threshold: u64| {
        let (c, d) = (listed('C'), listed('D'));
        let text = format!(
            r#"{{"_type":"targets","spec_version":"1.0.31","version":1,"expires":"{LATER}","targets":{{}},"delegations":
            {{"keys":{{"{0}":{1},"{2}":{3}}},"succinct_roles":{{"bit_length":1,"keyids":["{0}","{2}"],"name_prefix":"bin",
            "threshold":{threshold}}}}}}}"#,
            c.keyid(),
            crate::json::compact(c.raw()),
            d.keyid(),
            crate::json::compact(d.raw()),
        );
        read::<Targets>(&signed_by_hand(&value(&text), &[]), Dialect::Tuf1).unwrap()
    };
    let bins = [
        document(Dialect::Tuf1, "bin-0", &["x"], &[("deep", "E", 1, &["*"], false)]),
        document(Dialect::Tuf1, "bin-1", &[], &[]),
    ];
    let deep = document(Dialect::Tuf1, "deep", &[], &[]);
    let names = ["bin-0", "bin-1", "deep"].map(role);
    let documents = bins
        .iter()
        .chain([&deep])
        .map(|document| document.verified().envelope());
    let documents: Vec<(&RoleName, &Envelope<Targets>)> = names.iter().zip(documents).collect();
    let blast_of = |targets: &Envelope<Targets>, letters: &str| {
        let mut ground = Ground::at(&world.root).with_targets(targets);
        ground.documents.extend(documents.iter().copied());
        let blast = blast(ground, &keys_of(letters));
        let rekeyed = blast
            .rekeyed
            .iter()
            .map(|rekeyed| (rekeyed.by.to_string(), rekeyed.roles.len()));
        (reached(&blast), repairs(&blast), rekeyed.collect::<Vec<_>>())
    };
    let (one, two) = (of(1), of(2));
    // Who can sign the bins can give the roles below them other keys.
    let (reached, repairs, rekeyed) = blast_of(&one, "C");
    assert_eq!(reached, "bin-*, deep<bin-0");
    assert_eq!(rekeyed, [("bin-0".to_owned(), 1)]);
    assert_eq!(
        repairs,
        "targets(bin-*) by 1 of 1; ~bin-*() by new keys; check deep; online by 1 of 1"
    );
    // Without the stolen key too few would have signed the bins.
    let (reached, repairs, _) = blast_of(&two, "C");
    assert_eq!(reached, "bin-*-1 of 1");
    assert_eq!(
        repairs,
        "targets(bin-*) by 1 of 1; bin-*() by new keys; online by 1 of 1"
    );
    // The bin that delegates is issued again, and no other.
    let (reached, repairs, _) = blast_of(&one, "E");
    assert_eq!(reached, "deep");
    assert_eq!(repairs, "bin-0(deep) by 1 of 2; ~deep() by new keys; online by 1 of 1");
}

#[test]
fn roles_with_many_patterns_that_all_delegate_to_each_other_end() {
    let world = World::new(Dialect::Tuf1, ["A", "B", "H", "H"], [1, 1], &[]);
    let key = crate::json::compact(key('C', Dialect::Tuf1).raw());
    let layer = |number: usize| -> Envelope<Targets> {
        let roles: Vec<String> = (0..9)
            .map(|place| {
                let patterns: Vec<String> = (0..20).map(|n| format!("\"*{number}a{place}b{n}*\"")).collect();
                let keyid = if place == 8 { "D" } else { "C" };
                format!(
                    r#"{{"name":"r{place}","keyids":["{keyid}"],"threshold":1,"paths":[{}],"terminating":false}}"#,
                    patterns.join(",")
                )
            })
            .collect();
        let text = format!(
            r#"{{"_type":"targets","spec_version":"1.0","version":1,"expires":"{LATER}","targets":{{}},
            "delegations":{{"keys":{{"D":{key}}},"roles":[{}]}}}}"#,
            roles.join(",")
        );
        read::<Targets>(&signed_by_hand(&value(&text), &[]), Dialect::Tuf1).unwrap()
    };
    let layers: Vec<Envelope<Targets>> = (0..10).map(layer).collect();
    let names: Vec<RoleName> = (0..9).map(|number| role(&format!("r{number}"))).collect();
    let mut ground = Ground::at(&world.root).with_targets(&layers[9]);
    for (name, layer) in names.iter().zip(&layers) {
        ground.documents.insert(name, layer);
    }
    // Given up, and said so.
    let stolen = blast(ground, &keys_of("C"));
    assert!(!stolen.territories.is_empty() && stolen.territories.iter().all(|territory| !territory.is_exact));
    assert!(stolen.territories.iter().all(|territory| territory.except.is_empty()));
}
