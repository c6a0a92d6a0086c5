//! Target paths that could be signed.

use rootward_tuf::blast::{Exception, Extent, Replaceable, Territory, Writers};

use super::{MOST_NAMES, Telling};
use crate::border::{BlastPathsView, Mark, ReplaceableTarget, ReplaceableView, Sentence, Voice, visible};

/// So many targets are shown by name.
const MOST_EXAMPLES: usize = 12;

/// So many digests are shown one by one.
const MOST_DIGESTS: usize = 64;

impl Telling<'_, '_> {
    pub(super) fn paths(&self, territories: &[Territory]) -> Vec<BlastPathsView> {
        territories.iter().map(paths_of).collect()
    }

    pub(super) fn replaceable(&self, targets: &[Replaceable]) -> ReplaceableView {
        ReplaceableView {
            count: targets.len().try_into().unwrap_or(u32::MAX),
            examples: targets
                .iter()
                .take(MOST_EXAMPLES)
                .map(|target| ReplaceableTarget {
                    path: visible(&target.path),
                    answers: visible(target.answers.as_str()),
                    seized: visible(target.seized.as_str()),
                })
                .collect(),
        }
    }
}

fn paths_of(territory: &Territory) -> BlastPathsView {
    let (roles, more) = match &territory.writers {
        Writers::Roles(roles) => {
            let first = roles.iter().take(MOST_NAMES);
            let more = roles.len().saturating_sub(MOST_NAMES) as u64;
            (first.map(|role| visible(role.as_str())).collect(), more)
        }
        Writers::Bins { name_prefix, count, .. } => {
            (vec![format!("{}-*", visible(name_prefix))], count.saturating_sub(1))
        }
    };
    let (paths, hash_prefixes) = texts(&territory.extent);
    BlastPathsView {
        roles,
        more: more.try_into().unwrap_or(u32::MAX),
        paths,
        hash_prefixes,
        except: territory.except.iter().map(exception).collect(),
        exact: territory.is_exact,
    }
}

/// What a path fits, in words; nothing for every path.
fn texts(extent: &Extent) -> (Vec<String>, Vec<String>) {
    let digests = extent.digests.iter().filter(|digests| !digests.is_all());
    let mut digests: Vec<String> = digests
        .flat_map(|digests| digests.prefixes().map(str::to_owned))
        .collect();
    if digests.len() > MOST_DIGESTS {
        let more = digests.len() - MOST_DIGESTS;
        digests.truncate(MOST_DIGESTS);
        digests.push(format!("and {more} more"));
    }
    let prefixes = extent.prefixes.iter().flatten();
    let prefixes = prefixes.map(|prefix| {
        if prefix.is_empty() {
            "every path".to_owned()
        } else {
            format!("{}…", visible(prefix))
        }
    });
    let paths = match &extent.patterns[..] {
        [patterns] => patterns
            .iter()
            .map(|pattern| visible(pattern))
            .chain(prefixes)
            .collect(),
        [] => prefixes.collect(),
        lists => {
            let lists = lists
                .iter()
                .map(|list| list.iter().map(|text| visible(text)).collect::<Vec<_>>().join(" or "));
            vec![lists.collect::<Vec<_>>().join(", and also ")]
        }
    };
    (paths, digests)
}

fn exception(exception: &Exception) -> Sentence {
    let sentence = Sentence::new(Mark::Same);
    let where_to = |sentence: Sentence, extent: &Extent| {
        let (paths, digests) = texts(extent);
        match (paths.is_empty(), digests.is_empty()) {
            (true, true) => sentence.plain("every path"),
            (false, true) => sentence.list(Voice::Evidence, &paths),
            (true, false) => sentence.plain("SHA-256 ").list(Voice::Evidence, &digests),
            (false, false) => sentence
                .list(Voice::Evidence, &paths)
                .plain(" with SHA-256 ")
                .list(Voice::Evidence, &digests),
        }
    };
    match exception {
        Exception::Listed { role, .. } => sentence
            .plain("not what ")
            .subject(role.as_str())
            .plain(" lists itself: clients ask it earlier"),
        Exception::Ended { role, extent } => {
            let sentence = sentence.plain("not what ").subject(role.as_str()).plain(" is for, ");
            where_to(sentence, extent).plain(": clients ask it earlier and the search ends there")
        }
        Exception::AskedFor { by, extent } => {
            let sentence = sentence.plain("not ");
            where_to(sentence, extent)
                .plain(": clients have asked the role before, as ")
                .subject(by.as_str())
                .plain(" delegates to it")
        }
    }
}
