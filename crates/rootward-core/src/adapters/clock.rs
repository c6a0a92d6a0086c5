//! Two clocks: the machine's, and one that stands still (`--at`).

use std::time::{SystemTime, UNIX_EPOCH};

use rootward_tuf::time::Instant;

use crate::ports::Clock;

/// The machine's clock, in whole seconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        let epoch = Instant::from_unix_seconds(0).expect("1970 can be written");
        epoch.plus_seconds(seconds)
    }
}

/// A clock that stands still at the moment given.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Instant);

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        self.0
    }
}
