//! Physical keys across keyids, roles, repositories and files.
//!
//! A key is who it is by its public half; files and keyids are only where it is found and what it is called.

pub mod attestation;
mod exchange;
mod files;
mod filter;
mod inventory;
mod modules;
mod places;
mod practice;
mod reference;
mod ring;
mod roll_call;
mod session;
mod trouble;

pub use exchange::{Exported, Imported, canonical, export, import, own_folder};
pub use files::{KeyAtHand, in_tokens, inspect, known, locate, look_at, remember};
pub use filter::{Filter, Wanted, matching};
pub use inventory::{CachedRepository, FoundKey, Inventory, Pins, Remark, Server, Settings, Unreadable, Use};
pub use modules::{allowed_modules, parse_module, plug_in_modules, set_module};
pub use places::{
    Device, Place, module_places, name as name_key, names as key_names, places, remember_attached, remember_in_modules,
    remembered as remembered_places,
};
pub use practice::{is_practice, practice_folders};
pub use reference::{label, name, parse, written};
pub use ring::{Facts, Holding, Keyring, RingKey, Use as KeyUse, Worked, is_stale};
pub use roll_call::{ProofMade, Readiness, prove, readiness};
pub use session::Sessions;
pub use trouble::{CODES as KEY_FINDINGS, KeyFinding};
