//! The keyring and roll calls without a window: what `rootwardctl keys ring` and `rootwardctl roll-call` ask of the desk.

use std::{path::PathBuf, sync::Arc};

use rootward_tuf::key::{PhysicalKey, PublicKey};

use crate::{
    border::{KeyView, KeyringReport, Query, RollCallView, View, visible},
    desk::Rootward,
    keyring::{self, Filter, Wanted},
    ports::{Failure, KeyReference, Prompt, PromptRequest, SourceSpec},
    repositories::{absolute, is_same},
    rotations,
};

/// Keys and roll calls of one desk.
pub struct Rolls {
    desk: Rootward,
}

impl Rolls {
    /// Opens the desk, by the system's clock or by the one given as RFC 3339.
    ///
    /// Fails with `bad-usage` when the clock cannot be read, and as `desk_ports` does.
    pub fn open(data: Option<PathBuf>, at: Option<&str>, prompt: Arc<dyn Prompt>) -> Result<Self, Failure> {
        let desk = rotations::desk(data, at, prompt)?;
        // One answer is all there will be: modules are waited for.
        desk.ask_modules();
        desk.remember_tokens();
        Ok(Rolls { desk })
    }

    /// Every key that is found and passes all filters, in full, worst first.
    ///
    /// Fails with `bad-usage` for a filter that is none.
    pub fn keys(&self, search: &str, filters: &[String]) -> Result<KeyringReport, Failure> {
        let filters = filters
            .iter()
            .map(|text| Filter::parse(text))
            .collect::<Result<Vec<_>, _>>()?;
        let wanted = Wanted {
            search: search.into(),
            filters,
        };
        let now = self.desk.desk.ports.clock.now();
        let (ring, deeds) = self.desk.keyring(now)?;
        let matching = keyring::matching(&ring, &wanted);
        let keys = matching
            .iter()
            .map(|&place| KeyView::of(&ring.keys[place], &deeds, now));
        Ok(KeyringReport {
            keys: keys.collect(),
            known: ring.keys.len() as u32,
            keyids: ring.keyids as u32,
            ledger_broken: deeds
                .broken
                .as_ref()
                .map(|(line, why)| format!("line {line}: {}", visible(why))),
        })
    }

    /// The repository that `text` names by its id or name, or that `spec` reads.
    ///
    /// Fails with `repository-not-found`, also when several go by that name.
    pub fn repository(&self, text: &str, spec: Option<SourceSpec>) -> Result<String, Failure> {
        let spec = spec.map(absolute).transpose()?;
        let known = self.desk.desk.ports.vault.repositories()?;
        if let Some(record) = known.iter().find(|record| record.id == text) {
            return Ok(record.id.clone());
        }
        let is_meant = |source: &SourceSpec| spec.as_ref().is_some_and(|spec| is_same(source, spec));
        let mut meant = known
            .iter()
            .filter(|record| record.name == text || is_meant(&record.source));
        match (meant.next(), meant.next()) {
            (Some(record), None) => Ok(record.id.clone()),
            (found, _) => {
                let why = match found {
                    None => "no repository of this desk goes by that id, name or address",
                    Some(_) => "several repositories of this desk go by that name; give the address or id",
                };
                Err(Failure::fault("repository-not-found", why).with("repository", text))
            }
        }
    }

    /// Who of a repository's root was seen to work, and whether root could be rotated today.
    pub async fn roll_call(&self, repository: &str) -> Result<RollCallView, Failure> {
        let repository = repository.to_owned();
        match self.desk.query(Query::RollCall { repository }).await? {
            View::RollCall(view) => Ok(view),
            _ => Err(Failure::fault("panicked", "the desk answered another question")),
        }
    }

    /// Gives a key a name on this desk, in place of the one it had; an empty one takes it away. `key` is where it is, or
    /// `sha256:…` or a keyid.
    ///
    /// Refuses with `key-not-found` a key that this desk does not know, and with `bad-usage` a name that is too long.
    pub fn name(&self, key: &str, name: &str) -> Result<(), Failure> {
        let physical = physical_of(&self.desk, key)?;
        self.desk.call_key(&physical, name)
    }

    /// Has a key of a repository's root prove that it works. `key` is where it is, or `sha256:…`, a keyid or a canonical id.
    ///
    /// Refuses with `key-not-found` a key that is none of root's; fails as [`keyring::prove`] does.
    pub async fn prove(&self, repository: &str, key: &str) -> Result<(), Failure> {
        let (desk, repository, key) = (self.desk.clone(), repository.to_owned(), key.to_owned());
        let ended = tokio::task::spawn_blocking(move || prove(&desk, &repository, &key)).await;
        ended.unwrap_or_else(|error| Err(Failure::fault("panicked", error.to_string())))
    }
}

fn physical_of(desk: &Rootward, key: &str) -> Result<String, Failure> {
    if let Some((_, public)) = at_place(desk, key)? {
        return Ok(public.physical().to_string());
    }
    let (ring, _) = desk.keyring(desk.desk.ports.clock.now())?;
    let is_meant = |known: &&keyring::RingKey| {
        let mut spells = known.uses.iter().flat_map(|listed| &listed.spells);
        let is_listed = spells.any(|spell| spell.keyid == key);
        is_listed || known.physical.to_string() == key
    };
    let found = ring.keys.iter().find(is_meant);
    let unknown = || Failure::refusal("key-not-found", format!("this desk knows no key {}", visible(key)));
    found.map(|known| known.physical.to_string()).ok_or_else(unknown)
}

fn prove(desk: &Rootward, repository: &str, key: &str) -> Result<(), Failure> {
    let known = desk.state().repository(repository)?;
    let of_root = &known.tree.root().keys;
    let none_of_root = || {
        let message = format!("{} is no key of root in {}", visible(key), visible(&known.record.name));
        Failure::refusal("key-not-found", message).with("key", key)
    };
    let lists = |physical: &PhysicalKey| of_root.iter().any(|listed| listed.physical == Some(*physical));
    if let Some((reference, public)) = at_place(desk, key)? {
        if !lists(&public.physical()) {
            return Err(none_of_root());
        }
        return desk.prove_at(&reference, &public, Some(repository));
    }
    let named = of_root.iter().find(|listed| {
        let physical = listed.physical.map(|physical| physical.to_string());
        listed.keyid == key || listed.canonical_keyid.as_deref() == Some(key) || physical.as_deref() == Some(key)
    });
    let physical = named.and_then(|listed| listed.physical).ok_or_else(none_of_root)?;
    desk.prove(&physical.to_string(), Some(repository))
}

/// The key at a place, if `text` names a place; only a file that does not tell without its secret makes a person be asked.
fn at_place(desk: &Rootward, text: &str) -> Result<Option<(KeyReference, PublicKey)>, Failure> {
    let is_place = ["file:", "yubikey:", "pkcs11:", "keychain:"]
        .iter()
        .any(|kind| text.starts_with(kind));
    if !is_place {
        return Ok(None);
    }
    let (reference, ports) = (keyring::parse(text)?, &desk.desk.ports);
    let public = match &reference {
        KeyReference::File(_) => {
            let request = PromptRequest {
                change: "Read the public half of this key.".into(),
                key: keyring::label(&reference),
                ..PromptRequest::default()
            };
            keyring::locate(ports, &reference, &request)?.public
        }
        _ => ports.keys.inspect(&reference)?.public.ok_or_else(|| {
            Failure::refusal(
                "key-without-public-half",
                format!("{} does not show its public half", visible(text)),
            )
        })?,
    };
    Ok(Some((reference, public)))
}
