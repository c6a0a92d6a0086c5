//! Ceremonies as screens show them: computed from the journal's fold and from the bytes, decided nowhere else.

mod account;
mod beginning_form;
mod bulk;
mod checklist;
mod form;
mod plan;
mod plugged;
mod signers;
mod stage;
mod transcript;
mod view;
mod whom;

pub use account::{event_text, practice_prefix};
pub use checklist::checklist;
pub use transcript::transcript;
