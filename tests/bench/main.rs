//! `rootward-bench`: does one piece of work under a stopwatch, or compares every piece with other implementations and with
//! what the machine could do. `./dev bench` drives it.

mod compare;
mod floor;
mod limits;
mod report;
mod rows;
mod stopwatch;
mod work;

use std::path::PathBuf;
use std::{env, fs};

use clap::{Args, Parser, Subcommand};

use compare::Driver;
use stopwatch::Measured;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The first five are the drivers' contract: one line of JSON on standard output.
#[derive(Subcommand)]
enum Command {
    /// Verifies a whole repository.
    Load(Work),
    /// Verifies every repository in a folder.
    Many(Work),
    /// Verifies a chain of roots.
    Chain(Work),
    /// Signs the next version of targets.
    Sign(Work),
    /// Verifies the top-level roles and looks for one target.
    Lazy(Work),
    /// Measures ourselves and others in turn, and writes the page.
    Compare(Comparison),
}

#[derive(Args)]
struct Work {
    repository: PathBuf,
    #[arg(default_value_t = 1)]
    repetitions: usize,
}

#[derive(Args)]
struct Comparison {
    /// The folder of generated repositories.
    #[arg(long)]
    data: PathBuf,
    /// The page whose measured part is written; without it the tables are printed.
    #[arg(long)]
    page: Option<PathBuf>,
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Another driver, as `NAME AND VERSION=PROGRAM ARGUMENT...`.
    #[arg(long, value_parser = driver)]
    peer: Vec<Driver>,
    /// Only this row, as `load:a100k`; may be given several times.
    #[arg(long)]
    row: Vec<String>,
    /// When and of what the page tells: `WHAT=SAID`.
    #[arg(long, value_parser = pair)]
    about: Vec<(String, String)>,
}

fn main() {
    let measured = match Arguments::parse().command {
        Command::Load(work) => work::load(&work.repository, work.repetitions),
        Command::Many(work) => work::many(&work.repository, work.repetitions),
        Command::Chain(work) => work::chain(&work.repository, work.repetitions),
        Command::Sign(work) => work::sign(&work.repository, work.repetitions),
        Command::Lazy(work) => work::lazy(&work.repository, work.repetitions),
        Command::Compare(comparison) => return compare_all(&comparison),
    };
    print(&measured);
}

fn print(measured: &Measured) {
    println!("{}", serde_json::to_string(measured).expect("numbers are JSON"));
}

fn compare_all(comparison: &Comparison) {
    let ours = Driver {
        name: "Rootward".to_owned(),
        command: vec![
            env::current_exe()
                .expect("this program has a path")
                .to_string_lossy()
                .into_owned(),
        ],
    };
    let rows = compare::compare(
        &comparison.data,
        comparison.rounds,
        &comparison.row,
        &ours,
        &comparison.peer,
    );
    let mut about = comparison.about.clone();
    about.push(("Rounds".to_owned(), comparison.rounds.to_string()));
    let tables = report::tables(&rows, &comparison.peer, &about);
    match &comparison.page {
        None => print!("{tables}"),
        Some(page) => {
            let before = fs::read_to_string(page).unwrap_or_default();
            fs::write(page, report::put(&before, &tables)).expect("the page can be written");
        }
    }
}

fn driver(text: &str) -> Result<Driver, String> {
    let (name, command) = pair(text)?;
    let command = command.split_whitespace().map(str::to_owned).collect();
    Ok(Driver { name, command })
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (before, after) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((before.to_owned(), after.to_owned()))
}
