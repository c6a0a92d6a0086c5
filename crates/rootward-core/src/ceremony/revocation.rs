//! What is proposed when keys are stolen or lost, or their officer leaves: which keys that means, and the change that takes
//! them out wherever they count.

use crate::border::{ChangeWish, RevocationCause, RevocationExtent, WishedEdit};
use crate::keyring::{Keyring, RingKey};

/// The keys that are meant with one of them: itself, all in its token, or all of its officer. Practice and real keys are
/// never meant together.
pub fn concerned<'r>(ring: &'r Keyring, key: &'r RingKey, extent: RevocationExtent) -> Vec<&'r RingKey> {
    let is_meant = |other: &&RingKey| {
        other.physical == key.physical
            || other.practice == key.practice
                && match extent {
                    RevocationExtent::Key => false,
                    RevocationExtent::Token => key.device().is_some() && other.device() == key.device(),
                    RevocationExtent::Officer => key.holder().is_some() && other.holder() == key.holder(),
                }
    };
    ring.keys.iter().filter(is_meant).collect()
}

/// The change that takes the keys out of every role they count for; `replacement` takes their place, where one is given.
///
/// A thief may have changed what a stolen key signed: such documents are compared before anybody signs them again, and the
/// stolen key signs nothing more. What a lost key signed is signed again without it; one that is given back signs once more.
pub fn repair(keys: &[&RingKey], cause: RevocationCause, replacement: Option<&str>) -> ChangeWish {
    let is_stolen = cause == RevocationCause::Stolen;
    let revoke = |key: &&RingKey| WishedEdit::Revoke {
        key: key.physical.to_string(),
        replace: replacement.map(str::to_owned),
        sign_again: !is_stolen,
        cause: Some(cause),
    };
    ChangeWish {
        edits: keys.iter().map(revoke).collect(),
        new_keys_only: is_stolen,
        ..ChangeWish::default()
    }
}
