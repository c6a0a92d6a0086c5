//! What `rootwardctl map` prints of a map file (TAP 4).

use rootward_tuf::map::Map;
use serde::Serialize;

use crate::ports::Failure;

/// A map file, and who is asked for one target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MapReport {
    /// In the order of the file.
    pub repositories: Vec<MappedRepositoryReport>,
    /// In the order in which clients go through them.
    pub mappings: Vec<MappingReport>,
    /// Only for a target asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<MappedTargetReport>,
}

/// A repository of a map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MappedRepositoryReport {
    pub name: String,
    pub urls: Vec<String>,
    /// Whether any mapping names it.
    pub used: bool,
}

/// Who is asked for some paths.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MappingReport {
    pub paths: Vec<String>,
    pub repositories: Vec<String>,
    /// How many of them must agree.
    pub threshold: u64,
    /// Whether the search ends here when they do not.
    pub terminating: bool,
}

/// Who is asked for a target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MappedTargetReport {
    pub path: String,
    /// The mappings in question, in order; a client goes to the next when the one before did not agree.
    pub asked: Vec<AskedReport>,
}

/// One mapping on the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AskedReport {
    /// Its place among `mappings`, from 0.
    pub mapping: usize,
    /// Only clients whose `*` crosses slashes come here.
    pub only_across_slashes: bool,
}

impl MapReport {
    /// Reads a map file, and says who is asked for `target`.
    ///
    /// Fails with `map-unreadable`, which names the place.
    pub fn read(bytes: &[u8], target: Option<&str>) -> Result<Self, Failure> {
        let map = Map::read(bytes)
            .map_err(|why| Failure::refusal("map-unreadable", format!("this is no map file: {why}")))?;
        let used = |name: &str| {
            let mut named = map.mappings.iter().flat_map(|mapping| &mapping.repositories);
            named.any(|repository| repository == name)
        };
        Ok(MapReport {
            repositories: map
                .repositories
                .iter()
                .map(|repository| MappedRepositoryReport {
                    name: repository.name.clone(),
                    urls: repository.urls.clone(),
                    used: used(&repository.name),
                })
                .collect(),
            mappings: map
                .mappings
                .iter()
                .map(|mapping| MappingReport {
                    paths: mapping.paths.clone(),
                    repositories: mapping.repositories.clone(),
                    threshold: mapping.threshold,
                    terminating: mapping.terminating,
                })
                .collect(),
            target: target.map(|path| MappedTargetReport {
                path: path.to_owned(),
                asked: map
                    .asked(path)
                    .into_iter()
                    .map(|asked| AskedReport {
                        mapping: asked.place,
                        only_across_slashes: asked.only_across_slashes,
                    })
                    .collect(),
            }),
        })
    }
}
