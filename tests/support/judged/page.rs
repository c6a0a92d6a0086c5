//! The page of known disagreements: a table, one row a kind and judge.

use std::collections::BTreeSet;
use std::fs;

use super::{Disagreement, Summary};
use crate::sources;

const PAGE: &str = "docs/decisions/disagreements.md";

/// The rows of the page.
pub fn listed() -> BTreeSet<Disagreement> {
    let text = fs::read_to_string(sources::root().join(PAGE)).expect("the page is part of the project");
    rows(&text)
}

/// Reads `| kind | judge | judge says | we say | why |`; a reason must not be empty.
fn rows(page: &str) -> BTreeSet<Disagreement> {
    let cells = |line: &str| -> Vec<String> {
        let inside = line.trim().trim_start_matches('|').trim_end_matches('|');
        inside.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let lines = page.lines().filter(|line| line.starts_with('|'));
    let rows = lines
        .map(cells)
        .filter(|cells| cells.len() == 5 && !cells[0].starts_with("--"));
    rows.skip(1)
        .filter(|cells| !cells[4].is_empty())
        .map(|cells| Disagreement {
            kind: cells[0].clone(),
            judge: cells[1].clone(),
            they: cells[2].clone(),
            we: cells[3].clone(),
        })
        .collect()
}

/// Disagreements of a run that the page does not have, and rows by these judges that the run does not show.
pub fn compare(summary: &Summary, judges: &[&str]) -> (Vec<String>, Vec<String>) {
    let listed = listed();
    let by_these = |row: &&Disagreement| judges.contains(&row.judge.as_str());
    let shown = |row: &Disagreement| format!("| {} | {} | {} | {} |", row.kind, row.judge, row.they, row.we);
    let unlisted = summary.disagreements.iter().filter(|(row, _)| !listed.contains(row));
    let gone = listed
        .iter()
        .filter(by_these)
        .filter(|row| !summary.disagreements.contains_key(row));
    (
        unlisted
            .map(|(row, cases)| format!("{} in {} cases, first {}", shown(row), cases.len(), cases[0]))
            .collect(),
        gone.map(shown).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_a_row_without_a_reason_is_none() {
        let page = "# x\n\n| kind | judge | judge says | we say | why |\n|---|---|---|---|---|\n\
                    | a b | tough | accepts | refuses | TUF 4.1 |\n| c | tough | refuses | accepts |  |\n";
        let found: Vec<Disagreement> = rows(page).into_iter().collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].kind.as_str(), found[0].we.as_str()), ("a b", "refuses"));
    }
}
