//! TUF repositories over HTTP(S): the URL of a folder of metadata or of target files, served as TUF 1.0 says.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use reqwest::Url;
use rootward_tuf::{
    Code, Finding, RoleName,
    encoding::percent,
    walk::{Request, Select},
};

use crate::{
    adapters::web::{Network, Plain, Web, answered, meaning},
    ports::{Disk, Failure, Fetched, LimitsView, Source, TargetFiles, claimed_version},
};

/// Roots that are tried upwards in search of the newest.
const MOST_ROOTS: u64 = 1024;

/// A folder behind HTTP(S). It cannot be listed: roots are found by trying the next version.
pub struct Http {
    web: Web,
    base: Url,
}

impl Http {
    /// Opens a source and connects to nothing. Fails with `bad-source`.
    pub fn open(
        network: &Arc<Network>,
        disk: &dyn Disk,
        url: &str,
        ca_file: Option<&Path>,
        limits: &LimitsView,
    ) -> Result<Self, Failure> {
        let web = Web::open(network, disk, ca_file, limits, Plain::Anywhere)?;
        let base = web.base(url)?;
        Ok(Http { web, base })
    }

    async fn document(&self, name: &str, limit: u64) -> Result<Option<Fetched>, Failure> {
        let url = self.base.join(name).map_err(|error| {
            Failure::fault("bad-source", format!("{name} cannot be part of a URL: {error}")).with("name", name)
        })?;
        let answer = self.web.get(&url, limit).await?;
        match answer.status {
            200 => Ok(Some(Fetched {
                bytes: answer.body,
                origin: answer.url.into(),
            })),
            // Stores that may not be listed answer 403 for what is not there (TUF 5.3.3: "not available").
            403 | 404 => Ok(None),
            status => Err(answered(&answer, meaning(status))),
        }
    }
}

#[async_trait]
impl Source for Http {
    async fn fetch(&self, request: &Request) -> Result<Option<Fetched>, Failure> {
        let Some(name) = name(request) else { return Ok(None) };
        self.document(&name, request.limit_bytes).await
    }

    async fn newest_root(&self, limit_bytes: u64) -> Result<Option<Fetched>, Failure> {
        let mut newest = self.document("root.json", limit_bytes).await?;
        let known = newest
            .as_ref()
            .and_then(|root| claimed_version(&root.bytes))
            .unwrap_or(0);
        for version in (known..known.saturating_add(MOST_ROOTS)).map(|before| before + 1) {
            let next = self.document(&format!("{version}.root.json"), limit_bytes).await?;
            // A server that answers anything with a page must not be asked a thousand times.
            let is_next = |root: &Fetched| claimed_version(&root.bytes) == Some(version);
            let Some(next) = next.filter(is_next) else { break };
            newest = Some(next);
        }
        Ok(newest)
    }

    async fn listed_root_versions(&self) -> Result<Vec<u64>, Failure> {
        Ok(Vec::new())
    }

    fn findings(&self) -> Vec<Finding> {
        if self.base.scheme() == "https" {
            return Vec::new();
        }
        vec![Finding::new(Code::PlainHttp, &RoleName::root(), Vec::new())]
    }
}

#[async_trait]
impl TargetFiles for Http {
    async fn target(&self, parts: &[String], limit_bytes: u64) -> Result<Option<Fetched>, Failure> {
        let parts: Vec<String> = parts.iter().map(|part| percent(part)).collect();
        self.document(&parts.join("/"), limit_bytes).await
    }
}

/// The name asked for; `None` when the role cannot be a file name.
fn name(request: &Request) -> Option<String> {
    let stem = request.role.file_stem().ok()?;
    Some(match request.select {
        Select::Version(version) | Select::Consistent { version } => format!("{version}.{stem}.json"),
        // A plain folder cannot be asked by digest.
        Select::Current | Select::Sha256(_) => format!("{stem}.json"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_role_stays_below_the_base() {
        let base = Url::parse("https://host/metadata/").unwrap();
        for role in [
            "..",
            "../x",
            "a:b",
            "//evil/x",
            "https://evil/",
            "?q",
            "#f",
            "%2e%2e",
            "\\\\evil\\x",
            "a/b",
        ] {
            for select in [Select::Current, Select::Version(1), Select::Sha256([0; 32])] {
                let name = name(&Request {
                    role: RoleName::new(role).unwrap(),
                    select,
                    limit_bytes: 1,
                });
                let url = base.join(&name.unwrap()).unwrap();
                let inside = url.as_str().strip_prefix("https://host/metadata/").expect(role);
                assert!(
                    !inside.contains(['/', '?', '#']) && inside.ends_with(".json"),
                    "{role}: {url}"
                );
            }
        }
    }
}
