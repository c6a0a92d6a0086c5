//! A map file in a window: what `rootwardctl map` tells, made visible.

use super::{small, texts};
use crate::border::{MapReport, MapView, MappedRepositoryView, MappingAsked, MappingView, visible};

impl MapView {
    /// Shows what was read.
    pub fn of(report: &MapReport) -> Self {
        let asked = |place: usize| {
            let target = report.target.as_ref();
            let on_the_way = target.and_then(|target| target.asked.iter().find(|asked| asked.mapping == place));
            match on_the_way {
                None => MappingAsked::No,
                Some(asked) if asked.only_across_slashes => MappingAsked::OnlyAcrossSlashes,
                Some(_) => MappingAsked::Yes,
            }
        };
        let repositories = report.repositories.iter().map(|repository| MappedRepositoryView {
            name: visible(&repository.name),
            urls: texts(&repository.urls),
            used: repository.used,
        });
        let mappings = report.mappings.iter().enumerate().map(|(place, mapping)| MappingView {
            number: small(place as u64 + 1),
            paths: texts(&mapping.paths),
            repositories: texts(&mapping.repositories),
            threshold: small(mapping.threshold),
            terminating: mapping.terminating,
            asked: asked(place),
        });
        MapView {
            repositories: repositories.collect(),
            mappings: mappings.collect(),
            target: report.target.as_ref().map(|target| visible(&target.path)),
        }
    }
}
