//! Loose signatures: those of ceremonies that were given up. They exist, and whoever has a copy can use them.
//!
//! Where they reach a threshold, anybody can publish that version: it is taken up again and published by its officers, and the
//! next change is made on top of it. A second document of that version beside it would split the clients for good.

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::role::RoleName;

use super::ceremonies::{Ceremonies, Record, not_now};
use super::collected::{Collected, Given, Sheet};
use super::digest::Digest;
use super::event::{Fact, Reopened, Subject};
use super::state::{Ceremony, Stage, signed_fact};
use crate::ports::Failure;
use crate::repositories::is_same;

/// A document of a ceremony that was given up, with signatures over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loose {
    pub ceremony: String,
    pub role: RoleName,
    pub version: u64,
    /// Of the canonical bytes.
    pub sha256: Digest,
    /// Whose they are, over these bytes, of whatever ceremony.
    pub signatures: Vec<PhysicalKey>,
    /// Whether they reach every threshold the document needs.
    pub is_publishable: bool,
    /// Whether its last rehearsal ended with a client that refused it.
    pub is_refused: bool,
}

impl Ceremonies {
    /// Loose signatures over documents of a repository, newest ceremony first. Those of journals that do not hold are not
    /// verified, and not told here.
    pub fn loose(&self, repository: &Subject) -> Result<Vec<Loose>, Failure> {
        Ok(loose(&self.all()?, repository))
    }

    /// Refuses with `loose-publishable` a change that would make `documents` while a version as high could be published by
    /// anybody: two documents of one version split the clients.
    ///
    /// One that clients refuse can be brought to no end: beside that, `although` says why another is made all the same.
    pub fn refuse_beside_loose(
        &self,
        repository: &Subject,
        documents: &[(RoleName, u64)],
        although: Option<&str>,
    ) -> Result<(), Failure> {
        let loose = self.loose(repository)?;
        let beside = |loose: &&Loose| {
            let mut planned = documents.iter();
            let is_let_by = loose.is_refused && although.is_some();
            let is_beside = planned.any(|(role, version)| *role == loose.role && *version <= loose.version);
            loose.is_publishable && is_beside && !is_let_by
        };
        match loose.iter().find(beside) {
            None => Ok(()),
            Some(found) => Err(found.refusal()),
        }
    }

    /// Takes a ceremony up again that was given up while its signatures reach a threshold, so that it is brought to its end by
    /// its officers and by nobody else.
    ///
    /// Loose signatures of other ceremonies over the very same bytes come with it. Refuses with `ceremony-open` while another
    /// change of the repository is under way, with `superseded` when a newer root is proven, with `not-ready` when too few
    /// signatures are loose for anybody to publish, and with `ceremony-ended` what was not given up.
    pub fn reopen(&self, id: &str, reason: &str) -> Result<Record, Failure> {
        let record = self.one(id)?;
        let ceremony = record.sound()?;
        let begun = ceremony.begun.clone();
        let Stage::Abandoned(collected, _) = &ceremony.stage else {
            return Err(not_now(ceremony, "only a ceremony that was given up is taken up again"));
        };
        let sheets = collected
            .as_ref()
            .map(|collected| collected.sheets.clone())
            .unwrap_or_default();
        let loose = self.loose(&begun.repository)?;
        let of_it = |loose: &&Loose| sheets.iter().any(|sheet| Digest(sheet.frozen.digest()) == loose.sha256);
        if !loose.iter().filter(of_it).any(|loose| loose.is_publishable) {
            let message = "too few signatures are loose for anybody to publish it: begin a new ceremony";
            return Err(Failure::refusal("not-ready", message));
        }
        let open = {
            let _gate = self.gate();
            self.open_for(&begun.repository.id)?
        };
        if let Some(open) = open {
            let message = format!(
                "ceremony {} changes this repository: finish or abandon it first",
                open.id
            );
            return Err(Failure::refusal("ceremony-open", message).with("ceremony", open.id));
        }
        let reason = reason.trim().to_owned();
        let mut record = self.step(id, |_| Ok(Fact::Reopened(Reopened { reason })))?;
        // What came meanwhile is found now, and not by whoever signs next.
        self.refuse_superseded(id)?;
        for sheet in &sheets {
            for given in self.given_elsewhere(id, sheet)? {
                record = self.step(id, |_| {
                    Ok(signed_fact(
                        &given.physical,
                        &given.key,
                        &given.signature,
                        &sheet.frozen,
                    ))
                })?;
            }
        }
        Ok(record)
    }

    /// Signatures over the bytes of a sheet that other ceremonies hold and it does not.
    fn given_elsewhere(&self, id: &str, sheet: &Sheet) -> Result<Vec<Given>, Failure> {
        let mut found: Vec<Given> = Vec::new();
        for record in self.all()?.iter().filter(|record| record.id != id) {
            let Ok(ceremony) = record.sound() else { continue };
            let Stage::Abandoned(Some(collected), _) = &ceremony.stage else {
                continue;
            };
            let same = collected
                .sheets
                .iter()
                .filter(|other| other.frozen.digest() == sheet.frozen.digest());
            for given in same.flat_map(|other| &other.signatures) {
                let known = found.iter().any(|other| other.physical == given.physical);
                if !known && sheet.signature_of(&given.physical).is_none() {
                    found.push(given.clone());
                }
            }
        }
        Ok(found)
    }
}

impl Loose {
    fn refusal(&self) -> Failure {
        let Loose {
            ceremony,
            role,
            version,
            ..
        } = self;
        let what = format!(
            "{role} v{version} of ceremony {ceremony} was given up with enough signatures for anybody to publish it"
        );
        let message = match self.is_refused {
            true => format!(
                "{what}, and clients refuse it: say why another is made beside it all the same, and it goes on record"
            ),
            false => {
                format!("{what}: it is to be taken up again and published before the next change is made on top of it")
            }
        };
        let refusal = Failure::refusal("loose-publishable", message);
        let refusal = match self.is_refused {
            true => refusal.with("unless", "although-loose"),
            false => refusal,
        };
        refusal
            .with("ceremony", ceremony)
            .with("role", role.as_str())
            .with("version", version.to_string())
    }
}

/// Whether signatures over a document of a ceremony that was given up reach its thresholds by themselves.
pub fn is_publishable(ceremony: &Ceremony) -> bool {
    let Stage::Abandoned(Some(collected), _) = &ceremony.stage else {
        return false;
    };
    collected.sheets.iter().any(|sheet| sheet.complete.is_some())
}

fn loose(records: &[Record], repository: &Subject) -> Vec<Loose> {
    let given_up: Vec<(&Record, &Ceremony, &Collected)> = records
        .iter()
        .filter_map(|record| {
            let ceremony = record.sound().ok()?;
            let Stage::Abandoned(Some(collected), _) = &ceremony.stage else {
                return None;
            };
            let of = &ceremony.begun.repository;
            let is_it = of.id == repository.id || is_same(&of.source, &repository.source);
            is_it.then_some((record, ceremony, collected))
        })
        .collect();
    let mut found: Vec<Loose> = Vec::new();
    for (record, ceremony, collected) in &given_up {
        for sheet in collected.sheets.iter().filter(|sheet| !sheet.signatures.is_empty()) {
            let sha256 = Digest(sheet.frozen.digest());
            if found
                .iter()
                .any(|known| known.role == *sheet.role() && known.sha256 == sha256)
            {
                continue;
            }
            // The same bytes may have been fixed in several ceremonies: a signature is over bytes, whatever it was given for.
            let same = given_up.iter().flat_map(|(_, _, other)| &other.sheets);
            let same: Vec<&Sheet> = same.filter(|other| Digest(other.frozen.digest()) == sha256).collect();
            let whole = together(ceremony, collected, &same);
            found.push(Loose {
                ceremony: record.id.clone(),
                role: sheet.role().clone(),
                version: sheet.frozen.version(),
                sha256,
                signatures: whole.signatures.iter().map(|given| given.physical).collect(),
                is_publishable: whole.complete.is_some(),
                is_refused: is_refused(record),
            });
        }
    }
    found
}

/// Whether the last rehearsal of a ceremony was refused; one that was never rehearsed may well be accepted.
fn is_refused(record: &Record) -> bool {
    let mut facts = record.events.iter().rev().map(|event| &event.fact);
    let last = facts.find_map(|fact| match fact {
        Fact::Rehearsed(rehearsed) => Some(rehearsed.accepted()),
        _ => None,
    });
    last == Some(false)
}

/// One sheet with the signatures of all.
fn together(ceremony: &Ceremony, collected: &Collected, same: &[&Sheet]) -> Sheet {
    let mut whole = same[0].clone();
    for other in &same[1..] {
        for given in &other.signatures {
            if whole.signature_of(&given.physical).is_none() {
                whole.signatures.push(given.clone());
            }
        }
    }
    whole.complete = collected.completed_sheet(&whole, &ceremony.grounds);
    whole
}
