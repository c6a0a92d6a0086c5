//! Ceremonies: people changing trust together, as one hash-chained state machine.
//!
//! A wish becomes a `Change`, a `Change` a `Plan`, and the plan a ceremony that is the fold of its journal. Trust is decided
//! in `rootward-tuf`; what is shown of a ceremony is computed in `border`.

mod already;
mod answering;
mod archive;
mod authority;
mod begin;
mod beginning;
mod bulk;
mod ceremonies;
mod change;
mod collected;
mod confirming;
mod consequences;
mod delta;
mod descent;
mod drafts;
mod edit;
pub(crate) mod event;
mod everywhere;
mod evidence;
mod finding;
mod foreseeing;
mod freezing;
mod grounds;
mod handing;
mod handoff;
mod insight;
mod journal;
mod kit;
mod loose;
mod next;
mod once;
mod outstanding;
mod own_files;
mod plan;
mod publishing;
mod rehearsal;
mod resolving;
mod review;
mod revocation;
mod roster;
mod rules;
mod scope;
mod signing;
mod stand_ins;
mod state;
mod testifying;
mod title;
mod transcript;
mod walks;

use crate::digest;

pub use answering::{Answer, Compared};
pub use begin::{Preview, UnderWay};
pub use bulk::{Bulk, Outcome, Went};
pub use ceremonies::{Ceremonies, Record, State};
pub use change::{Change, Gone, KeyAtHand};
pub use collected::{Assembled, Collected, Given, Sheet};
pub use consequences::other_roles;
pub use delta::Delta;
pub use digest::Digest;
pub use edit::{Delegation, Edit, Joining, Paths, RoleAt, TargetText};
pub use event::{Begun, Client, Event, Fact, Finding as RecordedFinding, Rehearsed, Seen};
pub use everywhere::InPlace;
pub use evidence::Enclosed;
pub use foreseeing::{ChangeStart, Foreseen, vouches};
pub use grounds::Grounds;
pub use handing::{ELSEWHERE, Taken, Written, must_be_a_request};
pub use handoff::{
    Answered, LARGEST as LARGEST_HANDOFF, Received, SigningRequest, SigningResponse, Trusted, digest_words, spoken,
};
pub use insight::{Insight, Shown, Sound};
pub use kit::{FileJudged, Kit};
pub use loose::{Loose, is_publishable};
pub use next::usual_days;
pub use outstanding::{Outstanding, Part, Short};
pub use plan::{Plan, Planned, Reach, deltas};
pub use revocation::{concerned, repair};
pub use roster::{NamedKey, Quorum, Roster, Side, quorums};
pub use state::{Attempt, Ceremony, Stage};
pub use transcript::{Checked, End};
