//! Views as recorded for the screens: what differs from run to run is given fixed stand-ins.

use std::{collections::BTreeMap, path::Path};

use rootward_core::border::{Query, View};
use rootward_tuf::encoding::{hex, sha256};
use serde_json::{Value, json};

use crate::{committed, sources};

/// Recorded queries with their views, by file name.
pub struct Golden {
    records: Vec<(String, Value)>,
    folder: String,
}

impl Golden {
    /// Records views of a desk in `folder`, which is called `/desk` in the files.
    pub fn new(folder: &Path) -> Self {
        let full = folder.canonicalize().expect("the desk's folder is there");
        Golden {
            records: Vec::new(),
            folder: full.display().to_string(),
        }
    }

    /// Takes down a query and its answer.
    pub fn record(&mut self, name: &str, query: &Query, view: &View) {
        let record = json!({ "query": query, "view": view });
        self.records.push((name.to_owned(), record));
    }

    /// Compares the files in `tests/golden` with what was recorded, or writes those that differ when told to.
    ///
    /// Panics when one is stale. Side-by-side lines are recorded and not compared: they are sorted by keyid, and keyids
    /// differ with every estate.
    pub fn are_fresh(self) {
        for (name, text) in self.files() {
            let path = format!("tests/golden/{name}.json");
            let committed = std::fs::read_to_string(sources::root().join(&path)).unwrap_or_default();
            let same = match (without_lines(&committed), without_lines(&text)) {
                (Some(committed), Some(fresh)) => committed == fresh,
                _ => false,
            };
            if !same {
                committed::is_fresh(&path, &text);
            }
        }
    }

    fn files(mut self) -> Vec<(String, String)> {
        let mut known = StandIns::default();
        for (_, record) in &mut self.records {
            let folder = &self.folder;
            each_text(record, &mut |text| {
                *text = text
                    .replace(folder.as_str(), "/desk")
                    .replace(&escaped(folder), "%2Fdesk");
            });
            steady_sizes(record);
        }
        // Lines come last: what they are sorted by differs from run to run, and with it who would appear first.
        for (_, record) in &self.records {
            let mut record = record.clone();
            drop_lines(&mut record);
            each_text(&mut record, &mut |text| known.learn(text));
        }
        for (_, record) in &mut self.records {
            each_text(record, &mut |text| known.learn(text));
        }
        let write = |(name, mut record): (String, Value)| {
            each_text(&mut record, &mut |text| *text = known.replace(text));
            let text = serde_json::to_string_pretty(&record).expect("a view is JSON");
            (name, text + "\n")
        };
        self.records.into_iter().map(write).collect()
    }
}

/// Hexadecimal ids and digests by the number of their first appearance.
#[derive(Default)]
struct StandIns {
    numbers: BTreeMap<String, usize>,
}

/// Shorter runs of digits are dates, versions and words.
const SHORTEST: usize = 12;

impl StandIns {
    fn learn(&mut self, text: &str) {
        for run in runs(text).into_iter().filter(|run| run.len() >= SHORTEST) {
            let next = self.numbers.len();
            self.numbers.entry(run.to_owned()).or_insert(next);
        }
    }

    fn replace(&self, text: &str) -> String {
        let mut replaced = text.to_owned();
        for run in runs(text) {
            if let Some(number) = self.numbers.get(run) {
                replaced = replaced.replace(run, &stand_in(*number, run.len()));
            }
        }
        // Shortened forms: those whose ends fit are the same id.
        if text.contains(['…', ' ']) {
            for (full, number) in &self.numbers {
                let new = stand_in(*number, full.len());
                for form in FORMS {
                    replaced = replaced.replace(&form(full), &form(&new));
                }
            }
        }
        replaced
    }
}

/// How ids and digests are shortened for people: `abcd…1234`, `abcdef01…1234`, `abcd ef01`.
const FORMS: [fn(&str) -> String; 3] = [
    |id| format!("{}…{}", &id[..4], &id[id.len() - 4..]),
    |id| format!("{}…{}", &id[..8], &id[id.len() - 4..]),
    |id| format!("{} {}", &id[..4], &id[4..8]),
];

fn stand_in(number: usize, length: usize) -> String {
    let digest = hex(&sha256(format!("stand-in {number}").as_bytes()));
    digest.chars().cycle().take(length).collect()
}

/// Maximal runs of lower-case hexadecimal digits.
fn runs(text: &str) -> Vec<&str> {
    let is_digit = |digit: char| matches!(digit, '0'..='9' | 'a'..='f');
    text.split(|digit| !is_digit(digit))
        .filter(|run| !run.is_empty())
        .collect()
}

fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(members) => members.values_mut().for_each(|member| each_text(member, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A signature in DER inside a certificate is a byte longer or shorter from run to run, and so is its document.
fn steady_sizes(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(steady_sizes),
        Value::Object(members) => {
            if members.get("bytes").is_some_and(Value::is_number) {
                members.insert("bytes".to_owned(), json!(2_048));
            }
            if members.get("name").is_some_and(|name| name == "Bytes") {
                members.insert("value".to_owned(), json!("2048"));
            }
            members.values_mut().for_each(steady_sizes);
        }
        _ => {}
    }
}

fn without_lines(text: &str) -> Option<Value> {
    let mut value = serde_json::from_str(text).ok()?;
    drop_lines(&mut value);
    Some(value)
}

fn drop_lines(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(drop_lines),
        Value::Object(members) => {
            members.remove("lines");
            members.values_mut().for_each(drop_lines);
        }
        _ => {}
    }
}

fn escaped(path: &str) -> String {
    path.replace('/', "%2F")
}
