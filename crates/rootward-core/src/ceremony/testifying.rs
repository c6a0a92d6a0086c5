//! Testimonies on transcripts: who stands by one, and what a witness met who computed it again on another machine.

use rootward_tuf::encoding::sha256;
use rootward_tuf::key::Key;
use rootward_tuf::metadata::{self, Root};
use rootward_tuf::statement::{Recorded, Sight, Testimony, Transcript};

use super::ceremonies::Ceremonies;
use super::confirming::{Confirming, Met};
use super::digest::Digest;
use super::state::Ceremony;
use super::transcript::Checked;
use super::walks::{Memory, Terms};
use crate::keyring;
use crate::ledger::Testified;
use crate::ports::{Failure, KeyReference, Message, PromptRequest, SourceSpec};
use crate::repositories::place_of;

/// The screen that a key is opened for. It stays open for nothing else.
const SCREEN: &str = "transcript";

impl Checked {
    /// What a testimony is about.
    pub fn recorded(&self) -> Recorded {
        Recorded {
            ceremony: self.record.id.clone(),
            events: self.record.events.len() as u64,
            head: self.record.head.0,
            sha256: self.sha256.0,
        }
    }
}

impl Ceremonies {
    /// Walks a source through the public door, from the root file `trusted`, and looks whether it shows what a transcript
    /// tells of.
    ///
    /// Refuses with `not-ready` a transcript of a ceremony whose documents were never complete, with `transcript-unproven`
    /// when nothing leads from the trusted root to its own, and with `witness-refused` when the source shows something else.
    pub async fn witness(&self, spec: &SourceSpec, checked: &Checked, trusted: Vec<u8>) -> Result<Sight, Failure> {
        let ceremony = checked.ceremony()?;
        let Some(assembled) = ceremony.stage.assembled() else {
            let message = "the documents of this ceremony were never complete: there is nothing to be met";
            return Err(Failure::refusal("not-ready", message));
        };
        let limits = self.blocking(|ceremonies| ceremonies.limits()).await?;
        let source = self.ports.connect.source(spec, &limits)?;
        let terms = Terms {
            dialect: ceremony.grounds.dialect(),
            gun: ceremony.begun.gun.clone(),
            now: self.ports.clock.now(),
        };
        let mut memory = Memory::new(&*source, limits, terms);
        let version = follows_from(checked, ceremony, &trusted, &mut memory).await?;
        let confirming = Confirming {
            ceremony,
            assembled,
            memory,
        };
        let refused = |why: String| Failure::refusal("witness-refused", why);
        match confirming.look().await? {
            Met::Ours(..) => {}
            Met::Other(other, _) | Met::Stranger(other) => return Err(refused(other.refusal.message)),
            Met::Nothing(problem) => return Err(refused(problem.message)),
        }
        let documents = assembled.documents.iter();
        Ok(Sight {
            source: place_of(spec),
            trusted: (version, sha256(&trusted)),
            met: documents
                .map(|ours| (ours.role().to_string(), ours.version(), sha256(ours.signed_bytes())))
                .collect(),
        })
    }

    /// Has a key sign a testimony, verifies it at once and puts it on record. Gives the DSSE envelope.
    ///
    /// Refuses with `expected-other-key` and `key-without-public-half`; fails as opening the key and as the ledger do.
    pub fn testify(&self, at: &KeyReference, testimony: Testimony, practice: bool) -> Result<Vec<u8>, Failure> {
        // Before anybody types a PIN: what could not be put on record is not asked for.
        self.ledger().must_hold()?;
        let device = keyring::label(at);
        let mut request = PromptRequest {
            change: said(&testimony),
            key: device.clone(),
            practice,
            proves: true,
            announces: match at {
                KeyReference::YubiKey(_) => vec!["a touch for the transcript".into()],
                KeyReference::File(_) | KeyReference::Pkcs11(_) | KeyReference::Keychain(_) => Vec::new(),
            },
            ..PromptRequest::default()
        };
        let public = match self.ports.keys.inspect(at)?.public {
            Some(public) => public,
            None => keyring::locate(&self.ports, at, &request)?.public,
        };
        let physical = public.physical();
        let key = Key::new_tuf1(&public);
        let transcript = Transcript::new(public, testimony);
        request.digest = Digest(transcript.statement().digest()).first_group();
        let signed = self
            .sessions
            .with(SCREEN, &self.ports, at, Some(&physical), &request, |signer| {
                signer.sign(Message::transcript(&transcript), &key)
            });
        self.sessions.close(SCREEN);
        let worthless = |why: &dyn std::fmt::Display| {
            Failure::fault(
                "key-cannot-sign",
                format!("the testimony of {device} does not hold: {why}"),
            )
        };
        let envelope = transcript.signed(&key, &signed?).map_err(|why| worthless(&why))?;
        Transcript::read(&envelope).map_err(|why| worthless(&why))?;
        let text = String::from_utf8(envelope).map_err(|why| worthless(&why))?;
        self.ledger().keep_testimony(Testified {
            device: device.clone(),
            envelope: text.clone(),
        })?;
        tracing::info!(key = %physical, "a key testified to a transcript");
        Ok(text.into_bytes())
    }
}

/// The version of the trusted root, once it is clear that one chain holds it and the root the transcript builds on.
async fn follows_from(
    checked: &Checked,
    ceremony: &Ceremony,
    trusted: &[u8],
    memory: &mut Memory<'_>,
) -> Result<u64, Failure> {
    let read = metadata::read::<Root>(trusted, ceremony.grounds.dialect());
    let root = read.map_err(|error| Failure::refusal("root-refused", format!("the trusted root: {error}")))?;
    // Where a repository is begun, trust begins from the root that the ceremony made.
    let first = ceremony.stage.assembled().and_then(|assembled| assembled.root());
    let from = match (ceremony.grounds.root(), first) {
        (Some(built_on), _) => (built_on.version(), built_on.file_bytes()),
        (None, Some(first)) => (first.version(), first.file_bytes()),
        (None, None) => return checked.descends_from(trusted.to_vec()),
    };
    if root.version() <= from.0 {
        return checked.descends_from(trusted.to_vec());
    }
    // The witness has seen what came after already: the public chain must lead there.
    let outcome = memory.walk(from.1.to_vec()).await?;
    let mut chain = outcome.root_chain.iter();
    if chain.any(|(version, file)| *version == root.version() && **file == *trusted) {
        return Ok(root.version());
    }
    let message = format!(
        "the public roots after v{} do not lead to the v{} that this machine trusts",
        from.0,
        root.version()
    );
    Err(Failure::refusal("transcript-unproven", message))
}

/// What a key is asked to sign, in one sentence.
fn said(testimony: &Testimony) -> String {
    let (ceremony, events) = (&testimony.recorded.ceremony, testimony.recorded.events);
    let head = Digest(testimony.recorded.head).first_group();
    let what = match testimony.saw {
        Some(_) => "was computed again here and met at the public door",
        None => "is stood by",
    };
    format!(
        "The transcript of ceremony {ceremony}, {events} events, head {head}, {what}. Nothing is published, and no trust changes."
    )
}
