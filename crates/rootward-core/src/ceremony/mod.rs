//! Ceremonies: people changing trust together, as one hash-chained state machine.
//!
//! A wish becomes a `Change`, a `Change` a `Plan`, and the plan a ceremony that is the fold of its journal. Trust is decided
//! in `rootward-tuf`; what is shown of a ceremony is computed in `border`.

mod archive;
mod begin;
mod ceremonies;
mod change;
mod consequences;
mod delta;
mod digest;
mod event;
mod insight;
mod journal;
mod ledger;
mod plan;
mod publishing;
mod rehearsal;
mod review;
mod signing;
mod state;
mod walks;

pub use begin::{Preview, UnderWay};
pub use ceremonies::{Ceremonies, Record, State};
pub use change::{Change, Joining, KeyAtHand, Rotate};
pub use consequences::other_roles;
pub use delta::{Delta, NamedKey};
pub use digest::Digest;
pub use event::{Begun, Client, Event, Fact, Finding as RecordedFinding, Rehearsed, Seen};
pub use insight::{Insight, RotationStart, Sound};
pub use plan::{Plan, Reach};
pub use state::{Assembled, Attempt, Ceremony, Collected, Given, Stage};
