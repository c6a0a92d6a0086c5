//! `./dev judges`: lets other clients judge thousands of generated repositories, and fails on any difference that
//! docs/decisions/disagreements.md does not have, and on any row there that does not occur.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use rootward_tests::judged::judge::Judge;
use rootward_tests::judged::keys::Keys;
use rootward_tests::judged::{self, Summary, kinds, ours, page};
use rootward_tests::rigs::python_tuf::PythonTuf;

#[derive(Parser)]
struct Arguments {
    /// How many repositories.
    #[arg(default_value_t = COUNT)]
    count: usize,
    /// The same seed makes the same repositories.
    #[arg(default_value_t = SEED)]
    seed: u64,
    /// The program of tests/judges.
    #[arg(long)]
    tough: PathBuf,
    /// Shows one case instead: its files, and what everybody says of it.
    #[arg(long)]
    case: Option<usize>,
}

/// What the page was written by. Some rows are seldom: only this run must show every one.
const COUNT: usize = 10_600;
const SEED: u64 = 20_261_125;

/// Every kind is to be tried so often, and so large a part of all refused by everybody, for a run to mean anything.
const LEAST_HITS: usize = 50;
const LEAST_REFUSED: f64 = 0.3;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed;
    println!("seed {seed}");
    let mut judges = [Judge::python_tuf(&PythonTuf::ready()), Judge::tough(&arguments.tough)];
    match arguments.case {
        Some(number) => show(seed, number, &mut judges),
        None => full(seed, arguments.count, &mut judges),
    }
}

fn full(seed: u64, count: usize, judges: &mut [Judge]) -> ExitCode {
    let summary = judged::run(seed, count, judges);
    let names: Vec<&str> = judges.iter().map(|judge| judge.name.as_str()).collect();
    let (unlisted, gone) = page::compare(&summary, &names);
    let mut faults = shortfalls(&summary);
    faults.extend(unlisted.into_iter().map(|row| format!("not on the page: {row}")));
    faults.extend(
        gone.into_iter()
            .map(|row| format!("on the page, and does not occur: {row}")),
    );
    println!(
        "{} repositories of {} kinds, {} refused by all, {} disagreements in {} cases",
        summary.cases,
        summary.hits.len(),
        summary.refused_by_all,
        summary.disagreements.len(),
        summary.disagreements.values().map(Vec::len).sum::<usize>()
    );
    faults.iter().for_each(|fault| println!("{fault}"));
    ExitCode::from(u8::from(!faults.is_empty()))
}

fn shortfalls(summary: &Summary) -> Vec<String> {
    let mut short = Vec::new();
    let rare: Vec<&str> = summary
        .hits
        .iter()
        .filter(|(_, hits)| **hits < LEAST_HITS)
        .map(|(kind, _)| *kind)
        .collect();
    if !rare.is_empty() {
        short.push(format!(
            "{} kinds were tried less than {LEAST_HITS} times, such as {:?}",
            rare.len(),
            rare[0]
        ));
    }
    if (summary.refused_by_all as f64) < LEAST_REFUSED * summary.cases as f64 {
        short.push(format!(
            "only {} of {} were refused by all",
            summary.refused_by_all, summary.cases
        ));
    }
    short
}

fn show(seed: u64, number: usize, judges: &mut [Judge]) -> ExitCode {
    let case = judged::case(seed, number, &Keys::new(), &kinds::all());
    println!("case {number}: {}", case.kind);
    for (name, file) in &case.written.files {
        println!("---- {name}\n{}", String::from_utf8_lossy(file));
    }
    println!(
        "---- seen before: {:?}\n---- looked for: {:?}",
        case.written.cached.keys(),
        case.written.lookups
    );
    for judge in judges.iter_mut() {
        judge.ask(&case);
        let verdict = judge.answer();
        println!("{}: {verdict:?}", judge.name);
    }
    println!(
        "we: {:?}\nwe, all loaded: {:?}",
        ours::as_client(&case),
        ours::whole(&case)
    );
    ExitCode::SUCCESS
}
