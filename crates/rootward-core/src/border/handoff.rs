//! Hand-off files in the officer's words.

use std::collections::HashMap;

use rootward_tuf::draft::AnyFrozen;
use rootward_tuf::encoding::{hex, sha256};
use rootward_tuf::key::PhysicalKey;
use rootward_tuf::role::RoleName;

use super::{
    FileTaken, KitFile, KitView, RequestDocument, RequestKey, RequestView, RequestWritten, ResponseTaken,
    ResponseWritten, ReviewView, Sentence, SignatureTaken, document_lines, visible,
};
use crate::ceremony::{Answer, Digest, FileJudged, Kit, Received, Taken, Written, digest_words};
use crate::keyring::{self, KeyAtHand};

impl RequestView {
    /// Shows a request and which of the keys at hand could sign it.
    pub fn of(received: &Received, at_hand: &[KeyAtHand]) -> Self {
        let request = &received.request;
        let names: HashMap<PhysicalKey, String> = at_hand
            .iter()
            .map(|key| (key.public.physical(), keyring::name(&key.reference)))
            .collect();
        let key = |key: &KeyAtHand| {
            let physical = key.public.physical();
            let signs: Vec<String> = received
                .for_key(&physical)
                .iter()
                .map(|(frozen, _)| name(frozen))
                .collect();
            (!signs.is_empty()).then(|| RequestKey {
                physical_key: physical.to_string(),
                key: keyring::written(&key.reference),
                label: visible(&keyring::label(&key.reference)),
                signs,
            })
        };
        RequestView {
            ceremony: visible(&request.ceremony),
            repository: visible(&request.repository),
            gun: request.gun.as_deref().map(visible),
            practice: request.practice,
            reason: visible(&request.reason),
            written_at: visible(&request.written_at),
            trust: trust(received),
            documents: received
                .documents()
                .map(|(frozen, open)| RequestDocument {
                    review: review(received, frozen, &names),
                    open,
                    words: digest_words(&Digest(frozen.digest())),
                })
                .collect(),
            digest: request.digest().to_string(),
            words: digest_words(&request.digest()),
            keys: at_hand.iter().filter_map(key).collect(),
        }
    }
}

impl RequestWritten {
    pub fn of(written: &Written, path: &str) -> Self {
        let request = &written.request;
        let open = request.documents.iter().filter(|wanted| wanted.open);
        RequestWritten {
            ceremony: request.ceremony.clone(),
            path: path.into(),
            sha256: written.sha256.to_string(),
            digest: request.digest().to_string(),
            words: digest_words(&request.digest()),
            asks_for: open.map(|wanted| wanted.role.clone()).collect(),
        }
    }
}

impl ResponseWritten {
    pub fn of(answer: &Answer, path: &str) -> Self {
        ResponseWritten {
            ceremony: visible(&answer.response.ceremony),
            path: path.into(),
            sha256: answer.sha256.to_string(),
            physical_key: answer.physical.to_string(),
            signed: answer
                .response
                .signatures
                .iter()
                .map(|answered| answered.role.clone())
                .collect(),
        }
    }
}

impl ResponseTaken {
    pub fn of(taken: &Taken) -> Self {
        let one = |(role, physical): &(String, PhysicalKey)| SignatureTaken {
            role: role.clone(),
            physical_key: physical.to_string(),
        };
        ResponseTaken {
            ceremony: taken.record.id.clone(),
            signatures: taken.signatures.iter().map(one).collect(),
        }
    }
}

impl FileTaken {
    pub fn of(judged: &FileJudged) -> Self {
        let name = judged.path.file_name().map(|name| name.to_string_lossy().into_owned());
        FileTaken {
            file: visible(&name.unwrap_or_default()),
            response: judged.outcome.as_ref().ok().map(ResponseTaken::of),
            failure: judged.outcome.as_ref().err().cloned(),
        }
    }
}

impl KitView {
    pub fn of(kit: &Kit) -> Self {
        let file = |(file, sum): &(String, Digest)| KitFile {
            file: file.clone(),
            sha256: sum.to_string(),
        };
        let path = kit.files.first().map(|(file, _)| file.as_str()).unwrap_or_default();
        KitView {
            folder: kit.folder.display().to_string(),
            request: RequestWritten::of(&kit.written, path),
            files: kit.files.iter().map(file).collect(),
        }
    }
}

fn trust(received: &Received) -> Vec<Sentence> {
    let built_on = received.grounds.root_version();
    let from = received.trusted_version;
    let sentence = if received.grounds.begins() {
        Sentence::warning(
            "It begins a repository: nothing that this machine trusts leads to it, and root v1 is the one whose SHA-256 was said here",
        )
    } else if from == built_on {
        Sentence::note(format!("It builds on root v{built_on}, which this machine trusts"))
    } else {
        Sentence::note(format!(
            "It builds on root v{built_on}, to which the request's roots lead from v{from}, which this machine trusts"
        ))
    };
    let claims = "Name, reason and date are what the sender says; all else is computed here from the bytes";
    vec![sentence, Sentence::note(claims)]
}

fn review(received: &Received, frozen: &AnyFrozen, names: &HashMap<PhysicalKey, String>) -> ReviewView {
    let grounds = &received.grounds;
    let role = frozen.role();
    ReviewView {
        role: role.as_str().into(),
        version: frozen.version(),
        sentences: received.differences(frozen, names),
        digest: hex(&frozen.digest()),
        bytes: frozen.bytes().len() as u32,
        builds_on_version: built_on(received, role),
        builds_on_digest: grounds.file(role).map(|file| hex(&sha256(file))).unwrap_or_default(),
        encoding: "canonical JSON (OLPC)".into(),
        drafted_at: visible(&received.request.written_at),
        frozen: true,
        lines: document_lines(grounds, frozen),
    }
}

fn built_on(received: &Received, role: &RoleName) -> String {
    let version = received.grounds.version(role);
    version.map_or_else(String::new, |version| version.to_string())
}

fn name(frozen: &AnyFrozen) -> String {
    format!("{} v{}", frozen.role(), frozen.version())
}
