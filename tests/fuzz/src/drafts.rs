//! The next version of any document that can be read: nothing but what was changed is another.

use rootward_tuf::{
    Document, Envelope, Frozen, RoleName, Root, RootDraft, Snapshot, SnapshotDraft, Targets, TargetsDraft, Timestamp,
    TimestampDraft,
};

use crate::envelope::{checked, dialect};
use crate::reference::{Json, canonical, read};
use crate::tape::Tape;
use crate::workshop::{LATER, moment};

/// The first byte chooses dialect and kind. `true` if a next version could be frozen.
pub fn drafts(data: &[u8]) -> bool {
    let mut tape = Tape::new(data);
    let choice = tape.byte();
    let file = tape.rest();
    let dialect = dialect(choice);
    let later = moment(LATER);
    match choice >> 1 & 3 {
        0 => checked::<Root>(file, dialect).is_some_and(|root| {
            next(&root, |expires| {
                let mut draft = RootDraft::next(&root);
                if expires {
                    draft.set_expires(later);
                }
                draft.freeze().ok()
            })
        }),
        1 => checked::<Targets>(file, dialect).is_some_and(|targets| {
            let role = RoleName::targets();
            next(&targets, |expires| {
                let mut draft = TargetsDraft::next(&targets, role.clone());
                if expires {
                    draft.set_expires(later);
                }
                draft.freeze().ok()
            })
        }),
        2 => checked::<Snapshot>(file, dialect).is_some_and(|snapshot| {
            next(&snapshot, |expires| {
                let mut draft = SnapshotDraft::next(&snapshot);
                if expires {
                    draft.set_expires(later);
                }
                draft.freeze().ok()
            })
        }),
        _ => checked::<Timestamp>(file, dialect).is_some_and(|timestamp| {
            next(&timestamp, |expires| {
                let mut draft = TimestampDraft::next(&timestamp);
                if expires {
                    draft.set_expires(later);
                }
                draft.freeze().ok()
            })
        }),
    }
}

/// Freezes the next version untouched and with another expiry, and holds it against the document it came from.
fn next<T: Document>(document: &Envelope<T>, frozen: impl Fn(bool) -> Option<Frozen<T>>) -> bool {
    let Some(same) = frozen(false) else {
        assert!(frozen(true).is_none(), "an expiry mends nothing");
        return false;
    };
    let before = signed(document.signed_bytes());
    let mut expected = before.clone();
    expected.set("version", Json::number(document.version() + 1));
    if T::KIND == "root" {
        let after = signed(same.bytes());
        assert_eq!(
            without_roles(&expected),
            without_roles(&after),
            "all but the roles stays"
        );
        assert_eq!(roles(&expected), roles(&after), "the roles say the same");
    } else {
        assert_eq!(same.bytes(), canonical(&expected), "all but the version stays");
    }
    assert_eq!(
        frozen(false).map(|again| again.bytes().to_vec()).as_deref(),
        Some(same.bytes()),
        "drafts are deterministic"
    );
    let later = frozen(true).expect("an expiry spoils nothing");
    assert_eq!(later.body().expires().at, moment(LATER));
    let back =
        Frozen::<T>::from_bytes(same.bytes(), same.dialect(), same.role().clone()).expect("frozen bytes are read back");
    assert_eq!(
        (back.bytes(), back.digest(), back.version()),
        (same.bytes(), same.digest(), document.version() + 1)
    );
    true
}

fn signed(bytes: &[u8]) -> Json {
    read(bytes, 64, true).expect("signed bytes are JSON")
}

/// What a draft of root writes anew: the roles, and keys under names that are listed once.
fn without_roles(root: &Json) -> Vec<u8> {
    let mut root = root.clone();
    root.remove("roles");
    canonical(&root)
}

/// Roles by name, and of each the keyids and the threshold: Notary's `null` for no keyids becomes an empty list.
fn roles(root: &Json) -> Vec<u8> {
    let mut roles = root.get("roles").cloned().unwrap_or(Json::Null);
    if let Json::Object(members) = &mut roles {
        for (_, role) in members {
            if role.get("keyids") == Some(&Json::Null) {
                role.set("keyids", Json::List(Vec::new()));
            }
        }
    }
    canonical(&roles)
}
