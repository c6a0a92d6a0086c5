//! Second opinions: generated repositories, sound and not, judged by clients that are not ours, and every difference named.
//!
//! The same seed gives the same repositories. What is known to differ stands in docs/decisions/disagreements.md.

pub mod dice;
pub mod json;
pub mod judge;
pub mod keys;
pub mod kinds;
pub mod notary;
pub mod ours;
pub mod page;
pub mod plan;
pub mod shape;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use dice::Dice;
use judge::Judge;
use keys::Keys;
use kinds::Kind;
use plan::Written;

/// One repository, what was done to it, and what its clients look for.
pub struct Case {
    pub number: usize,
    pub kind: &'static str,
    pub written: Written,
}

/// What a client came to. A look-up is `found LENGTH SHA256`, `nowhere` or `refused`; there are none after a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub accepted: bool,
    pub lookups: Vec<String>,
    /// In the client's own words.
    pub refusal: Option<String>,
}

/// One way in which a judge and we differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Disagreement {
    pub kind: String,
    pub judge: String,
    pub they: String,
    pub we: String,
}

/// What a run came to.
#[derive(Default)]
pub struct Summary {
    pub cases: usize,
    /// Refused by every judge, or with a look-up that every judge refused.
    pub refused_by_all: usize,
    pub hits: BTreeMap<&'static str, usize>,
    /// The cases that show each, by number.
    pub disagreements: BTreeMap<Disagreement, Vec<usize>>,
}

/// Makes the case of this number.
pub fn case(seed: u64, number: usize, keys: &Keys, kinds: &[Kind]) -> Case {
    let mut dice = Dice::of_case(seed, number);
    let kind = kinds[number % kinds.len()];
    let mut plan = shape::sound(&mut dice, keys, kind.wants);
    (kind.make)(&mut plan, &mut dice, keys);
    Case {
        number,
        kind: kind.name,
        written: plan.write(),
    }
}

/// Lets every judge and us look at `count` cases.
pub fn run(seed: u64, count: usize, judges: &mut [Judge]) -> Summary {
    let (keys, kinds) = (Keys::new(), kinds::all());
    let mut summary = Summary::default();
    for number in 0..count {
        let case = case(seed, number, &keys, &kinds);
        judges.iter_mut().for_each(|judge| judge.ask(&case));
        let (as_client, whole) = (ours::as_client(&case), ours::whole(&case));
        let theirs: Vec<Verdict> = judges.iter_mut().map(Judge::answer).collect();
        summary.cases += 1;
        *summary.hits.entry(case.kind).or_default() += 1;
        if theirs.iter().chain([&as_client]).all(Verdict::refuses_something) {
            summary.refused_by_all += 1;
        }
        for (judge, theirs) in judges.iter().zip(&theirs) {
            let ours = if judge.loads_everything { &whole } else { &as_client };
            for (they, we) in differences(theirs, ours) {
                let disagreement = Disagreement {
                    kind: case.kind.to_owned(),
                    judge: judge.name.clone(),
                    they: they.to_owned(),
                    we: we.to_owned(),
                };
                summary.disagreements.entry(disagreement).or_default().push(number);
            }
        }
    }
    summary
}

impl Verdict {
    pub fn refused(why: impl ToString) -> Self {
        Verdict {
            accepted: false,
            lookups: Vec::new(),
            refusal: Some(why.to_string()),
        }
    }

    fn refuses_something(&self) -> bool {
        !self.accepted || self.lookups.iter().any(|lookup| lookup == "refused")
    }
}

/// How two verdicts differ: what they say, what we say. To refuse a role that a search comes to is to refuse.
pub fn differences(theirs: &Verdict, ours: &Verdict) -> BTreeSet<(&'static str, &'static str)> {
    let refuses_or = |refuses: bool| if refuses { "refuses" } else { "accepts" };
    if theirs.accepted != ours.accepted {
        return BTreeSet::from([(refuses_or(!theirs.accepted), refuses_or(!ours.accepted))]);
    }
    let pairs = theirs.lookups.iter().zip(&ours.lookups);
    let different = pairs.filter(|(theirs, ours)| theirs != ours);
    different
        .map(|(theirs, ours)| match (theirs.as_str(), ours.as_str()) {
            ("refused", _) | (_, "refused") => (refuses_or(theirs == "refused"), refuses_or(ours == "refused")),
            ("nowhere", _) => ("finds nothing", "finds the target"),
            (_, "nowhere") => ("finds the target", "finds nothing"),
            _ => ("finds one", "finds another"),
        })
        .collect()
}
