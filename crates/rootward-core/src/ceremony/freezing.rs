//! Fixing bytes: first what the new root needs is made, then each document is drafted and frozen in its turn.

use rootward_tuf::dialect::{Dialect, notary::Certificate};
use rootward_tuf::draft::AnyFrozen;
use rootward_tuf::encoding::base64;
use rootward_tuf::key::PublicKey;
use rootward_tuf::role::RoleName;

use super::archive::frozen_name;
use super::ceremonies::{Ceremonies, Record, not_now};
use super::change::role_name;
use super::digest::Digest;
use super::edit::RoleAt;
use super::event::{
    self, Asked, CertificateStored, Certified, Fact, NotSigned, Problem, ServerKeyAsked, ServerKeyGiven,
};
use super::grounds::wave;
use super::plan::Plan;
use super::signing::key_label;
use super::state::{Ceremony, Stage};
use crate::keyring;
use crate::ledger::{Certifies, Deed};
use crate::ports::{CertificateTerms, Failure, KeyReference, PromptRequest, TokenFacts};
use crate::repositories::remember_server_held;

/// How long a root certificate lasts, as Notary's own: ten years of days.
const CERTIFICATE_DAYS: i64 = 3650;

impl Ceremonies {
    /// Fixes the bytes of every document whose turn it is. Any later edit is a new ceremony.
    ///
    /// Before root, what it lists is made: in Notary the server is asked for its key, and each key that joins root signs its
    /// certificate, for which a person is asked. Refuses with `draft-refused` what the rules forbid, with `superseded` when
    /// a newer root is trusted meanwhile; fails as the server and the keys do.
    pub async fn freeze(&self, id: &str) -> Result<Record, Failure> {
        let name = id.to_owned();
        let record = self
            .blocking(move |ceremonies| {
                ceremonies.refuse_superseded(&name)?;
                ceremonies.one(&name)
            })
            .await?;
        let ceremony = record.sound()?;
        if matches!(ceremony.stage, Stage::Drafting) {
            for role in ceremony.change().by_server() {
                let role = role_name(role)?;
                if ceremony.prepared.server(&role).is_none() {
                    self.ask_server(id, &role).await?;
                }
            }
        }
        let name = id.to_owned();
        self.blocking(move |ceremonies| {
            ceremonies.certify_joining(&name)?;
            ceremonies.fix(&name)
        })
        .await
    }

    /// Drafts and freezes every document whose turn it is; refuses with `not-ready` when it is none's.
    pub(super) fn fix(&self, id: &str) -> Result<Record, Failure> {
        let mut record = self.fix_next(id)?;
        loop {
            let can_go_on = match &record.sound()?.stage {
                Stage::Collecting(collected) => !collected.can_be_frozen().is_empty(),
                _ => false,
            };
            if !can_go_on {
                return Ok(record);
            }
            record = self.fix_next(id)?;
        }
    }

    fn fix_next(&self, id: &str) -> Result<Record, Failure> {
        self.step(id, |ceremony| {
            let frozen = self.next_document(ceremony)?;
            let role = frozen.role().as_str();
            self.archive().write(id, &frozen_name(role), frozen.bytes())?;
            Ok(Fact::Frozen(event::Frozen {
                role: role.into(),
                version: frozen.version(),
                length: frozen.bytes().len() as u64,
                sha256: Digest(frozen.digest()),
            }))
        })
    }

    fn next_document(&self, ceremony: &Ceremony) -> Result<AnyFrozen, Failure> {
        let now = self.ports.clock.now();
        match &ceremony.stage {
            Stage::Drafting => {
                let plan = Plan::of(ceremony.change(), &ceremony.grounds, &ceremony.prepared, now)?;
                if plan.waits {
                    let why = "a certificate or a server's key for the new root is still to be made";
                    return Err(not_now(ceremony, why));
                }
                let none = || super::plan::refused("nothing would change: no document is issued again");
                plan.drafts.into_iter().next().map_or_else(
                    || match ceremony.grounds.roles().first() {
                        Some(role) => ceremony.grounds.next(role, ceremony.change(), &[], now),
                        None => Err(none()),
                    },
                    Ok,
                )
            }
            Stage::Collecting(collected) => match collected.can_be_frozen().first() {
                Some(role) if wave(role) == 0 => {
                    let plan = Plan::of(ceremony.change(), &ceremony.grounds, &ceremony.prepared, now)?;
                    let draft = plan.drafts.into_iter().find(|draft| draft.role() == role);
                    draft.ok_or_else(|| not_now(ceremony, "the document cannot be drafted now"))
                }
                Some(role) => ceremony
                    .grounds
                    .next(role, ceremony.change(), &collected.completed(), now),
                None => Err(not_now(
                    ceremony,
                    "the bytes are fixed already; another edit is another ceremony",
                )),
            },
            Stage::Ready(_)
            | Stage::Rehearsed(..)
            | Stage::Publishing(..)
            | Stage::Published(..)
            | Stage::Superseded(..)
            | Stage::Abandoned(..) => Err(not_now(
                ceremony,
                "the bytes are fixed already; another edit is another ceremony",
            )),
        }
    }

    /// Asks the server for the key that the new root will list.
    async fn ask_server(&self, id: &str, role: &RoleName) -> Result<(), Failure> {
        let (record, limits, way) = self.ready_way(id).await?;
        let is_first = record.sound()?.grounds.begins();
        let server = self.ports.connect.server_keys(&way, &limits)?;
        let asked = ServerKeyAsked {
            role: role.as_str().into(),
        };
        self.record(id, Fact::ServerKeyAsked(asked)).await?;
        // A repository that is begun gets the key that the server makes for it; one that has a key is given another.
        let made = match is_first {
            true => server.current(role).await,
            false => server.rotate(role).await,
        };
        match made {
            Ok(key) => {
                let given = ServerKeyGiven {
                    role: role.as_str().into(),
                    keyid: key.keyid().as_str().into(),
                    object: rootward_tuf::json::compact(key.raw()),
                };
                self.record(id, Fact::ServerKeyGiven(given)).await?;
                self.blocking(move |ceremonies| remember_server_held(&*ceremonies.ports.vault, &key))
                    .await
            }
            Err(failure) => {
                self.record(id, Fact::ServerKeyRefused(Problem::from(&failure))).await?;
                Err(failure)
            }
        }
    }

    /// Has each key that joins a Notary root sign the certificate under which root lists it.
    fn certify_joining(&self, id: &str) -> Result<(), Failure> {
        let record = self.one(id)?;
        let ceremony = record.sound()?;
        let change = ceremony.change();
        let Some(gun) = &ceremony.begun.gun else {
            return Ok(());
        };
        if ceremony.grounds.dialect() == Dialect::Tuf1 || !matches!(ceremony.stage, Stage::Drafting) {
            return Ok(());
        }
        for joining in change.joining(&RoleAt::top_level("root")) {
            let public = joining.read().map_err(super::plan::refused)?;
            if ceremony.prepared.certificate(&public.physical()).is_none() {
                self.certify(id, ceremony, gun, &public, &joining.key)?;
            }
        }
        Ok(())
    }

    fn certify(&self, id: &str, ceremony: &Ceremony, gun: &str, public: &PublicKey, at: &str) -> Result<(), Failure> {
        let physical = public.physical();
        let _asking = self.ask_alone(id, &physical)?;
        let reference = keyring::parse(at)?;
        let asked = Asked {
            role: "root".into(),
            physical_key: physical.to_string(),
            key: at.into(),
            again_because: None,
        };
        let terms = self.terms(gun);
        let repository = &ceremony.begun.repository;
        let request = PromptRequest {
            repository: repository.name.clone(),
            role: "root".into(),
            version: ceremony.root_version(),
            change: format!("Sign the certificate that names this key a root key of {gun}"),
            key: key_label(ceremony, &reference),
            practice: repository.practice,
            announces: match reference {
                KeyReference::YubiKey(_) => vec![
                    "a touch for the certificate".into(),
                    format!("a touch for root v{}", ceremony.root_version()),
                ],
                KeyReference::File(_) | KeyReference::Pkcs11(_) | KeyReference::Keychain(_) => Vec::new(),
            },
            ..PromptRequest::default()
        };
        self.step(id, |_| Ok(Fact::CertifyingBegun(asked)))?;
        let made = self.with_key(id, &reference, &physical, &request, |signer| {
            let intent = self.ledger().begin(Deed::Certifies(Box::new(Certifies {
                repository: repository.clone(),
                gun: gun.into(),
                physical_key: physical.to_string(),
                key: at.into(),
                ceremony: id.into(),
            })))?;
            let made = signer.certify(&terms);
            self.ended(intent, made.as_ref().err())?;
            made
        });
        match made {
            Ok(certificate) => {
                let certified = Certified {
                    physical_key: physical.to_string(),
                    key: at.into(),
                    certificate: base64(certificate.der()),
                    sha256: Digest::of(certificate.der()),
                };
                self.step(id, |_| Ok(Fact::Certified(certified)))?;
                self.store_certificate(id, &reference, &certificate, &request)
            }
            Err(failure) => {
                let problem = Problem::from(&failure);
                self.step(id, |_| {
                    Ok(Fact::CertifyingFailed(NotSigned {
                        role: "root".into(),
                        physical_key: physical.to_string(),
                        problem,
                    }))
                })?;
                Err(failure)
            }
        }
    }

    /// Writes a certificate into the token's slot beside the key, when the slot has none. The ceremony needs it not: a token
    /// that takes none is put on record and holds nothing up.
    fn store_certificate(
        &self,
        id: &str,
        reference: &KeyReference,
        certificate: &Certificate,
        request: &PromptRequest,
    ) -> Result<(), Failure> {
        let KeyReference::YubiKey(at) = reference else {
            return Ok(());
        };
        let facts = self.ports.tokens.facts(at.serial);
        let is_empty = |facts: &TokenFacts| facts.slot(at.slot).is_some_and(|slot| slot.certificate.is_none());
        let stored = match facts {
            Ok(facts) if !is_empty(&facts) => return Ok(()),
            Ok(_) => {
                let tokens = &self.ports.tokens;
                tokens.write_certificate(*at, certificate, &*self.ports.prompt, request)
            }
            Err(failure) => Err(failure),
        };
        let fact = CertificateStored {
            key: keyring::written(reference),
            problem: stored.err().as_ref().map(Problem::from),
        };
        self.step(id, |_| Ok(Fact::CertificateStored(fact))).map(drop)
    }

    fn terms(&self, gun: &str) -> CertificateTerms {
        let mut serial = [0; 16];
        self.ports.random.fill(&mut serial);
        // A positive number without a leading zero, whatever was drawn.
        serial[0] = serial[0] & 0x7f | 0x40;
        let now = self.ports.clock.now();
        CertificateTerms {
            gun: gun.into(),
            not_before: now,
            not_after: now.plus_seconds(CERTIFICATE_DAYS * 86_400),
            serial,
        }
    }
}
