//! The border: closed enums and plain data in the officer's words, for the window and the terminal alike.
//!
//! Everything here can be serialised and nothing here decides. TypeScript sees these types through
//! `ui/src/border/types.ts`, which a test keeps in step.

mod action;
mod beginning;
mod blast;
mod ceremony;
mod desk;
mod differences;
mod failure;
mod handoff;
mod label;
mod notice;
mod page;
mod query;
mod report;
mod sentence;
mod typescript;
mod view;
mod wish;

pub use action::*;
pub use beginning::*;
pub use blast::Subject;
pub use ceremony::{checklist, event_text, practice_prefix, transcript};
pub(crate) use desk::allowed as desk_allowed;
pub use desk::token_uses;
pub use differences::{document_differences, document_lines, planned_differences, root_differences, root_lines};
pub use failure::*;
pub use label::label_card;
pub use notice::*;
pub use query::*;
pub use report::*;
pub(crate) use sentence::capitalised;
pub use sentence::{counted, short, visible};
pub use typescript::typescript;
pub use view::*;
pub use wish::*;
