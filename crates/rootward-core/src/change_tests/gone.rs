//! Keys that leave because they were lost or stolen: nobody offers them, counts on them or asks them, in either dialect.

use std::path::Path;

use super::{all_sign, foreseen, refused, wish};
use crate::border::{CeremonyView, ChangeWish, QuorumSide, RevocationCause, SignerRow, WishedEdit};
use crate::ceremony::{Ceremonies, Stage};
use crate::ports::Disk as _;
use crate::rotation_support::notary::{Made, Server};
use crate::rotation_support::{World, file, physical};

/// A root of three keys, of which two must sign; the third is said to be gone, and the fourth comes for it.
fn worlds() -> [(World, [u8; 4]); 2] {
    let notary = Server::new(&Made {
        root: &[101, 102, 104],
        threshold: 2,
        targets: 103,
        snapshot: None,
    });
    [
        (World::new(), [1, 2, 3, 4]),
        (World::on_notary(notary), [101, 102, 104, 105]),
    ]
}

/// Every key is named as one that signs, the one that is gone among them.
fn revoked([one, two, gone, joins]: [u8; 4], cause: Option<RevocationCause>) -> ChangeWish {
    let revoke = WishedEdit::Revoke {
        key: physical(gone).to_string(),
        replace: Some(file(joins)),
        sign_again: true,
        cause,
    };
    let online: &[u8] = match one {
        1 => &[8, 9],
        _ => &[103],
    };
    wish(vec![revoke], &[&[one, two, gone], online].concat())
}

fn row(ceremonies: &Ceremonies, id: &str, number: u8) -> SignerRow {
    let view = CeremonyView::of(&ceremonies.insight(id).expect("an insight"));
    let mut rows = view.signers.into_iter();
    rows.find(|row| row.physical_key == physical(number).to_string())
        .expect("it counts")
}

#[tokio::test]
async fn a_key_that_was_lost_or_stolen_is_neither_offered_nor_asked_and_the_change_ends_without_it() {
    for (cause, state) in [
        (RevocationCause::Lost, "Lost: it cannot sign"),
        (RevocationCause::Stolen, "Stolen: it is not asked to sign"),
    ] {
        for (world, keys) in worlds() {
            let [one, two, gone, _] = keys;
            let case = format!("{cause:?} key {gone}");
            let ceremonies = world.ceremonies();
            let id = ceremonies.begin("demo", revoked(keys, Some(cause))).await.expect(&case);
            ceremonies.freeze(&id).await.expect(&case);
            let told = row(&ceremonies, &id, gone);
            assert_eq!(told.state, state, "{case}");
            assert!(
                !told.can_sign && told.ask.is_none() && told.file.is_none(),
                "{case}: {told:?}"
            );
            // Of the three that count in the root before, two are left, and both must sign.
            for number in [one, two] {
                let told = row(&ceremonies, &id, number);
                assert!(told.can_sign, "{case}: {told:?}");
                assert_eq!(told.instead.as_deref(), Some("Nobody could sign instead"), "{case}");
            }
            let view = CeremonyView::of(&ceremonies.insight(&id).expect(&case));
            let mut meters = view.documents.iter().flat_map(|document| &document.meters);
            let old = meters.find(|meter| meter.label.starts_with("Old threshold"));
            assert_eq!(old.map(|meter| (meter.need, meter.keys)), Some((2, 2)), "{case}");

            let events = || ceremonies.one(&id).expect(&case).events.len();
            let before = events();
            assert_eq!(
                refused(ceremonies.sign(&id, &physical(gone))).code,
                "key-gone",
                "{case}"
            );
            let there = ceremonies.sign_at(&id, &file(gone), Some(&physical(gone)), None);
            assert_eq!(refused(there).code, "key-gone", "{case}");
            world.disk.create_folder(Path::new("/stick")).expect("made");
            let path = Path::new("/stick/gone.request");
            let asked = ceremonies.hand_out(&id, path, vec![physical(gone)]).await;
            assert_eq!(refused(asked).code, "key-gone", "{case}");
            assert_eq!(events(), before, "{case}: every refusal leaves the state as it was");

            all_sign(&ceremonies, &id).expect(&case);
            ceremonies.rehearse(&id).await.expect(&case);
            let record = ceremonies.publish(&id).await.expect(&case);
            assert!(
                matches!(record.sound().expect("sound").stage, Stage::Published(..)),
                "{case}"
            );
        }
    }
}

#[tokio::test]
async fn a_key_that_is_given_back_may_sign_once_more() {
    for cause in [None, Some(RevocationCause::Leaves)] {
        for (world, keys) in worlds() {
            let ceremonies = world.ceremonies();
            let id = ceremonies.begin("demo", revoked(keys, cause)).await.expect("begun");
            ceremonies.freeze(&id).await.expect("frozen");
            assert!(row(&ceremonies, &id, keys[2]).can_sign, "{cause:?} of {keys:?}");
            ceremonies.sign(&id, &physical(keys[2])).expect("it signs");
            ceremonies.sign(&id, &physical(keys[0])).expect("it signs");
        }
    }
}

#[tokio::test]
async fn a_plan_counts_on_no_key_that_is_gone_and_says_which_those_are() {
    for (world, keys) in worlds() {
        let desk = foreseen::desk(&world).await;
        for (cause, left) in [
            (None, 3),
            (Some(RevocationCause::Lost), 2),
            (Some(RevocationCause::Stolen), 2),
        ] {
            let plan = foreseen::plan(&desk, revoked(keys, cause)).await.expect("a plan");
            let quorums = plan.documents.iter().flat_map(|document| &document.quorums);
            let old: Vec<_> = quorums.filter(|quorum| quorum.side == QuorumSide::Old).collect();
            let told = old.iter().map(|quorum| (quorum.need, quorum.keys, quorum.at_hand));
            assert_eq!(told.collect::<Vec<_>>(), [(2, left, left)], "{cause:?} of {keys:?}");
            let gone: Vec<String> = (left == 2).then(|| physical(keys[2]).to_string()).into_iter().collect();
            assert_eq!(plan.gone, gone, "{cause:?} of {keys:?}");
        }
    }
}

#[tokio::test]
async fn what_nobody_could_finish_without_a_key_that_is_gone_does_not_begin() {
    let notary = Server::usual(None);
    for (world, gone, joins, others) in [
        (World::with_root(&[1, 2], 2), 2, 4, &[1, 8, 9][..]),
        (World::on_notary(notary), 101, 102, &[103]),
    ] {
        let ceremonies = world.ceremonies();
        let asked = |cause| {
            let revoke = WishedEdit::Revoke {
                key: physical(gone).to_string(),
                replace: Some(file(joins)),
                sign_again: true,
                cause,
            };
            wish(vec![revoke], &[others, &[gone]].concat())
        };
        for cause in [RevocationCause::Lost, RevocationCause::Stolen] {
            let refusal = refused(ceremonies.begin("demo", asked(Some(cause))).await);
            assert_eq!(refusal.code, "draft-refused", "{refusal:?}");
            assert!(
                refusal.message.contains("no client would follow the next root"),
                "{refusal:?}"
            );
            assert_eq!(ceremonies.open_in("demo").expect("a list"), None, "nothing began");
        }
        ceremonies.begin("demo", asked(None)).await.expect("it can sign");
    }
}
