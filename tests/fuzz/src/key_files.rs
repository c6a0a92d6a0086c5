//! Private keys in files of every form, with and without a public half beside them.

use std::path::Path;
use std::sync::Arc;

use rootward_core::adapters::{ForgettingDisk, KeyFiles, SystemRandom};
use rootward_core::ports::{
    Disk, Failure, KeyReference, Keys, Prompt, PromptRequest, Protection, Secret, TouchRequest, Touching,
};

use crate::tape::Tape;

/// A file, a byte of choices before it; what stands behind the first NUL is the file beside it. `true` if it is a key.
pub fn key_files(data: &[u8]) -> bool {
    let mut tape = Tape::new(data);
    let with_half = tape.flag();
    let bytes = tape.rest();
    let (file, half) = match bytes.iter().position(|&byte| byte == 0) {
        Some(place) if with_half => (&bytes[..place], Some(&bytes[place + 1..])),
        _ => (bytes, None),
    };
    let disk = Arc::new(ForgettingDisk::new());
    let write = |name: &str, bytes: &[u8]| disk.write(Path::new(name), bytes, true).expect("nobody pulls the cord");
    disk.create_folder(Path::new("/keys")).expect("a folder in memory");
    write("/keys/key.pem", file);
    if let Some(half) = half {
        write("/keys/key.pem.pub", half);
    }
    let keys = KeyFiles::new(disk, Arc::new(SystemRandom));
    let reference = KeyReference::File("/keys/key.pem".into());
    let facts = match keys.inspect(&reference) {
        Ok(facts) => facts,
        Err(failure) => {
            assert!(!failure.message.is_empty());
            return false;
        }
    };
    assert_eq!(facts.reference, reference);
    assert!(
        facts.protection.is_some() || facts.public.is_some(),
        "a file is a private key or a public one"
    );
    if !facts.protection.is_some_and(is_quick) {
        return true;
    }
    match keys.open(&reference, &Officer, &PromptRequest::default()) {
        Ok(signer) => {
            let claimed = facts
                .public
                .is_none_or(|public| public.physical() == signer.public().physical());
            assert!(claimed, "an opened key is the one that was shown");
        }
        Err(failure) => assert!(!failure.message.is_empty()),
    }
    true
}

/// Whether opening costs next to nothing: what it may cost at most is bounded, but not for a fuzzer.
fn is_quick(protection: Protection) -> bool {
    match protection {
        Protection::Open | Protection::OneRoundOfMd5 { .. } => true,
        Protection::Scrypt { n, r, p } => n * u64::from(r) * u64::from(p) <= 1 << 10,
        Protection::Pbkdf2 { rounds, .. } => rounds <= 1 << 10,
        #[expect(
            unreachable_patterns,
            reason = "forms may come, and those of unknown cost are not tried"
        )]
        _ => false,
    }
}

/// Knows one passphrase.
struct Officer;

impl Prompt for Officer {
    fn ask(&self, _: &PromptRequest) -> Result<Secret, Failure> {
        Ok(Secret::new(zeroize::Zeroizing::new(b"throw-away".to_vec())))
    }

    fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}
