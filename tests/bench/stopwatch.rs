//! What a piece of work costs this process: wall time, processor time of all its threads, peak memory.

use std::fs;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// One measured process, in the words of the drivers' contract.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Measured {
    /// Nanoseconds, one for each repetition; so is `cpu_ns`.
    pub wall_ns: Vec<u64>,
    pub cpu_ns: Vec<u64>,
    /// What the work came to, so that work left out shows.
    pub items: usize,
    /// The most memory the process ever held.
    pub rss_kib: u64,
}

impl Measured {
    /// Does `work` under the stopwatch.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (wall, cpu) = (Instant::now(), cpu_ns());
        let done = work();
        self.cpu_ns.push(cpu_ns() - cpu);
        self.wall_ns.push(wall.elapsed().as_nanos() as u64);
        done
    }
}

/// Processor time this process has used.
pub fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The most memory this process has held.
pub fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells a process of itself");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = peak.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.expect("the status names the peak")
}
