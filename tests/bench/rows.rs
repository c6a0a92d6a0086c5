//! The rows of the table: which work on which repository, and what it has to come to.

/// One row.
#[derive(Debug)]
pub struct Row {
    /// The word of the drivers' contract.
    pub work: &'static str,
    pub repository: &'static str,
    /// What every driver must report; less would be work left out.
    pub items: usize,
    /// How many times the floor the row may cost at most; `None` is reported only.
    pub bar: Option<f64>,
    /// What it is, in the page's words.
    pub told: &'static str,
}

const fn row(work: &'static str, repository: &'static str, items: usize, bar: Option<f64>, told: &'static str) -> Row {
    Row {
        work,
        repository,
        items,
        bar,
        told,
    }
}

const TWICE: Option<f64> = Some(2.0);

pub const ROWS: [Row; 11] = [
    row("load", "a10k", 10_000, None, "one document of 10,000 targets"),
    row(
        "load",
        "a100k",
        100_000,
        TWICE,
        "one document of 100,000 targets, canonical",
    ),
    row(
        "load",
        "a100kp",
        100_000,
        None,
        "the same, indented and with members in reverse order",
    ),
    row("load", "a1m", 1_000_000, None, "one document of 1,000,000 targets"),
    row("many", "c200", 44_000, TWICE, "200 repositories of 14 documents each"),
    row(
        "chain",
        "dmix",
        1_000,
        TWICE,
        "1,000 roots, 3 of 5 keys: Ed25519, P-256, RSA-2048",
    ),
    row("chain", "ded", 1_000, None, "1,000 roots, 3 of 5 keys: Ed25519"),
    row(
        "sign",
        "a100k",
        100_000,
        TWICE,
        "100,000 targets re-issued: next version, signed, written",
    ),
    row(
        "lazy",
        "b16384",
        1,
        TWICE,
        "16,384 hash bins: top-level roles, then one target found in one bin",
    ),
    row("load", "b1024", 65_536, None, "1,024 hash bins, every one read"),
    row("load", "b16384", 1_048_576, None, "16,384 hash bins, every one read"),
];
