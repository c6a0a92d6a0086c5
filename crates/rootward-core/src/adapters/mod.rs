//! The outside world behind the ports. Adapters know ports, never use cases or each other.

mod clock;
mod disk;
mod folder;
mod lock;
pub mod logging;
mod random;
mod sqlite;

pub use self::{
    clock::{FixedClock, SystemClock},
    disk::{ForgettingDisk, Loss, SystemDisk},
    folder::Folder,
    lock::DataLock,
    random::SystemRandom,
    sqlite::SqliteVault,
};
