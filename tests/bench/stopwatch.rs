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

/// Linux tells of other processes in hundredths of a second, whatever its own clock does (USER_HZ).
const NS_PER_TICK: u64 = 10_000_000;

/// The most memory this process has held.
pub fn peak_kib() -> u64 {
    peak_in(&fs::read_to_string("/proc/self/status").expect("Linux tells a process of itself"))
        .expect("the status names the peak")
}

/// Processor time that a running process has used since it began, in nanoseconds, and the most memory it has held; `None` if
/// it is no more.
pub fn so_far(process: u32) -> Option<(u64, u64)> {
    let told = |of: &str| fs::read_to_string(format!("/proc/{process}/{of}")).ok();
    let ticks = ticks_in(&told("stat")?)?;
    Some((ticks * NS_PER_TICK, peak_in(&told("status")?)?))
}

fn peak_in(status: &str) -> Option<u64> {
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.split_whitespace().next()?.parse().ok()
}

/// In user and in system mode: the twelfth and thirteenth number behind the program's name, which may hold anything.
fn ticks_in(stat: &str) -> Option<u64> {
    let (_, behind) = stat.rsplit_once(')')?;
    let mut numbers = behind.split_whitespace().skip(11).map(str::parse::<u64>);
    Some(numbers.next()?.ok()? + numbers.next()?.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_process_is_told_of_by_its_number() {
        let (cpu, peak) = so_far(std::process::id()).unwrap();
        assert!(cpu <= cpu_ns() + 1_000_000_000 && peak > 0);
        assert_eq!(so_far(u32::MAX), None);
    }

    #[test]
    fn a_program_may_have_any_name() {
        let stat = "7 (a) 1 2 (b) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 9 9 20 0 1 0 88 4096 22";
        assert_eq!(ticks_in(stat), Some(300));
        assert_eq!(ticks_in("7 (a) S 1 7"), None);
        assert_eq!(peak_in("VmPeak:\t  99 kB\nVmHWM:\t  1234 kB\n"), Some(1234));
    }
}
