//! The comparison: every row by every driver in turn, round after round, so that whatever else the machine does hits all alike.
//! The limits are measured beside each row.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::floor::Needed;
use crate::limits::Limits;
use crate::rows::{ROWS, Row};
use crate::stopwatch::Measured;

/// A driver of the contract: `PROGRAM [ARGUMENT...] WORK REPOSITORY REPETITIONS` prints one line.
#[derive(Clone, Debug)]
pub struct Driver {
    /// With its version.
    pub name: String,
    pub command: Vec<String>,
}

/// What one round of one driver cost.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub cpu_ns: f64,
    pub wall_ns: f64,
    pub rss_kib: f64,
}

/// A row's rounds. Every vector has one entry a round; a driver that cannot do the row has none.
pub struct Compared {
    pub row: &'static Row,
    pub needed: Needed,
    pub limits: Vec<Limits>,
    pub ours: Vec<Cost>,
    pub peers: Vec<Vec<Cost>>,
}

/// A driver that takes longer does a row in one round only, and one that takes longest not at all.
const SLOW: Duration = Duration::from_secs(20);
const TOO_SLOW: Duration = Duration::from_secs(180);

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
        peers: vec![Vec::new(); peers.len()],
    };
    let mut out: Vec<bool> = vec![row.work == "lazy"; peers.len()];
    for round in 1..=rounds {
        eprintln!("{} {}: round {round} of {rounds}", row.work, row.repository);
        compared.limits.push(Limits::measured(
            &data.join("a100k/metadata/1.targets.json"),
            &data.join("c200/000/metadata"),
        ));
        let cost = ours
            .run(row, data)
            .unwrap_or_else(|| panic!("our own driver fails at {row:?}"));
        compared.ours.push(cost);
        for (place, peer) in peers.iter().enumerate() {
            if out[place] {
                continue;
            }
            match peer.run(row, data) {
                Some(cost) => {
                    compared.peers[place].push(cost);
                    out[place] = cost.wall_ns > SLOW.as_nanos() as f64;
                }
                None => out[place] = true,
            }
        }
    }
    compared
}

impl Driver {
    /// One repetition in a process of its own; `None` if it fails, takes too long or leaves work out.
    fn run(&self, row: &Row, data: &Path) -> Option<Cost> {
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
            if begun.elapsed() > TOO_SLOW {
                child.kill().ok()?;
                child.wait().ok()?;
                return None;
            }
            sleep(Duration::from_millis(20));
        }
        let output = child.wait_with_output().ok()?;
        let measured: Measured = serde_json::from_slice(&output.stdout).ok()?;
        (output.status.success() && measured.items == row.items).then_some(Cost {
            cpu_ns: *measured.cpu_ns.first()? as f64,
            wall_ns: *measured.wall_ns.first()? as f64,
            rss_kib: measured.rss_kib as f64,
        })
    }
}
