//! Where keys were born, beside the keys themselves.

use rootward_tuf::{Instant, PhysicalKey};

use crate::{
    border::{
        AttestationView, Custody, FactView, NOT_WHO_HOLDS_IT, NodeView, RepositoryView, RoleKeyView, Sentence,
        capitalised, finding, firmware, verdict,
    },
    keyring::attestation::{AttestationProblem, Attestations, VerifiedAttestation},
};

/// `held in YubiKey 15 938 765, firmware 5.2.7, touch always`
pub fn held(proven: &VerifiedAttestation) -> String {
    let (firmware, touch) = (firmware(proven.firmware), proven.touch.as_str());
    format!("held in {}, firmware {firmware}, touch {touch}", proven.device())
}

impl AttestationView {
    /// What was proven, or not.
    pub fn of(outcome: &Result<VerifiedAttestation, AttestationProblem>, kept: bool, now: Instant) -> Self {
        match outcome {
            Err(problem) => AttestationView {
                held: String::new(),
                verdict: String::new(),
                remarks: Vec::new(),
                problem: Some(problem.clone().into()),
                kept,
            },
            Ok(proven) => AttestationView {
                held: held(proven),
                verdict: verdict(proven),
                remarks: remarks(proven, now),
                problem: None,
                kept,
            },
        }
    }
}

fn remarks(proven: &VerifiedAttestation, now: Instant) -> Vec<Sentence> {
    let remarks = proven.remarks(now).into_iter();
    let remarks = remarks.map(|remark| Sentence::warning(format!("{}.", capitalised(&finding(remark).message))));
    remarks.chain([Sentence::note(NOT_WHO_HOLDS_IT)]).collect()
}

impl RepositoryView {
    /// The same, with what devices said of its keys.
    pub fn attested(mut self, attestations: &Attestations) -> Self {
        for key in self.roles.iter_mut().flat_map(|role| &mut role.keys) {
            attest(key, attestations);
        }
        self
    }
}

impl NodeView {
    /// The same, with what devices said of its keys.
    pub fn attested(mut self, attestations: &Attestations, now: Instant) -> Self {
        for key in &mut self.keys {
            attest(key, attestations);
        }
        // Of one key everything is told.
        let [key] = self.keys.as_slice() else { return self };
        let Some(physical) = key.physical_key.as_deref().and_then(PhysicalKey::parse) else {
            return self;
        };
        let mut say = |name: &str, value: String, evidence| {
            self.facts.push(FactView {
                name: name.to_owned(),
                value,
                evidence,
            });
        };
        match attestations.by_key.get(&physical) {
            None => {}
            Some(Err(problem)) => say("Attestation", format!("No longer proven: {problem}."), false),
            Some(Ok(proven)) => {
                say("Born in", proven.device(), true);
                say("Firmware", firmware(proven.firmware), true);
                if let Some(form_factor) = proven.form_factor {
                    say("Form factor", form_factor.to_string(), false);
                }
                say("PIN", proven.pin.as_str().to_owned(), true);
                say("Touch", proven.touch.as_str().to_owned(), true);
                say("Attestation", format!("{}.", capitalised(&verdict(proven))), false);
                for remark in remarks(proven, now) {
                    say("Know", remark.text(), false);
                }
            }
        }
        self
    }
}

fn attest(key: &mut RoleKeyView, attestations: &Attestations) {
    let physical = key.physical_key.as_deref().and_then(PhysicalKey::parse);
    if let Some(proven) = physical.and_then(|physical| attestations.proven(&physical)) {
        key.attested = Some(held(proven));
        key.custody = Custody::Token;
    }
}
