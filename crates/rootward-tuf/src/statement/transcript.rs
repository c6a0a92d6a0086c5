//! That a key's holder stands by the transcript of a ceremony, or computed it again elsewhere and met what it tells of. It gives
//! nobody any trust.

use std::fmt;

use super::{Statement, StatementRefusal, opened};
use crate::canonical::canonical;
use crate::draft::SignatureRefusal;
use crate::encoding::{base64, from_base64, from_hex, hex};
use crate::json::{self, Object, Value};
use crate::key::{Key, PhysicalKey, PublicKey};
use crate::metadata::Signature;
use crate::time::Instant;

/// What is said of a transcript, by whomever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Testimony {
    /// Which transcript it is about.
    pub recorded: Recorded,
    /// What a witness met at the public door; none of somebody who stands by the transcript alone.
    pub saw: Option<Sight>,
    /// When it was said.
    pub at: Instant,
}

/// The transcript that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The id of the ceremony, such as `2026-014`.
    pub ceremony: String,
    /// How many events it has.
    pub events: u64,
    /// The head of its chain: covers every event.
    pub head: [u8; 32],
    /// Of the file.
    pub sha256: [u8; 32],
}

/// What a witness met, walking from a root of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Where the witness fetched, such as the URL of the repository.
    pub source: String,
    /// Version and SHA-256 of the root file that the witness trusted before.
    pub trusted: (u64, [u8; 32]),
    /// Version and SHA-256 of the canonical bytes of each document met; roles as they are named.
    pub met: Vec<(String, u64, [u8; 32])>,
}

/// A testimony by the holder of a key, signed or about to be. Whose key it is, its reader knows or does not.
#[derive(Clone, PartialEq, Eq)]
pub struct Transcript {
    public: PublicKey,
    testimony: Testimony,
    statement: Statement,
}

const PAYLOAD_TYPE: &str = "application/vnd.rootward.transcript+json";
const STANDS_BY: &str = "I stand by this transcript; nothing is trusted because of it";
const WITNESSED: &str =
    "I computed this transcript again and met its documents at the public door; nothing is trusted because of it";

impl Testimony {
    /// As a file that nobody signed.
    pub fn unsigned(&self) -> Vec<u8> {
        let mut bytes = canonical(&Value::Object(self.says()));
        bytes.push(b'\n');
        bytes
    }

    /// Reads what [`Self::unsigned`] writes; `None` for anything else.
    pub fn of_unsigned(bytes: &[u8]) -> Option<Self> {
        let value = json::parse(bytes, super::LIMITS).ok()?;
        let testimony = Testimony::of(&value)?;
        (testimony.unsigned() == bytes).then_some(testimony)
    }

    fn says(&self) -> Object {
        let Recorded {
            ceremony,
            events,
            head,
            sha256,
        } = &self.recorded;
        let mut says = Object::new();
        says.set("at", Value::text(self.at.to_string()));
        says.set("ceremony", Value::text(ceremony));
        says.set("events", Value::number(*events));
        says.set("head", Value::text(hex(head)));
        says.set("transcript", Value::text(hex(sha256)));
        let words = if self.saw.is_some() { WITNESSED } else { STANDS_BY };
        says.set("says", Value::text(words));
        if let Some(saw) = &self.saw {
            let met = saw.met.iter().map(|(role, version, digest)| {
                let mut document = Object::new();
                document.set("role", Value::text(role));
                document.set("sha256", Value::text(hex(digest)));
                document.set("version", Value::number(*version));
                document.into()
            });
            let mut sight = Object::new();
            sight.set("met", Value::Array(met.collect()));
            sight.set("source", Value::text(&saw.source));
            sight.set("trusted_root", Value::text(hex(&saw.trusted.1)));
            sight.set("trusted_version", Value::number(saw.trusted.0));
            says.set("saw", sight.into());
        }
        says
    }

    fn of(value: &Value) -> Option<Self> {
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64);
        let digest = |value: &Value, name: &str| -> Option<[u8; 32]> { from_hex(&text(value, name)?)?.try_into().ok() };
        let document = |value: &Value| {
            Some((
                text(value, "role")?,
                number(value, "version")?,
                digest(value, "sha256")?,
            ))
        };
        let saw = match value.get("saw") {
            None => None,
            Some(saw) => Some(Sight {
                source: text(saw, "source")?,
                trusted: (number(saw, "trusted_version")?, digest(saw, "trusted_root")?),
                met: saw
                    .get("met")?
                    .as_array()?
                    .iter()
                    .map(document)
                    .collect::<Option<_>>()?,
            }),
        };
        Some(Testimony {
            recorded: Recorded {
                ceremony: text(value, "ceremony")?,
                events: number(value, "events")?,
                head: digest(value, "head")?,
                sha256: digest(value, "transcript")?,
            },
            saw,
            at: Instant::parse(&text(value, "at")?).ok()?,
        })
    }
}

impl Transcript {
    /// A testimony of the holder of a key.
    pub fn new(public: PublicKey, testimony: Testimony) -> Self {
        let mut says = testimony.says();
        says.set("physical_key", Value::text(public.physical().to_string()));
        says.set("public_key", Value::text(base64(public.spki_der())));
        Transcript {
            public,
            testimony,
            statement: Statement::new(PAYLOAD_TYPE, canonical(&Value::Object(says))),
        }
    }

    /// Reads a signed testimony back; it names its key itself, so that whose key this is stays to be judged.
    ///
    /// Refuses an envelope of another type, and one that the key it names did not sign.
    pub fn read(envelope: &[u8]) -> Result<Self, StatementRefusal> {
        let public = named_key(envelope).ok_or_else(|| StatementRefusal::NoEnvelope("it names no key".into()))?;
        let payload = opened(envelope, PAYLOAD_TYPE, &public)?;
        let value = json::parse(&payload, super::LIMITS).map_err(|_| StatementRefusal::OtherPayload)?;
        let testimony = Testimony::of(&value).ok_or(StatementRefusal::OtherPayload)?;
        let transcript = Transcript::new(public, testimony);
        if transcript.statement.payload == payload {
            Ok(transcript)
        } else {
            Err(StatementRefusal::OtherPayload)
        }
    }

    /// What the holder of the key says.
    pub fn testimony(&self) -> &Testimony {
        &self.testimony
    }

    /// The key whose holder says it.
    pub fn physical(&self) -> PhysicalKey {
        self.public.physical()
    }

    /// What is signed.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Checks that `signature` is `key`'s over this testimony, and that it is this key's.
    pub fn check(&self, key: &Key, signature: &Signature) -> Result<(), SignatureRefusal> {
        if key.physical() != Some(self.physical()) {
            return Err(SignatureRefusal::Bad);
        }
        self.statement.check(key, signature)
    }

    /// The signed testimony as it is kept and handed on.
    ///
    /// Refuses a signature that is not the key's own over it.
    pub fn signed(&self, key: &Key, signature: &Signature) -> Result<Vec<u8>, SignatureRefusal> {
        self.check(key, signature)?;
        self.statement.envelope(signature).ok_or(SignatureRefusal::Empty)
    }
}

/// The key that the payload of an envelope names; nothing is proven by that.
fn named_key(envelope: &[u8]) -> Option<PublicKey> {
    let envelope = json::parse(envelope, super::LIMITS).ok()?;
    let payload = from_base64(envelope.get("payload")?.as_str()?)?;
    let payload = json::parse(&payload, super::LIMITS).ok()?;
    PublicKey::from_spki_der(&from_base64(payload.get("public_key")?.as_str()?)?).ok()
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let recorded = &self.testimony.recorded;
        write!(
            f,
            "testimony of {:?} on ceremony {}",
            self.physical(),
            recorded.ceremony
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::Proof;
    use crate::testing::{Officer, at};

    const NOW: &str = "2026-11-22T10:00:00Z";

    fn testimony(saw: bool) -> Testimony {
        Testimony {
            recorded: Recorded {
                ceremony: "2026-014".into(),
                events: 9,
                head: [7; 32],
                sha256: [8; 32],
            },
            saw: saw.then(|| Sight {
                source: "https://tuf.test/".into(),
                trusted: (1, [9; 32]),
                met: vec![("root".into(), 2, [3; 32])],
            }),
            at: at(NOW),
        }
    }

    fn signed(officer: &Officer, transcript: &Transcript) -> Vec<u8> {
        let key = Key::new_tuf1(&officer.public);
        let made = Signature::by(&key, &officer.sign(transcript.statement().message())).unwrap();
        transcript.signed(&key, &made).unwrap()
    }

    #[test]
    fn a_testimony_reads_back_under_the_key_that_signed_it_and_under_no_other() {
        let (officer, other) = (Officer::ed25519(1), Officer::p256(2));
        for saw in [false, true] {
            let transcript = Transcript::new(officer.public.clone(), testimony(saw));
            let envelope = signed(&officer, &transcript);
            let read = Transcript::read(&envelope).unwrap();
            assert_eq!(
                (read.physical(), read.testimony()),
                (officer.public.physical(), &testimony(saw))
            );
            let key = Key::new_tuf1(&other.public);
            let foreign = Signature::by(&key, &other.sign(transcript.statement().message())).unwrap();
            assert!(transcript.signed(&key, &foreign).is_err(), "it names another key");
        }
    }

    #[test]
    fn a_testimony_about_a_ceremony_of_thousands_of_bins_reads_back() {
        let officer = Officer::ed25519(1);
        let mut testimony = testimony(true);
        let met = (0..16_384).map(|number| (format!("bin-{number:04x}"), 2, [3; 32]));
        testimony.saw.as_mut().unwrap().met = met.collect();
        let transcript = Transcript::new(officer.public.clone(), testimony.clone());
        assert_eq!(
            Transcript::read(&signed(&officer, &transcript)).as_ref(),
            Ok(&transcript)
        );
        assert_eq!(Testimony::of_unsigned(&testimony.unsigned()), Some(testimony));
    }

    #[test]
    fn any_flipped_bit_of_a_signed_testimony_is_refused() {
        let officer = Officer::ed25519(1);
        let envelope = signed(&officer, &Transcript::new(officer.public.clone(), testimony(true)));
        let sound = Transcript::read(&envelope).unwrap();
        for place in 0..envelope.len() {
            let mut flipped = envelope.clone();
            flipped[place] ^= 1;
            // The keyid is only a hint, and is not looked at.
            let read = Transcript::read(&flipped);
            assert!(read.is_err() || read.as_ref() == Ok(&sound), "byte {place}");
        }
    }

    #[test]
    fn a_proof_is_no_testimony_and_a_testimony_no_proof() {
        let officer = Officer::ed25519(1);
        let key = Key::new_tuf1(&officer.public);
        let proof = Proof::new(officer.public.physical(), "file:a.pem", at(NOW), [0; 16]);
        let made = Signature::by(&key, &officer.sign(proof.statement().message())).unwrap();
        assert!(Transcript::read(&proof.signed(&key, &made).unwrap()).is_err());
        let envelope = signed(&officer, &Transcript::new(officer.public.clone(), testimony(false)));
        assert!(Proof::read(&envelope, &officer.public).is_err());
    }

    #[test]
    fn what_nobody_signed_reads_back_as_it_was_written() {
        for saw in [false, true] {
            let bytes = testimony(saw).unsigned();
            assert_eq!(Testimony::of_unsigned(&bytes), Some(testimony(saw)));
            assert_eq!(Testimony::of_unsigned(&bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(Testimony::of_unsigned(b"{}"), None);
    }
}
