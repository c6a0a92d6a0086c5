//! The outside world behind the ports. Adapters know ports, never use cases or each other.

mod clock;
mod disk;
mod lock;
pub mod logging;
mod random;

pub use self::{
    clock::{FixedClock, SystemClock},
    disk::{ForgettingDisk, Loss, SystemDisk},
    lock::DataLock,
    random::SystemRandom,
};
