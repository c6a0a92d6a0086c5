//! Officers by name, whom a request is written for, and a key file that somebody brings along.

use std::path::Path;

use super::signed;
use crate::border::{AskBy, CeremonyView, SignerRow};
use crate::ceremony::Ceremonies;
use crate::keyring::name_key;
use crate::ports::Disk as _;
use crate::rotation_support::{World, file, physical, wish};

fn row(ceremonies: &Ceremonies, id: &str, number: u8) -> SignerRow {
    let view = CeremonyView::of(&ceremonies.insight(id).expect("an insight"));
    let mut rows = view.signers.into_iter();
    rows.find(|row| row.physical_key == physical(number).to_string())
        .expect("it counts")
}

#[tokio::test]
async fn an_officer_who_brings_a_file_that_nobody_knew_of_signs_with_it_and_with_no_other() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1]), &[]).await.expect("frozen");
    let unknown = ceremonies.sign(&id, &physical(2)).map(drop).unwrap_err();
    assert_eq!(unknown.code, "key-not-found");
    let other = ceremonies
        .sign_at(&id, &file(7), Some(&physical(2)), None)
        .map(drop)
        .unwrap_err();
    assert_eq!(other.code, "expected-other-key");
    let stranger = ceremonies.sign_at(&id, &file(7), None, None).map(drop).unwrap_err();
    assert_eq!(stranger.code, "key-not-found");
    ceremonies
        .sign_at(&id, &file(2), Some(&physical(2)), None)
        .expect("signed");
    assert!(row(&ceremonies, &id, 2).signed_at.is_some());
}

#[tokio::test]
async fn what_officers_call_keys_goes_into_the_ceremony_and_its_transcript() {
    let world = World::new();
    let ports = world.ports(crate::rotation_support::NOW);
    name_key(&*ports.vault, &physical(2), "Officer Two").expect("named");
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1]), &[1]).await.expect("signed");
    assert_eq!(row(&ceremonies, &id, 2).label, "Officer Two");
    name_key(&*ports.vault, &physical(2), "").expect("named no more");
    assert_eq!(row(&ceremonies, &id, 2).label, "Officer Two", "the journal keeps it");
    let transcript = ceremonies.transcript(&id).expect("a transcript");
    assert!(String::from_utf8_lossy(&transcript).contains("Officer Two"));
}

#[tokio::test]
async fn a_request_is_written_for_keys_that_have_something_to_sign_and_the_row_says_so_until_they_did() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1]), &[1]).await.expect("signed");
    world.disk.create_folder(Path::new("/stick")).expect("made");
    let path = Path::new("/stick/two.request");
    for (number, code) in [(1, "already-signed"), (7, "key-not-found")] {
        let refused = ceremonies.hand_out(&id, path, vec![physical(number)]).await;
        assert_eq!(refused.map(drop).unwrap_err().code, code);
    }
    assert_eq!(row(&ceremonies, &id, 2).ask, Some(AskBy::File));
    ceremonies
        .hand_out(&id, path, vec![physical(2)])
        .await
        .expect("written");
    let asked = row(&ceremonies, &id, 2);
    assert!(asked.asked_at.is_some() && asked.ask == Some(AskBy::Again), "{asked:?}");
    ceremonies.sign_at(&id, &file(2), None, None).expect("signed");
    let answered = row(&ceremonies, &id, 2);
    assert!(answered.asked_at.is_none() && answered.ask.is_none(), "{answered:?}");
}
