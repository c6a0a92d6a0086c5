//! The card by its commands, without a reader: what it answers, whom it refuses, and what its controls do to it.

mod controls;
mod host;
mod keys;
mod management;
mod objects;
mod pins;
