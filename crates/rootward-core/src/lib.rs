//! The desk: repositories, keys and ceremonies of one machine, as a headless application.
//!
//! `Rootward` has one method per use case; the window and `rootwardctl` are two faces of it. Rules live in
//! `rootward-tuf`, the outside world behind `ports`.

pub mod adapters;
pub mod backup;
pub mod border;
pub mod ceremony;
mod chain;
mod desk;
mod digest;
mod drilling;
mod hand_ins;
mod key_folders;
pub mod keyring;
mod ledger;
mod lookout;
pub mod ports;
pub mod practice;
mod provisioning;
pub mod repositories;
mod rolls;
mod rotations;
mod safekeeping;
mod selftest;
mod steps;
mod testimonies;
mod token_rack;

pub use ceremony::{Outcome, must_be_a_request};
pub use desk::{DrillPlace, Place, Rootward};
pub use drilling::{Drilling, note_turn};
pub use hand_ins::HandIn;
pub use key_folders::{KeyBox, Which, list_key_folders};
pub use lookout::{LookedAt, Lookout};
pub use rolls::Rolls;
pub use rotations::{Proposal, Rotations, Trust, WhoSigns};
pub use safekeeping::{back_up, restore};
pub use selftest::{CHECKS, Selftest, selftest};
pub use testimonies::check_transcript;
pub use token_rack::TokenRack;

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod notary_support;
#[cfg(test)]
mod notary_tests;
#[cfg(test)]
mod rotation_support;
#[cfg(test)]
mod rotation_tests;
