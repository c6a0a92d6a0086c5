//! The committed corpus, replayed: no promise that the fuzzer looks at is broken by any input that was ever worth keeping.

use std::fs;
use std::path::{Path, PathBuf};

use rootward_fuzz::{TARGETS, seeds};

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// Inputs by name, in one order.
fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = corpus(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut inputs: Vec<(String, Vec<u8>)> = entries
        .map(|entry| {
            let path = entry.expect("a name in the corpus").path();
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a readable input"))
        })
        .collect();
    inputs.sort();
    inputs
}

macro_rules! replayed {
    ($($name:ident: $target:literal;)*) => {
        $(
            #[test]
            fn $name() {
                replay($target);
            }
        )*

        #[test]
        fn every_target_is_replayed_and_has_a_corpus() {
            let replayed = [$($target),*];
            assert_eq!(TARGETS.map(|(name, _)| name), replayed);
            let folders = fs::read_dir(corpus("")).expect("there is a corpus");
            let mut folders: Vec<String> =
                folders.map(|entry| entry.expect("a folder").file_name().to_string_lossy().into_owned()).collect();
            let mut names: Vec<String> = replayed.map(str::to_owned).to_vec();
            folders.sort();
            names.sort();
            assert_eq!(folders, names);
        }
    };
}

replayed! {
    documents_of_every_kind_are_read_or_refused: "envelope";
    canonical_json_is_what_a_second_writer_writes: "canonical";
    no_walk_of_tuf_calls_verified_what_nobody_signed: "walk_tuf";
    no_walk_of_notary_calls_verified_what_nobody_signed: "walk_notary";
    a_public_key_is_itself_in_every_form: "keys";
    certificates_are_read_or_refused: "certificates";
    key_files_are_read_or_refused: "key_files";
    names_from_outside_become_harmless_file_names: "paths";
    the_next_version_of_a_document_keeps_the_rest: "drafts";
    no_request_makes_anybody_trust_what_nobody_signed: "request";
    responses_are_read_or_refused: "response";
    a_transcript_that_holds_holds_by_a_second_account: "transcript";
}

/// Runs every input; some must come through and some be turned away, or the corpus shows little.
fn replay(target: &str) {
    let (_, body) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target");
    let mut through = 0;
    let inputs = inputs(target);
    for (name, input) in &inputs {
        // The last line of a failure names the input.
        println!("{target}/{name}");
        through += usize::from(body(input));
    }
    for seed in seeds(target) {
        body(&seed);
    }
    assert!(
        through > 0 && through < inputs.len(),
        "{through} of {} came through",
        inputs.len()
    );
}
