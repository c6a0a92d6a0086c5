//! Canonical JSON against the reference: the same texts are read, and the same bytes are written.

use rootward_tuf::canonical::canonical as ours;
use rootward_tuf::json::{Limits, compact, parse, parse_canonical, pretty};

use crate::reference::{canonical, plain, read};

/// `true` if the bytes are JSON as we read it.
pub fn canonical_json(data: &[u8]) -> bool {
    let limits = Limits {
        depth: DEPTH,
        ..Limits::default()
    };
    let expected = read(data, DEPTH, false);
    let found = parse(data, limits);
    assert_eq!(found.is_ok(), expected.is_some(), "{found:?}");
    let expected_with_controls = read(data, DEPTH, true);
    let found_with_controls = parse_canonical(data, limits);
    assert_eq!(
        found_with_controls.is_ok(),
        expected_with_controls.is_some(),
        "{found_with_controls:?}"
    );
    if let (Some(expected), Ok(found)) = (expected_with_controls, found_with_controls) {
        assert_eq!(ours(&found), canonical(&expected));
    }
    let (Some(expected), Ok(found)) = (expected, found) else {
        return false;
    };
    let bytes = ours(&found);
    assert_eq!(bytes, canonical(&expected));
    assert_eq!(
        ours(&parse_canonical(&bytes, limits).expect("canonical JSON is read")),
        bytes,
        "canonical stays so"
    );
    for written in [compact(&found), pretty(&found), plain(&expected)] {
        assert_eq!(parse(written.as_bytes(), limits).as_ref(), Ok(&found), "{written}");
    }
    true
}

const DEPTH: usize = 64;
