//! Writes the measured part of the page; whatever stands around it was written by hand and stays.

use std::fmt::Write as _;

use crate::compare::{Compared, Cost, Driver};
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
        if let Some(times) = times_the_file(row).filter(|times| *times > MOST_MEMORY) {
            let _ = writeln!(
                page,
                "- {name} needs {times:.1} times the file in memory, {MOST_MEMORY:.0} allowed"
            );
        }
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
fn ratio_text(row: &Compared, peer: &[Cost]) -> String {
    if peer.is_empty() {
        return "–".to_owned();
    }
    let ratio = median(peer.iter().zip(&row.ours).map(|(peer, ours)| peer.cpu_ns / ours.cpu_ns));
    format!("x {ratio:.1} ({} MiB)", mib(peer))
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
