//! Publishing one update: what the server does not hold yet goes to it in one upload, which it takes or refuses as a whole.
//!
//! A yes is not believed: every document is read again, under its version and as the current one, and compared byte by byte.

use std::time::Duration;

use async_trait::async_trait;
use rootward_tuf::{Dialect, RoleName, encoding::sha256, walk::Select};

use super::{NotaryRepository, answers, name};
use crate::{
    adapters::web::Wish,
    ports::{Document, Failure, Publication, Publisher, claimed_version},
};

/// How long a cache on the way is given before it is asked a second and last time.
const PATIENCE: Duration = Duration::from_secs(1);
/// Longer than any answer to an upload.
const LONGEST_ANSWER: u64 = 1 << 20;

#[async_trait]
impl Publisher for NotaryRepository {
    async fn publish(&self, publication: &Publication) -> Result<(), Failure> {
        can_be_uploaded(publication)?;
        let missing = self.missing(publication).await?;
        if !missing.is_empty() {
            self.is_built_on(publication).await?;
            self.upload(&missing, publication).await?;
        }
        for document in &publication.documents {
            self.shows(document).await?;
        }
        Ok(())
    }
}

impl NotaryRepository {
    /// The documents that the server does not hold. Refuses with `superseded` when it holds another one of the same role
    /// and version.
    async fn missing<'a>(&self, publication: &'a Publication) -> Result<Vec<&'a Document>, Failure> {
        let mut missing = Vec::new();
        for document in &publication.documents {
            match self.held(&document.role, Select::Version(document.version)).await? {
                None => missing.push(document),
                Some(bytes) if bytes == document.bytes => {}
                Some(_) => {
                    let message = format!("another {} v{} is there already", document.role, document.version);
                    return Err(superseded(message, document));
                }
            }
        }
        Ok(missing)
    }

    /// Refuses with `superseded` unless the newest root is the one this was built on, or the one it brings.
    async fn is_built_on(&self, publication: &Publication) -> Result<(), Failure> {
        let (expected, digest) = publication.builds_on;
        let root = RoleName::root();
        let mut newest = self.held(&root, Select::Current).await?;
        if newest.as_deref().and_then(claimed_version) < Some(expected) && expected > 0 {
            tokio::time::sleep(PATIENCE).await;
            newest = self.held(&root, Select::Current).await?;
        }
        let Some(newest) = newest else {
            return match expected {
                0 => Ok(()),
                _ => Err(gone(expected)),
            };
        };
        let found = claimed_version(&newest);
        let brings = |document: &Document| document.role == root && document.bytes == newest;
        if publication.documents.iter().any(brings) || found == Some(expected) && sha256(&newest) == digest {
            return Ok(());
        }
        let found = match found {
            Some(found) if found < expected => return Err(stale(&root, found, expected)),
            Some(found) if found == expected => format!("another root v{found}"),
            Some(found) => format!("root v{found}"),
            None => "a root that cannot be read".to_owned(),
        };
        let message = format!("this was built on root v{expected}, and the server shows {found}");
        Err(Failure::refusal("superseded", message).with("expected", expected.to_string()))
    }

    /// Sends the documents in one request.
    async fn upload(&self, documents: &[&Document], publication: &Publication) -> Result<(), Failure> {
        let files: Vec<_> = documents
            .iter()
            .map(|document| (document.role.to_string(), document.bytes.clone()))
            .collect();
        let wish = Wish::Take(&files);
        let answer = match self.server.ask(wish, &self.metadata, LONGEST_ANSWER).await {
            Ok(answer) => answer,
            Err(unanswered) if !unanswered.may_have_arrived => return Err(unanswered.failure),
            Err(unanswered) => {
                let message = format!(
                    "the documents were sent, and no answer came: nobody knows whether the server took them ({})",
                    unanswered.failure.message
                );
                return Err(Failure {
                    details: unanswered.failure.details,
                    ..Failure::fault("publish-failed", message)
                });
            }
        };
        if answer.status == 200 {
            return Ok(());
        }
        let refused = answers::failure(&answer);
        // An upload whose answer was lost may have arrived after we looked: then it is our own that came first.
        if refused.code == "superseded" && self.missing(publication).await?.is_empty() {
            return Ok(());
        }
        Err(refused)
    }

    /// Fails unless the server shows this very document, and no older one as the current.
    async fn shows(&self, document: &Document) -> Result<(), Failure> {
        let Document { role, version, bytes } = document;
        if !self.holds(document).await? {
            tokio::time::sleep(PATIENCE).await;
            if !self.holds(document).await? {
                let message = format!("the server said yes, and does not show this {role} v{version}");
                return Err(publish_failed(message, document));
            }
        }
        for is_last in [false, true] {
            let Some(current) = self.held(role, Select::Current).await? else {
                let message = format!("the server said yes, and shows no current {role}");
                return Err(publish_failed(message, document));
            };
            let found = claimed_version(&current);
            if current == *bytes || found > Some(*version) {
                return Ok(());
            }
            match found {
                Some(found) if found < *version && is_last => return Err(stale(role, found, *version)),
                Some(found) if found < *version => tokio::time::sleep(PATIENCE).await,
                _ => {
                    let message = format!("the server said yes, and shows other bytes as {role} v{version}");
                    return Err(publish_failed(message, document));
                }
            }
        }
        Ok(())
    }

    async fn holds(&self, document: &Document) -> Result<bool, Failure> {
        let held = self.held(&document.role, Select::Version(document.version)).await?;
        Ok(held.is_some_and(|bytes| bytes == document.bytes))
    }

    async fn held(&self, role: &RoleName, select: Select) -> Result<Option<Vec<u8>>, Failure> {
        let Some(name) = name(role, select) else {
            return Ok(None);
        };
        let limit = self.server.page_bytes;
        let found = self.document(Wish::ReadFresh, role, &name, limit).await?;
        Ok(found.map(|found| found.bytes))
    }
}

/// Refuses what a Notary server takes from nobody.
fn can_be_uploaded(publication: &Publication) -> Result<(), Failure> {
    if publication.dialect != Dialect::Notary {
        let message = "a Notary server takes Notary's documents and no others";
        return Err(Failure::refusal("not-publishable-there", message));
    }
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_/".contains(&byte);
    for Document { role, .. } in &publication.documents {
        if *role == RoleName::timestamp() || !role.as_str().bytes().all(is_plain) {
            let message = format!("no Notary server takes {role}: it signs its timestamps itself");
            return Err(Failure::refusal("rules-refused", message).with("role", role.as_str()));
        }
    }
    Ok(())
}

fn superseded(message: String, document: &Document) -> Failure {
    Failure::refusal("superseded", message)
        .with("role", document.role.as_str())
        .with("version", document.version.to_string())
}

fn gone(expected: u64) -> Failure {
    let message = format!("this was built on root v{expected}, and the server has no root any more");
    Failure::refusal("superseded", message).with("expected", expected.to_string())
}

/// What a cache that is behind looks like; it was given a second chance.
fn stale(role: &RoleName, found: u64, expected: u64) -> Failure {
    let message = format!(
        "the server shows {role} v{found} twice, though v{expected} is there: a cache on the way is behind, or the \
         repository was put back"
    );
    Failure::fault("stale-answer", message)
        .with("role", role.as_str())
        .with("found", found.to_string())
        .with("expected", expected.to_string())
}

fn publish_failed(message: String, document: &Document) -> Failure {
    Failure::fault("publish-failed", message)
        .with("role", document.role.as_str())
        .with("version", document.version.to_string())
}
