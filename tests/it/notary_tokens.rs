//! Root keys born in tokens, on the real Notary: the command line reads on, and what the old key signs is refused.

use crate::ctl;
use crate::notary_rotation::gun::{Gun, Rotation};
use rootward_tests::rigs::notary::{NotaryRig, Storage};
use rootward_tests::rigs::yubikey::{CardSpec, FIRMWARE_5_4_3, FIRMWARE_5_7_1, RIG_SERIALS, YubiKeys};

const PIN: &str = "123456";

/// The key in slot 9c of the nth card, born there now by rootwardctl. The gun's desk knows the card's PIN.
fn born_in(cards: &YubiKeys, nth: usize, gun: &mut Gun<'_>) -> String {
    cards.changing("true").expect("every card in sight is the rig's");
    let key = format!("yubikey:{}/9c", cards.card(nth).serial());
    gun.desk.learn(&key, PIN);
    let told = gun.desk.run(["tokens", "generate", &key, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    key
}

fn at_the_readers<'a>(cards: &YubiKeys, rig: &'a NotaryRig, name: &str) -> Gun<'a> {
    let mut gun = Gun::made_by_the_command_line(rig, name);
    let desk = std::mem::replace(&mut gun.desk, ctl());
    gun.desk = cards
        .env()
        .into_iter()
        .fold(desk, |desk, (name, value)| desk.with_variable(name, value));
    gun
}

#[test]
fn a_root_key_is_born_in_a_token_and_the_old_one_is_worth_nothing() {
    let Some(cards) = YubiKeys::one(FIRMWARE_5_4_3) else {
        return;
    };
    let rig = NotaryRig::start();
    let mut gun = at_the_readers(&cards, &rig, "registry.example:5005/lab/token");
    let born = born_in(&cards, 0, &mut gun);
    let rotation = Rotation {
        remove: vec![gun.key("root")],
        add: vec![born.clone()],
        sign: vec![gun.key("snapshot")],
        more: Vec::new(),
    };
    cards.card(0).reset_counters();
    gun.rotate("root", &rotation);
    assert_eq!(
        cards.card(0).touches(),
        2,
        "one touch for the certificate, one for root"
    );
    gun.judge("root is in the token");
    for role in ["root", "targets"] {
        let attempted = rig.attempt(&["key", "rotate", &gun.name, role]);
        assert!(!attempted.status.success(), "{role} by the old key: {attempted:?}");
    }
    gun.tag();

    // And on: the server gets the snapshot, the targets key changes, and root comes out of the token again.
    let to_the_server = Rotation {
        sign: vec![born.clone(), gun.key("snapshot")],
        more: vec!["--server"],
        ..Rotation::default()
    };
    gun.rotate("snapshot", &to_the_server);
    let new = gun.new_key();
    let targets = Rotation {
        remove: vec![gun.key("targets")],
        add: vec![format!("file:{}", new.display())],
        sign: vec![born.clone()],
        more: Vec::new(),
    };
    gun.rotate("targets", &targets);
    gun.hand_over(&new, "targets");
    gun.judge("everything was signed by the token");
    let new = gun.new_key();
    let back = Rotation {
        remove: vec![born],
        add: vec![format!("file:{}", new.display())],
        ..Rotation::default()
    };
    gun.rotate("root", &back);
    gun.hand_over(&new, "root");
    gun.rotated_by_the_command_line("root", &[]);
    gun.tag();
    gun.judge("the command line has the root key again");
}

#[test]
fn a_root_key_born_in_a_token_rules_on_postgresql_too() {
    let Some(cards) = YubiKeys::one(FIRMWARE_5_7_1) else {
        return;
    };
    let rig = NotaryRig::start_on(Storage::Postgres);
    let mut gun = at_the_readers(&cards, &rig, "registry.example:5005/lab/token");
    let born = born_in(&cards, 0, &mut gun);
    let rotation = Rotation {
        remove: vec![gun.key("root")],
        add: vec![born],
        sign: vec![gun.key("snapshot")],
        more: Vec::new(),
    };
    gun.rotate("root", &rotation);
    gun.judge("root is in the token");
    let attempted = rig.attempt(&["key", "rotate", &gun.name, "root"]);
    assert!(!attempted.status.success(), "root by the old key: {attempted:?}");
}

#[test]
fn two_tokens_of_three_keys_sign_root() {
    let (first, second) = (*RIG_SERIALS.start(), RIG_SERIALS.start() + 1);
    let specs = [
        CardSpec::new(first, FIRMWARE_5_4_3),
        CardSpec::new(second, FIRMWARE_5_7_1),
    ];
    let Some(cards) = YubiKeys::start(&specs) else { return };
    let rig = NotaryRig::start();
    let mut gun = at_the_readers(&cards, &rig, "reg.test/lab/tokens");
    let born: Vec<_> = (0..2).map(|nth| born_in(&cards, nth, &mut gun)).collect();
    let (file, snapshot) = (gun.key("root"), gun.key("snapshot"));
    let widened = Rotation {
        add: born.clone(),
        sign: vec![file, snapshot.clone()],
        more: vec!["--threshold", "2"],
        ..Rotation::default()
    };
    gun.rotate("root", &widened);
    gun.judge("two of three, two of them in tokens");

    let server = |keys: &[String]| Rotation {
        sign: keys.iter().chain([&snapshot]).cloned().collect(),
        more: vec!["--server"],
        ..Rotation::default()
    };
    let before = gun.root();
    let told = gun.try_rotate("timestamp", &server(&born[..1]));
    assert_eq!(
        (told.code, told.err.contains("threshold-not-met")),
        (1, true),
        "{told:?}"
    );
    assert_eq!(
        gun.root(),
        before,
        "one token is not enough, and the server was not asked"
    );
    gun.rotate("timestamp", &server(&born));
    gun.judge("both tokens signed");
}
