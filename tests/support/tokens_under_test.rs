//! The token adapter as a program of its own, since one process speaks to one smart card service: an order a line, an
//! account a line, both JSON. It signs drafts it makes up itself, and answers prompts with the secrets each order brings.

use std::{
    io::{BufRead, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant as Moment,
};

use rootward_core::{
    adapters::YubiKeys,
    ports::{
        Attached, CertificateTerms, Failure, FreshTokens as _, Instant, Message, NewTokenKey, PinPolicy, Prompt,
        PromptRequest, Secret, Signer, TokenAlgorithm, TokenFacts, TokenSlot, Tokens, TouchPolicy, TouchRequest,
        Touching, Wanted,
    },
};
use rootward_tuf::{Dialect, Key, PhysicalKey, RoleName, RootDraft, dialect::notary::Certificate};
use serde_json::{Value, json};

#[derive(Default)]
struct Script {
    secrets: Mutex<Vec<String>>,
    asked: Mutex<Vec<Value>>,
    touches: Mutex<Vec<Value>>,
}

impl Prompt for Script {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        let (tries_left, last_try) = match request.wants {
            Wanted::Pin { tries_left, last_try } => (tries_left, last_try),
            _ => (None, false),
        };
        let asked = json!({
            "wants": format!("{:?}", request.wants).split(' ').next(),
            "triesLeft": tries_left,
            "lastTry": last_try,
            "notice": request.notice,
            "key": request.key,
        });
        self.asked.lock().expect("a lock").push(asked);
        let mut secrets = self.secrets.lock().expect("a lock");
        if secrets.is_empty() {
            return Err(Failure::interruption("prompt-closed", "nobody types any more"));
        }
        Ok(Secret::new(secrets.remove(0).into_bytes().into()))
    }

    /// `=` types back what is shown; anything else is a script's own choice.
    fn agree(&self, request: &PromptRequest, proposed: &Secret) -> Result<Secret, Failure> {
        let typed = self.ask(request)?;
        let is_typed_back = typed.expose() == b"=";
        let typed_back = || Secret::new(proposed.expose().to_vec().into());
        Ok(if is_typed_back { typed_back() } else { typed })
    }

    fn touch(&self, request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        let shown = json!({ "signs": request.signs, "digest": request.digest, "device": request.device });
        self.touches.lock().expect("a lock").push(shown);
        Ok(Box::new(()))
    }
}

struct Driver {
    script: Arc<Script>,
    tokens: YubiKeys,
    signer: Option<Box<dyn Signer>>,
    certificate: Option<Certificate>,
    changes: Arc<AtomicUsize>,
    /// A card kept from everybody else.
    held: Option<pcsc::Card>,
}

fn main() {
    let script = Arc::new(Script::default());
    let mut driver = Driver {
        tokens: YubiKeys::new(script.clone()),
        script,
        signer: None,
        certificate: None,
        changes: Arc::default(),
        held: None,
    };
    for line in std::io::stdin().lock().lines() {
        let order: Value = serde_json::from_str(&line.expect("an order")).expect("an order is JSON");
        let secrets = order["secrets"].as_array().cloned().unwrap_or_default();
        let secrets = secrets.iter().filter_map(|secret| secret.as_str().map(str::to_owned));
        *driver.script.secrets.lock().expect("a lock") = secrets.collect();
        let begun = Moment::now();
        let outcome = driver.obey(&order);
        let take = |seen: &Mutex<Vec<Value>>| std::mem::take(&mut *seen.lock().expect("a lock"));
        let account = json!({
            "ok": outcome.as_ref().ok(),
            "failure": outcome.as_ref().err(),
            "asked": take(&driver.script.asked),
            "touches": take(&driver.script.touches),
            "ms": begun.elapsed().as_millis() as u64,
        });
        println!("{account}");
        std::io::stdout().flush().expect("somebody reads");
    }
}

impl Driver {
    fn obey(&mut self, order: &Value) -> Result<Value, Failure> {
        let text = |name: &str| order[name].as_str().unwrap_or_default();
        let at = || TokenSlot::parse(text("at")).expect("a token slot");
        let request = PromptRequest {
            repository: "demo".into(),
            role: "root".into(),
            version: 2,
            ..PromptRequest::default()
        };
        let script = self.script.clone();
        match text("do") {
            "attached" => Ok(self.tokens.attached()?.iter().map(attached).collect()),
            "facts" => self.tokens.facts(at().serial).map(|facts| told(&facts)),
            "find" => {
                let key = PhysicalKey::parse(text("key")).expect("a physical key");
                Ok(json!(self.tokens.find(&key)?.map(|at| at.to_string())))
            }
            "generate" => {
                let wish = wish(text("algorithm"), text("pin"), text("touch"));
                let public = self.tokens.generate(at(), &wish, &*script, &request)?;
                Ok(json!(public.physical().to_string()))
            }
            "open" => {
                self.signer = None;
                let expected = PhysicalKey::parse(text("key"));
                let signer = self.tokens.open(at(), expected.as_ref(), &*script, &request)?;
                let touches = signer.touches();
                self.signer = Some(signer);
                Ok(json!(touches))
            }
            "close" => {
                self.signer = None;
                self.held = None;
                Ok(Value::Null)
            }
            "sign" => self.sign(text("dialect")),
            "certify" => {
                let signer = self.signer.as_mut().expect("an open signer");
                let certificate = signer.certify(&CertificateTerms {
                    gun: text("gun").into(),
                    not_before: moment("2026-11-22T00:00:00Z"),
                    not_after: moment("2036-11-22T00:00:00Z"),
                    serial: [7; 16],
                })?;
                let der: String = certificate.der().iter().map(|byte| format!("{byte:02x}")).collect();
                self.certificate = Some(certificate);
                Ok(json!(der))
            }
            "attest" => {
                let attestation = self.tokens.attestation(at())?;
                Ok(json!([attestation.slot.len(), attestation.device.len()]))
            }
            "store" => {
                let certificate = self.certificate.clone().expect("a certificate");
                self.tokens.write_certificate(at(), &certificate, &*script, &request)?;
                Ok(Value::Null)
            }
            "readiness" => {
                let ready = self.tokens.readiness(at().serial)?;
                let told = [format!("{:?}", ready.pin), format!("{:?}", ready.puk)];
                Ok(json!([told[0], told[1], format!("{:?}", ready.management_key)]))
            }
            "ready" => {
                let wish = wish(text("algorithm"), text("pin"), text("touch"));
                let ready = self
                    .tokens
                    .make_ready(at(), Some(&wish), &*script, &request, &|_, _| {})?;
                let steps = ready
                    .steps
                    .iter()
                    .map(|(step, outcome)| format!("{step:?} {outcome:?}"));
                let hex = |der: &[u8]| der.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                let (public, attestation) = ready.key.expect("one was wished");
                Ok(json!({
                    "key": public.physical().to_string(),
                    "steps": steps.collect::<Vec<_>>(),
                    "attestation": [hex(&attestation.slot), hex(&attestation.device)],
                }))
            }
            "erase" => self.tokens.erase(at().serial).map(|()| Value::Null),
            "watch" => {
                let changes = self.changes.clone();
                self.tokens.watch(Box::new(move || {
                    changes.fetch_add(1, Ordering::SeqCst);
                }));
                Ok(Value::Null)
            }
            "hold" => {
                let context = pcsc::Context::establish(pcsc::Scope::System).expect("a service");
                let reader = std::ffi::CString::new(text("reader")).expect("a name");
                let card = context.connect(&reader, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY);
                self.held = Some(card.expect("nobody else has it"));
                Ok(Value::Null)
            }
            "changes" => Ok(json!(self.changes.load(Ordering::SeqCst))),
            other => panic!("there is no order {other}"),
        }
    }

    /// Signs a root that lists the key, and verifies the signature once more with eyes of our own.
    fn sign(&mut self, dialect: &str) -> Result<Value, Failure> {
        let signer = self.signer.as_mut().expect("an open signer");
        let (dialect, key) = match (dialect, &self.certificate) {
            ("notary", Some(certificate)) => {
                let key = Key::new_notary_certificate(certificate.der()).expect("a key");
                (Dialect::Notary, key)
            }
            ("notary", None) => (Dialect::Notary, Key::new_notary_bare(signer.public())),
            _ => (Dialect::Tuf1, Key::new_tuf1(signer.public())),
        };
        let mut draft = RootDraft::first(dialect, false, moment("2030-01-01T00:00:00Z"));
        for role in [
            RoleName::root(),
            RoleName::targets(),
            RoleName::snapshot(),
            RoleName::timestamp(),
        ] {
            draft.add_key(&role, key.clone());
        }
        let frozen = draft.freeze().expect("a root");
        let signature = signer.sign(Message::metadata(&frozen), &key)?;
        frozen
            .check(&key, &signature)
            .expect("every signature that comes out holds");
        Ok(json!(key.scheme()))
    }
}

fn moment(text: &str) -> Instant {
    Instant::parse(text).expect("a moment")
}

fn wish(algorithm: &str, pin: &str, touch: &str) -> NewTokenKey {
    NewTokenKey {
        algorithm: match algorithm {
            "p384" => TokenAlgorithm::P384,
            _ => TokenAlgorithm::P256,
        },
        pin: match pin {
            "never" => PinPolicy::Never,
            "once" => PinPolicy::Once,
            _ => PinPolicy::Always,
        },
        touch: match touch {
            "never" => TouchPolicy::Never,
            "cached" => TouchPolicy::Cached,
            _ => TouchPolicy::Always,
        },
    }
}

fn attached(attached: &Attached) -> Value {
    match attached {
        Attached::Ready(facts) => told(facts),
        Attached::Troubled {
            reader,
            serial,
            failure,
        } => {
            json!({ "reader": reader, "serial": serial, "code": failure.code })
        }
        Attached::Unseen(failure) => json!({ "code": failure.code }),
    }
}

fn told(facts: &TokenFacts) -> Value {
    let slots = facts.slots.iter().map(|slot| {
        json!({
            "slot": slot.slot.to_string(),
            "algorithm": slot.algorithm,
            "key": slot.public.as_ref().map(|public| public.physical().to_string()),
            "pin": slot.pin_policy.map(PinPolicy::as_str),
            "touch": slot.touch_policy.map(TouchPolicy::as_str),
            "origin": slot.origin.map(|origin| origin.as_str()),
            "subject": slot.subject,
        })
    });
    json!({
        "serial": facts.serial,
        "firmware": facts.firmware,
        "tries": facts.pin_tries,
        "defaultManagementKey": facts.default_management_key,
        "slots": slots.collect::<Value>(),
    })
}
