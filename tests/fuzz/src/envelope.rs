//! Documents of both dialects and all kinds: read or refused, never half read.

use rootward_tuf::{
    Dialect, Document, Envelope, Frozen, Root, Snapshot, Tally, Targets, Timestamp, detect, read, verify::Verified,
};

use crate::reference::{self, canonical};
use crate::tape::Tape;

/// The first byte chooses dialect and kind. `true` if the rest is such a document.
pub fn envelope(data: &[u8]) -> bool {
    let mut tape = Tape::new(data);
    let choice = tape.byte();
    let file = tape.rest();
    let dialect = dialect(choice);
    match choice >> 1 & 3 {
        0 => {
            let Some(root) = checked::<Root>(file, dialect) else {
                return false;
            };
            // Uptane's roots look like Notary's but for one member of their keys: they can be shown, and are of neither dialect.
            let detected = detect(file).ok();
            assert!(detected == Some(dialect) || detected.is_none() && dialect == Dialect::Notary);
            let body = root.body();
            for (role, keys) in body.roles() {
                let tally = Tally::of(&root, &body.keys, keys);
                assert_eq!(tally.entries.len(), root.signatures().len(), "{role}");
                assert!(tally.ours <= tally.keys, "no more keys sign than there are");
            }
            let _ = Verified::anchor(root);
            true
        }
        1 => {
            let Some(targets) = checked::<Targets>(file, dialect) else {
                return false;
            };
            if let Some(delegations) = &targets.body().delegations {
                for role in delegations.roles.iter() {
                    assert_eq!(delegations.role(&role.name).as_ref(), Some(&role));
                    let _ = role.paths.covers("a/b");
                    let _ = Tally::of(&targets, &delegations.keys, &role.keys);
                }
                if let Some(succinct) = &delegations.succinct {
                    let bin = succinct.bin_of("a/b");
                    let role = delegations.role(&bin).expect("every path has a bin");
                    assert!(role.paths.covers("a/b"));
                }
            }
            true
        }
        2 => checked::<Snapshot>(file, dialect).is_some(),
        _ => checked::<Timestamp>(file, dialect).is_some(),
    }
}

pub fn dialect(choice: u8) -> Dialect {
    if choice & 1 == 0 {
        Dialect::Tuf1
    } else {
        Dialect::Notary
    }
}

/// Reads a document; what was read must be what the reference reads, in the reference's canonical form.
pub fn checked<T: Document>(file: &[u8], dialect: Dialect) -> Option<Envelope<T>> {
    let document = match read::<T>(file, dialect) {
        Ok(document) => document,
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.expected().is_empty());
            return None;
        }
    };
    assert_eq!(document.file_bytes(), file);
    let json = reference::read(file, 64, false).expect("what is read is JSON");
    let signed = json.get("signed").expect("what is read has a signed part");
    assert_eq!(
        document.signed_bytes(),
        canonical(signed),
        "the bytes that signatures cover"
    );
    // The signed part can be frozen again as it is: it is canonical and of this kind.
    let frozen = Frozen::<T>::from_bytes(document.signed_bytes(), dialect, T::top_level_role());
    let frozen = frozen.expect("canonical bytes of a document are read back");
    assert_eq!(frozen.bytes(), document.signed_bytes());
    assert_eq!(
        (frozen.version(), frozen.body().expires()),
        (document.version(), document.body().expires())
    );
    Some(document)
}
