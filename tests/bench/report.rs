//! Writes the measured part of the page; whatever stands around it was written by hand and stays.

use std::fmt::Write as _;

use crate::compare::{Compared, Cost, Driver, SLOW, Showing, TOO_SLOW};
use crate::limits::Limits;

const BEGIN: &str = "<!-- measured: written by ./dev bench -->\n";
const END: &str = "<!-- end of what was measured -->\n";

/// Puts `measured` between the marks of `page`; a page without marks gets them at its end.
pub fn put(page: &str, measured: &str) -> String {
    let (before, after) = match (page.find(BEGIN), page.find(END)) {
        (Some(begin), Some(end)) if begin < end => (&page[..begin], &page[end + END.len()..]),
        _ => (page, ""),
    };
    format!("{before}{BEGIN}\n{measured}\n{END}{after}")
}

/// The tables of one run.
pub fn tables(rows: &[Compared], peers: &[Driver], about: &[(String, String)]) -> String {
    let mut page = String::new();
    for (what, said) in about {
        let _ = writeln!(page, "- {what}: {said}");
    }
    let _ = writeln!(page);
    costs(&mut page, rows, peers);
    bars(&mut page, rows);
    limits(&mut page, rows);
    page
}

fn costs(page: &mut String, rows: &[Compared], peers: &[Driver]) {
    let names: Vec<&str> = peers.iter().map(|peer| peer.name.as_str()).collect();
    let _ = writeln!(
        page,
        "| row | CPU ms | floor ms | times the floor | bar | peak MiB | times the file | {} |",
        names.join(" | ")
    );
    let _ = writeln!(page, "|---|{}", "--:|".repeat(6 + peers.len()));
    for row in rows {
        let ratios: Vec<String> = row.peers.iter().map(|peer| ratio_text(row, peer)).collect();
        let _ = writeln!(
            page,
            "| {} {} | {} | {} | {:.2} | {} | {} | {} | {} |",
            row.row.work,
            row.row.repository,
            ms(median(row.ours.iter().map(|cost| cost.cpu_ns))),
            ms(median(row.limits.iter().map(|limits| row.needed.floor_ns(limits)))),
            times_the_floor(row),
            row.row.bar.map_or("–".to_owned(), |bar| format!("{bar:.0}")),
            mib(&row.ours),
            times_the_file(row).map_or("–".to_owned(), |times| format!("{times:.1}")),
            ratios.join(" | ")
        );
    }
    let _ = writeln!(page);
    for row in rows {
        let _ = writeln!(page, "- `{} {}`: {}", row.row.work, row.row.repository, row.row.told);
    }
    if !peers.is_empty() {
        let _ = writeln!(
            page,
            "\nA peer that takes longer than {} s for a row does it in one round only, which its cell says. One that takes longer \
             than {} s is stopped:\n`> x 50` says that by then it had cost 50 times as much as we do for the whole row, its \
             start included.",
            SLOW.as_secs(),
            TOO_SLOW.as_secs()
        );
    }
}

/// One sentence for each barred row.
fn bars(page: &mut String, rows: &[Compared]) {
    let _ = writeln!(page, "\n**Bars**\n");
    for row in rows {
        let name = format!("`{} {}`", row.row.work, row.row.repository);
        if let Some(bar) = row.row.bar {
            let times = times_the_floor(row);
            let verdict = if times <= bar { "meets" } else { "misses" };
            let far = if times <= bar {
                String::new()
            } else {
                format!(", by {:.0} %", (times / bar - 1.0) * 100.0)
            };
            let _ = writeln!(
                page,
                "- {name} {verdict} its bar{far}: {times:.2} times the floor, {bar:.0} allowed"
            );
        }
    }
    memory(page, rows);
}

/// One sentence for each row that holds too much, or one for all of them.
fn memory(page: &mut String, rows: &[Compared]) {
    let measured = rows.iter().filter_map(|row| Some((row, times_the_file(row)?)));
    let (mut most, mut is_met) = (0.0_f64, true);
    for (row, times) in measured {
        most = most.max(times);
        if times > MOST_MEMORY {
            is_met = false;
            let (work, repository) = (row.row.work, row.row.repository);
            let _ = writeln!(
                page,
                "- `{work} {repository}` needs {times:.2} times the file in memory, {MOST_MEMORY:.0} allowed"
            );
        }
    }
    if is_met && most > 0.0 {
        let _ = writeln!(
            page,
            "- no row needs more than {most:.2} times the file in memory, {MOST_MEMORY:.0} allowed"
        );
    }
}

fn limits(page: &mut String, rows: &[Compared]) {
    let all: Vec<&Limits> = rows.iter().flat_map(|row| &row.limits).collect();
    let of = |pick: fn(&Limits) -> f64| median(all.iter().map(|limits| pick(limits)));
    let megabytes = |pick| format!("{:.0}", 1000.0 / of(pick));
    let microseconds = |pick| format!("{:.1}", of(pick) / 1000.0);
    let lines = [
        (
            "a large file read from the page cache, MB/s",
            megabytes(|limits| limits.read),
        ),
        (
            "JSON parsed into borrowed fields, MB/s",
            megabytes(|limits| limits.parse),
        ),
        ("JSON written from them, MB/s", megabytes(|limits| limits.write)),
        ("SHA-256, MB/s", megabytes(|limits| limits.sha256)),
        ("SHA-512, MB/s", megabytes(|limits| limits.sha512)),
        (
            "an Ed25519 signature verified, µs",
            microseconds(|limits| limits.ed25519),
        ),
        ("a P-256 signature verified, µs", microseconds(|limits| limits.p256)),
        (
            "an RSA-2048 signature verified, µs",
            microseconds(|limits| limits.rsa2048),
        ),
        (
            "an Ed25519 signature made, µs",
            microseconds(|limits| limits.ed25519_signing),
        ),
        (
            "a small file opened, read and closed, µs",
            microseconds(|limits| limits.file),
        ),
    ];
    let _ = writeln!(page, "\n| one core of this machine, median of the run | |\n|---|--:|");
    for (what, said) in lines {
        let _ = writeln!(page, "| {what} | {said} |");
    }
}

/// How many times the file a row may hold in memory.
const MOST_MEMORY: f64 = 3.0;

/// Below this the program itself is most of what is held.
const LARGE: u64 = 5_000_000;

fn times_the_floor(row: &Compared) -> f64 {
    let rounds = row.ours.iter().zip(&row.limits);
    median(rounds.map(|(cost, limits)| cost.cpu_ns / row.needed.floor_ns(limits)))
}

fn times_the_file(row: &Compared) -> Option<f64> {
    let bytes = row.needed.bytes.max(row.needed.written);
    (bytes >= LARGE).then(|| median(row.ours.iter().map(|cost| cost.rss_kib * 1024.0)) / bytes as f64)
}

/// A peer's processor time divided by ours, and its peak memory.
fn ratio_text(row: &Compared, peer: &Showing) -> String {
    let ratio = |costs: &[Cost]| {
        median(
            costs
                .iter()
                .zip(&row.ours)
                .map(|(peer, ours)| peer.cpu_ns / ours.cpu_ns),
        )
    };
    match peer {
        Showing::Unable => "–".to_owned(),
        // Rounded down: a bound says no more than was seen.
        Showing::Stopped(cost) => {
            let (times, mib) = (ratio(&[*cost]).floor(), (cost.rss_kib / 1024.0).floor());
            format!("> x {times:.0} (> {mib:.0} MiB)")
        }
        Showing::Rounds(costs) => {
            let fewer = match costs.len() {
                all if all == row.ours.len() => String::new(),
                1 => ", 1 round".to_owned(),
                some => format!(", {some} rounds"),
            };
            format!("x {:.1} ({} MiB{fewer})", ratio(costs), mib(costs))
        }
    }
}

fn mib(costs: &[Cost]) -> String {
    format!("{:.0}", median(costs.iter().map(|cost| cost.rss_kib)) / 1024.0)
}

fn ms(ns: f64) -> String {
    format!("{:.1}", ns / 1e6)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        many if many % 2 == 1 => sorted[many / 2],
        many => (sorted[many / 2 - 1] + sorted[many / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::Needed;
    use crate::rows::{ROWS, Row};

    const MIB: f64 = 1024.0;

    fn cost(cpu_ms: f64, rss_mib: f64) -> Cost {
        Cost {
            cpu_ns: cpu_ms * 1e6,
            wall_ns: cpu_ms * 1e6,
            rss_kib: rss_mib * MIB,
        }
    }

    /// Three rounds of a file of 10 MB, in a world where a byte read and parsed takes 10 ns: the floor is 100 ms.
    fn compared(row: &'static Row, ours: f64, rss_mib: f64, peers: Vec<Showing>) -> Compared {
        let mut needed = Needed::default();
        needed.bytes = 10_000_000;
        Compared {
            row,
            needed,
            limits: vec![
                Limits {
                    parse: 10.0,
                    ..Limits::default()
                };
                3
            ],
            ours: vec![
                cost(ours, rss_mib),
                cost(ours * 2.0, rss_mib),
                cost(ours / 2.0, rss_mib),
            ],
            peers,
        }
    }

    fn row(work: &str, repository: &str) -> &'static Row {
        let is_it = |row: &&Row| (row.work, row.repository) == (work, repository);
        ROWS.iter().find(is_it).unwrap()
    }

    #[test]
    fn a_cell_says_what_was_measured_how_often_and_what_was_not() {
        let a1m = compared(row("load", "a1m"), 100.0, 20.0, Vec::new());
        let said = |peer| ratio_text(&a1m, &peer);
        let [first, second, third] = [cost(1000.0, 30.0), cost(2200.0, 50.0), cost(600.0, 40.0)];
        // Each round against ours of the same round.
        assert_eq!(said(Showing::Rounds(vec![first, second, third])), "x 11.0 (40 MiB)");
        assert_eq!(said(Showing::Rounds(vec![first])), "x 10.0 (30 MiB, 1 round)");
        assert_eq!(said(Showing::Rounds(vec![first, second])), "x 10.5 (40 MiB, 2 rounds)");
        assert_eq!(said(Showing::Unable), "–");
        // A bound is rounded down.
        assert_eq!(said(Showing::Stopped(cost(5099.0, 57.9))), "> x 50 (> 57 MiB)");
    }

    #[test]
    fn a_bar_is_met_or_said_to_be_missed_and_by_how_much() {
        let told = |rows: &[Compared]| {
            let mut page = String::new();
            bars(&mut page, rows);
            page
        };
        let good = compared(row("load", "a100k"), 150.0, 20.0, Vec::new());
        let fine = told(&[good]);
        assert!(
            fine.contains("- `load a100k` meets its bar: 1.50 times the floor, 2 allowed\n"),
            "{fine}"
        );
        assert!(
            fine.contains("- no row needs more than 2.10 times the file in memory, 3 allowed\n"),
            "{fine}"
        );
        let slow = compared(row("many", "c200"), 300.0, 20.0, Vec::new());
        let large = compared(row("load", "a1m"), 900.0, 40.0, Vec::new());
        let bad = told(&[slow, large]);
        assert!(
            bad.contains("- `many c200` misses its bar, by 50 %: 3.00 times the floor, 2 allowed\n"),
            "{bad}"
        );
        assert!(
            bad.contains("- `load a1m` needs 4.19 times the file in memory, 3 allowed\n"),
            "{bad}"
        );
        assert!(
            !bad.contains("`load a1m` misses") && !bad.contains("no row needs"),
            "{bad}"
        );
    }

    #[test]
    fn the_page_names_the_limits_for_peers_and_keeps_what_was_written_by_hand() {
        let peers = [Driver {
            name: "peer 1.0".to_owned(),
            command: Vec::new(),
        }];
        let stopped = Showing::Stopped(cost(6000.0, 10.0));
        let rows = [compared(row("load", "b16384"), 100.0, 20.0, vec![stopped])];
        let measured = tables(&rows, &peers, &[("Date".to_owned(), "today".to_owned())]);
        assert!(measured.contains("| peer 1.0 |\n|---|"), "{measured}");
        assert!(measured.contains("| 2.1 | > x 60 (> 10 MiB) |\n"), "{measured}");
        assert!(
            measured.contains("longer than 5 s") && measured.contains("longer than 60 s"),
            "{measured}"
        );
        assert!(!tables(&rows, &[], &[]).contains("is stopped"));
        let page = put("before\n", &measured);
        let again = put(&format!("{page}after\n"), "new");
        assert_eq!(again, format!("before\n{BEGIN}\nnew\n{END}after\n"));
    }
}
