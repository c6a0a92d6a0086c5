//! The tokens that are plugged in: read when they changed, and kept for whoever asks in between.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{Desk, Rootward, refresh::blocking};
use crate::{
    border::{
        LossPlan, Notice, Outcome, ProvisioningView, ReadyStepView, ReadyView, TokenKeyWish, TokensView, label_card,
        token_uses,
    },
    keyring::{self, attestation::Attestations},
    ports::{Attached, Failure, ModuleToken},
    provisioning::{attested, erase, fresh_or_named, provision, serial_of, slot_of},
    token_rack::born,
};

/// What was plugged in when somebody last looked.
#[derive(Default)]
pub struct Shelf {
    /// Counts what happened to tokens since the desk was opened.
    round: AtomicU64,
    seen: Mutex<Option<(u64, Vec<Attached>)>>,
    /// Tokens that are being made ready, or erased.
    runs: Mutex<BTreeSet<String>>,
}

/// A run over one token, until dropped.
struct Run<'a> {
    shelf: &'a Shelf,
    token: String,
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        let mut runs = self.shelf.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.remove(&self.token);
    }
}

impl Shelf {
    /// What was seen counts no more.
    pub fn forget(&self) {
        self.round.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether somebody saw a token when they last looked.
    fn has_tokens(&self) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.as_ref().is_some_and(|(_, tokens)| !tokens.is_empty())
    }

    /// Begins a run over the token of a key or place in it; two would ask for secrets across each other.
    ///
    /// Refuses with `not-ready` while another goes on.
    fn run_over(&self, key: &str) -> Result<Run<'_>, Failure> {
        let token = key.split('/').next().unwrap_or(key).to_owned();
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        if !runs.insert(token.clone()) {
            let message = "this token is being made ready already: answer its prompt window, or close it";
            return Err(Failure::refusal("not-ready", message).with("token", token));
        }
        Ok(Run { shelf: self, token })
    }

    fn kept(&self) -> Option<Vec<Attached>> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let round = self.round.load(Ordering::SeqCst);
        seen.as_ref()
            .filter(|(at, _)| *at == round)
            .map(|(_, tokens)| tokens.clone())
    }
}

impl Rootward {
    /// Tells every window when a token is plugged in or taken out: within two seconds where the smart card service tells, within
    /// a quarter of a minute where a module must be asked.
    pub fn watch_tokens(&self) {
        let changed = |desk: Weak<Desk>| {
            move || {
                if let Some(desk) = desk.upgrade() {
                    Rootward { desk }.tokens_changed();
                }
            }
        };
        let ports = &self.desk.ports;
        ports.tokens.watch(Box::new(changed(Arc::downgrade(&self.desk))));
        ports.modules.watch(Box::new(changed(Arc::downgrade(&self.desk))));
        self.look_and_remember();
    }

    /// What is plugged in now, with what its keys speak for.
    pub(super) fn tokens(&self) -> TokensView {
        let index = self.state().index();
        let uses = token_uses(&index);
        let modules = &self.desk.ports.modules;
        TokensView::of(&self.attached(), &uses).with_modules(&modules.modules(), &modules.attached(), &uses)
    }

    pub(super) fn attached(&self) -> Result<Vec<Attached>, Failure> {
        if let Some(kept) = self.desk.shelf.kept() {
            return Ok(kept);
        }
        let round = self.desk.shelf.round.load(Ordering::SeqCst);
        let attached = self.desk.ports.tokens.attached()?;
        // Trouble may pass without anything being plugged in: whoever asks next has it looked at again.
        if attached.iter().all(|token| matches!(token, Attached::Ready(_))) {
            *self.desk.shelf.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((round, attached.clone()));
        }
        Ok(attached)
    }

    /// A key was asked for something: tries may be gone, where there are tokens.
    pub(super) fn tokens_were_asked(&self) {
        if self.desk.shelf.has_tokens() {
            self.tokens_changed();
        }
    }

    /// Whatever was known of tokens is stale.
    pub(super) fn tokens_changed(&self) {
        self.desk.shelf.forget();
        self.desk.ring.ask_modules_again();
        self.notify(Notice::TokensChanged);
        self.look_and_remember();
    }

    /// Looks at what is plugged in and remembers the keys in it, on a thread of its own: whoever asks for keys writes nothing.
    fn look_and_remember(&self) {
        let desk = Arc::downgrade(&self.desk);
        std::thread::spawn(move || {
            if let Some(desk) = desk.upgrade() {
                Rootward { desk }.remember_tokens();
            }
        });
    }

    /// Remembers the keys in what is plugged in. Blocks while it is looked at.
    pub(crate) fn remember_tokens(&self) {
        let attached = self.attached().unwrap_or_default();
        if let Err(failure) = keyring::remember_attached(&self.desk.ports, &attached) {
            // A place that is forgotten is found again when its token is plugged in.
            tracing::warn!(code = failure.code, "what is plugged in was not remembered");
        }
    }

    /// Lets a PKCS#11 module be loaded from now on, or no more, and remembers it.
    ///
    /// Fails with `bad-usage` when it is no module's name, and with `disk-failed`.
    pub(super) async fn set_module(&self, module: String, may: bool) -> Result<Outcome, Failure> {
        let desk = self.clone();
        let set = blocking(move || {
            let ports = &desk.desk.ports;
            let module = keyring::parse_module(&module)?;
            let modules = keyring::set_module(&*ports.disk, &ports.data, &module, may)?;
            ports.modules.allow(&modules);
            Ok(())
        })
        .await;
        self.tokens_changed();
        set.map(|()| Outcome::Done)
    }

    /// Makes a key in an empty slot or under a new label.
    ///
    /// Fails as the token does, such as with `slot-occupied` or `token-absent`.
    pub(super) async fn generate_token_key(&self, key: String, wish: TokenKeyWish) -> Result<Outcome, Failure> {
        let desk = self.clone();
        let made = blocking(move || {
            let ports = &desk.desk.ports;
            let slot = born(&*ports.tokens, &*ports.modules, &*ports.prompt, &key, wish)?;
            // The key is made; what the token says of it is kept as far as it proves something.
            let said = slot_of(&key).and_then(|at| ports.tokens.attestation(at));
            let kept = said.and_then(|said| attested(&said, Some(&*ports.vault), ports.clock.now(), None));
            if let Err(failure) = kept {
                tracing::info!(code = failure.code, "a new key's attestation was not kept");
            }
            Ok(slot)
        })
        .await;
        self.tokens_changed();
        Ok(Outcome::TokenKey { slot: made? })
    }

    /// What making a token ready would do. Reads the token now.
    pub(super) fn provisioning(&self, token: &str) -> Result<ProvisioningView, Failure> {
        let index = self.state().index();
        if let Some(asked) = token.strip_prefix("pkcs11:").and_then(ModuleToken::parse) {
            let facts = fresh_or_named(&*self.desk.ports.modules, &asked)?;
            return Ok(ProvisioningView::of_module(&facts, &asked, &token_uses(&index)));
        }
        let serial = serial_of(token)?;
        let tokens = &self.desk.ports.tokens;
        let facts = tokens.facts(serial)?;
        let ready = tokens.readiness(serial)?;
        Ok(ProvisioningView::of(&facts, &ready, &token_uses(&index)))
    }

    /// What is proven of where keys were born.
    pub(super) fn attestations(&self) -> Result<Attestations, Failure> {
        Attestations::on(&*self.desk.ports.vault)
    }

    pub(super) async fn provision(&self, key: String, wish: TokenKeyWish, loss: LossPlan) -> Result<Outcome, Failure> {
        let desk = self.clone();
        let made = blocking(move || {
            let ports = &desk.desk.ports;
            let (now, vault) = (ports.clock.now(), Some(&*ports.vault));
            let _run = desk.desk.shelf.run_over(&key)?;
            // Each step shows as soon as it is taken.
            let taken = |step, outcome| {
                let (key, step) = (key.clone(), ReadyStepView::taken(step, outcome));
                desk.notify(Notice::ReadyStepTaken { key, step });
            };
            provision(
                &*ports.tokens,
                &*ports.modules,
                &*ports.prompt,
                vault,
                now,
                &key,
                wish,
                loss,
                &taken,
            )
        })
        .await;
        self.tokens_changed();
        self.notify(Notice::EstateChanged);
        Ok(Outcome::Ready { ready: Box::new(made?) })
    }

    pub(super) async fn erase_token(&self, serial: u32, typed: String) -> Result<Outcome, Failure> {
        let desk = self.clone();
        let erased = blocking(move || {
            let _run = desk.desk.shelf.run_over(&format!("yubikey:{serial}"))?;
            erase(&*desk.desk.ports.tokens, serial, &typed)
        })
        .await;
        self.tokens_changed();
        erased.map(|()| Outcome::Done)
    }

    /// Fails with `bad-usage` without a path, and with `disk-failed`.
    pub(super) async fn save_label(&self, ready: ReadyView, path: String) -> Result<Outcome, Failure> {
        if path.trim().is_empty() {
            return Err(Failure::fault("bad-usage", "expected the name of a file for the label"));
        }
        let ports = self.desk.ports.clone();
        blocking(move || {
            let card = label_card(&ready, &ports.clock.now().to_string());
            let written = ports.disk.write(std::path::Path::new(&path), card.as_bytes(), false);
            written.map_err(|why| Failure::fault("disk-failed", format!("{path} cannot be written: {why}")))
        })
        .await?;
        Ok(Outcome::Done)
    }
}
