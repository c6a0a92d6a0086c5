//! What the fuzzer runs: one function a target, which panics when a promise is broken.
//!
//! `tests/fuzz/targets` hands them the fuzzer's bytes, and `replay.rs` the committed corpus, in every run of the tests.

pub mod canonical;
pub mod certificates;
pub mod drafts;
pub mod envelope;
pub mod handoff;
mod hostile;
pub mod key_files;
pub mod keys;
pub mod paths;
mod reference;
mod seeds;
mod spoil;
mod tape;
pub mod transcript;
pub mod walk;
mod workshop;

pub use hostile::{Hostile, hostile};
pub use seeds::seeds;

/// A target: its name, which is its folder in the corpus too, and what it runs.
///
/// The answer says whether the input came through or was turned away; a corpus holds both.
pub type Target = (&'static str, fn(&[u8]) -> bool);

/// Every target there is.
pub const TARGETS: [Target; 12] = [
    ("envelope", envelope::envelope),
    ("canonical", canonical::canonical_json),
    ("walk_tuf", |data| walk::tuf(data) >= walk::Came::Accepted),
    ("walk_notary", |data| walk::notary(data) >= walk::Came::Accepted),
    ("keys", keys::keys),
    ("certificates", certificates::certificates),
    ("key_files", key_files::key_files),
    ("paths", paths::paths),
    ("drafts", drafts::drafts),
    ("request", handoff::request),
    ("response", handoff::response),
    ("transcript", transcript::transcript),
];

/// Runs one target by its name.
pub fn run(name: &str, data: &[u8]) -> bool {
    let target = TARGETS.iter().find(|(have, _)| *have == name);
    let (_, body) = target.unwrap_or_else(|| panic!("no target is called {name}"));
    body(data)
}
