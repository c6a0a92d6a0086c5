//! Physical keys across keyids, roles, repositories and files.
//!
//! A key is who it is by its public half; files and keyids are only where it is found and what it is called.

pub mod attestation;
mod exchange;
mod files;
mod inventory;
mod reference;
mod session;

pub use exchange::{Exported, Imported, canonical, export, import, own_folder};
pub use files::{KeyAtHand, in_tokens, inspect, known, locate, remember};
pub use inventory::{CachedRepository, FoundKey, Inventory, Pins, Remark, Server, Settings, Unreadable, Use};
pub use reference::{label, name, parse, written};
pub use session::Sessions;
