//! The comparison: every row by every driver in turn, round after round, so that whatever else the machine does hits all alike.
//! The limits are measured beside each row.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::floor::Needed;
use crate::limits::Limits;
use crate::rows::{ROWS, Row};
use crate::stopwatch::{Measured, so_far};

/// A driver of the contract: `PROGRAM [ARGUMENT...] WORK REPOSITORY REPETITIONS` prints one line.
#[derive(Clone, Debug)]
pub struct Driver {
    /// With its version.
    pub name: String,
    pub command: Vec<String>,
}

/// What one round of one driver cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    pub cpu_ns: f64,
    pub wall_ns: f64,
    pub rss_kib: f64,
}

/// What a peer came to at a row.
#[derive(Debug, PartialEq)]
pub enum Showing {
    /// What each round cost, from the first on.
    Rounds(Vec<Cost>),
    /// It took too long and was stopped: it costs more than this.
    Stopped(Cost),
    /// It cannot do the row, or does something else.
    Unable,
}

/// A row's rounds. `limits` and `ours` have one entry a round.
pub struct Compared {
    pub row: &'static Row,
    pub needed: Needed,
    pub limits: Vec<Limits>,
    pub ours: Vec<Cost>,
    pub peers: Vec<Showing>,
}

/// A peer that takes longer for a repetition does the row in one round only.
pub const SLOW: Duration = Duration::from_secs(5);
/// A peer that takes longer for a repetition is stopped.
pub const TOO_SLOW: Duration = Duration::from_secs(60);

/// What became of one repetition.
enum Repetition {
    Done(Cost),
    Stopped(Cost),
    Failed,
}

/// Measures the rows named in `only`, or all.
pub fn compare(data: &Path, rounds: usize, only: &[String], ours: &Driver, peers: &[Driver]) -> Vec<Compared> {
    let is_wanted = |row: &&Row| only.is_empty() || only.contains(&format!("{}:{}", row.work, row.repository));
    let rows: Vec<&'static Row> = ROWS.iter().filter(is_wanted).collect();
    let compared = rows.into_iter().map(|row| compare_row(row, data, rounds, ours, peers));
    compared.collect()
}

fn compare_row(row: &'static Row, data: &Path, rounds: usize, ours: &Driver, peers: &[Driver]) -> Compared {
    let mut compared = Compared {
        row,
        needed: Needed::by(row, data),
        limits: Vec::new(),
        ours: Vec::new(),
        peers: peers.iter().map(|_| Showing::Rounds(Vec::new())).collect(),
    };
    if row.work == "lazy" {
        compared.peers.fill_with(|| Showing::Unable);
    }
    for round in 1..=rounds {
        eprintln!("{} {}: round {round} of {rounds}", row.work, row.repository);
        compared.limits.push(Limits::measured(
            &data.join("a100k/metadata/1.targets.json"),
            &data.join("c200/000/metadata"),
        ));
        match ours.run(row, data) {
            Repetition::Done(cost) => compared.ours.push(cost),
            Repetition::Stopped(_) | Repetition::Failed => panic!("our own driver fails at {row:?}"),
        }
        for (showing, peer) in compared.peers.iter_mut().zip(peers) {
            if showing.wants_another() {
                showing.add(peer.run(row, data));
            }
        }
    }
    compared
}

impl Showing {
    fn wants_another(&self) -> bool {
        match self {
            Showing::Rounds(costs) => costs.last().is_none_or(|cost| cost.wall_ns <= SLOW.as_nanos() as f64),
            Showing::Stopped(_) | Showing::Unable => false,
        }
    }

    /// What was measured before stands, whatever becomes of a later round.
    fn add(&mut self, repetition: Repetition) {
        match (&mut *self, repetition) {
            (Showing::Rounds(costs), Repetition::Done(cost)) => costs.push(cost),
            (Showing::Rounds(costs), Repetition::Stopped(cost)) if costs.is_empty() => *self = Showing::Stopped(cost),
            (Showing::Rounds(costs), Repetition::Failed) if costs.is_empty() => *self = Showing::Unable,
            _ => {}
        }
    }
}

impl Driver {
    /// One repetition in a process of its own. It fails too if it leaves work out.
    fn run(&self, row: &Row, data: &Path) -> Repetition {
        self.try_run(row, data).unwrap_or(Repetition::Failed)
    }

    fn try_run(&self, row: &Row, data: &Path) -> Option<Repetition> {
        let (program, arguments) = self.command.split_first()?;
        let mut child = Command::new(program)
            .args(arguments)
            .arg(row.work)
            .arg(data.join(row.repository))
            .arg("1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let begun = Instant::now();
        while child.try_wait().ok()?.is_none() {
            let wall = begun.elapsed();
            if wall > TOO_SLOW {
                let so_far = so_far(child.id());
                child.kill().ok()?;
                child.wait().ok()?;
                return so_far
                    .map(|(cpu_ns, rss_kib)| Repetition::Stopped(Cost::new(cpu_ns, wall.as_nanos(), rss_kib)));
            }
            sleep(Duration::from_millis(20));
        }
        let output = child.wait_with_output().ok()?;
        let measured: Measured = serde_json::from_slice(&output.stdout).ok()?;
        let (cpu_ns, wall_ns) = (*measured.cpu_ns.first()?, *measured.wall_ns.first()?);
        (output.status.success() && measured.items == row.items)
            .then(|| Repetition::Done(Cost::new(cpu_ns, wall_ns.into(), measured.rss_kib)))
    }
}

impl Cost {
    fn new(cpu_ns: u64, wall_ns: u128, rss_kib: u64) -> Self {
        Cost {
            cpu_ns: cpu_ns as f64,
            wall_ns: wall_ns as f64,
            rss_kib: rss_kib as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Cost = Cost {
        cpu_ns: 1.0e9,
        wall_ns: 1.5e9,
        rss_kib: 2048.0,
    };
    const LONG: Cost = Cost {
        cpu_ns: 5.0e9,
        wall_ns: 6.0e9,
        ..QUICK
    };

    fn shown(repetitions: Vec<Repetition>) -> Showing {
        let mut showing = Showing::Rounds(Vec::new());
        for repetition in repetitions {
            assert!(showing.wants_another());
            showing.add(repetition);
        }
        showing
    }

    #[test]
    fn a_slow_peer_is_measured_once_and_a_quick_one_in_every_round() {
        let quick = shown(vec![Repetition::Done(QUICK), Repetition::Done(QUICK)]);
        assert!(quick.wants_another());
        assert_eq!(quick, Showing::Rounds(vec![QUICK, QUICK]));
        let slow = shown(vec![Repetition::Done(LONG)]);
        assert!(!slow.wants_another());
        assert_eq!(slow, Showing::Rounds(vec![LONG]));
    }

    #[test]
    fn a_peer_that_is_stopped_or_fails_is_left_out_of_later_rounds_and_what_was_measured_stands() {
        let stopped = shown(vec![Repetition::Stopped(LONG)]);
        assert_eq!(stopped, Showing::Stopped(LONG));
        let unable = shown(vec![Repetition::Failed]);
        assert_eq!(unable, Showing::Unable);
        assert!(!stopped.wants_another() && !unable.wants_another());
        for later in [Repetition::Stopped(LONG), Repetition::Failed] {
            let measured = shown(vec![Repetition::Done(QUICK), later]);
            assert_eq!(measured, Showing::Rounds(vec![QUICK]));
        }
    }

    #[test]
    fn a_driver_that_leaves_work_out_or_says_nothing_has_failed() {
        let row = &crate::rows::ROWS[0];
        let says = |items: usize, status: u8| {
            let line = format!(r#"{{"wall_ns":[2000],"cpu_ns":[1000],"items":{items},"rss_kib":7}}"#);
            let script = format!("echo '{line}'; exit {status}");
            let command = ["sh", "-c", &script].map(str::to_owned).to_vec();
            let name = "a shell".to_owned();
            Driver { name, command }.run(row, Path::new("/nowhere"))
        };
        assert!(matches!(says(row.items, 0), Repetition::Done(cost) if cost == Cost::new(1000, 2000, 7)));
        assert!(matches!(says(row.items - 1, 0), Repetition::Failed));
        assert!(matches!(says(row.items, 1), Repetition::Failed));
        let missing = Driver {
            name: "nobody".to_owned(),
            command: vec!["/nowhere/driver".to_owned()],
        };
        assert!(matches!(missing.run(row, Path::new("/nowhere")), Repetition::Failed));
    }
}
