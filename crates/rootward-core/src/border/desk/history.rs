//! Root versions over time, as screens show them.

use std::collections::HashMap;

use rootward_tuf::{
    encoding::hex,
    metadata::{Envelope, Root},
};

use super::small;
use crate::{
    border::{
        CompareView, Custody, HistoryStep, HistoryView, LifelinePoint, LifelineView, RootVersionView, differences,
        short, visible,
    },
    repositories::history::{History, Lifeline, RootVersion},
};

impl HistoryView {
    /// The history of a repository.
    pub fn of(repository: &str, history: &History) -> Self {
        let pairs = history.versions.windows(2);
        HistoryView {
            repository: repository.to_owned(),
            versions: history.versions.iter().map(version_view).collect(),
            lifelines: history.lifelines().iter().map(lifeline_view).collect(),
            steps: pairs
                .map(|pair| HistoryStep {
                    from: pair[0].root.version(),
                    to: pair[1].root.version(),
                    sentences: differences::root_differences(&pair[0].root, &pair[1].root, &HashMap::new()),
                })
                .collect(),
        }
    }
}

impl CompareView {
    /// Two root versions side by side.
    pub fn of(from: &Envelope<Root>, to: &Envelope<Root>) -> Self {
        CompareView {
            from: from.version(),
            to: to.version(),
            sentences: differences::root_differences(from, to, &HashMap::new()),
            lines: differences::root_lines(from, to),
        }
    }
}

fn version_view(version: &RootVersion) -> RootVersionView {
    let root = version.root.body();
    RootVersionView {
        version: root.version,
        expires: visible(&root.expires.text),
        threshold: small(root.root.threshold),
        keys: root.root.keyids.len() as u32,
        digest: hex(&version.root.digest()),
        follows: version.follows(),
    }
}

fn lifeline_view(line: &Lifeline) -> LifelineView {
    LifelineView {
        physical_key: line.physical.to_string(),
        label: line.name.as_deref().map_or_else(|| short(&line.keyid), visible),
        custody: Custody::Unknown,
        points: line
            .points
            .iter()
            .map(|point| LifelinePoint {
                counts: point.keyid.is_some(),
                signed: point.signed,
                keyid: point.keyid.as_deref().map(visible),
                renamed: point.renamed,
            })
            .collect(),
    }
}
