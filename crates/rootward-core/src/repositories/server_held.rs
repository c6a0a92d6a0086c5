//! Keys that a Notary server holds and nobody else, as far as it told this desk when a ceremony asked it.
//!
//! Metadata does not say who holds a snapshot key, and reading a repository asks no server: asking makes it make a key.

use std::collections::BTreeSet;

use rootward_tuf::key::{Key, PhysicalKey};

use crate::ports::{Failure, Vault};

const SETTING: &str = "server-held-keys";
/// More keys than servers told anybody of; the smallest go first, which is as good as any.
const MOST: usize = 10_000;

/// The keys that servers said they hold. Fails as the vault does.
pub fn server_held(vault: &dyn Vault) -> Result<BTreeSet<PhysicalKey>, Failure> {
    // What cannot be read is forgotten: it is only remembered.
    let stored: Option<Vec<String>> = vault
        .setting(SETTING)?
        .and_then(|text| serde_json::from_str(&text).ok());
    let stored = stored.unwrap_or_default();
    Ok(stored.iter().filter_map(|key| PhysicalKey::parse(key)).collect())
}

/// Remembers a key that a server said it holds; one that cannot be read is none. Fails as the vault does.
pub fn remember_server_held(vault: &dyn Vault, key: &Key) -> Result<(), Failure> {
    let Some(physical) = key.physical() else { return Ok(()) };
    let mut held = server_held(vault)?;
    if !held.insert(physical) {
        return Ok(());
    }
    while held.len() > MOST {
        held.pop_first();
    }
    let written: Vec<String> = held.iter().map(ToString::to_string).collect();
    let text = serde_json::to_string(&written)
        .map_err(|error| Failure::fault("disk-failed", format!("could not remember whose a key is: {error}")))?;
    vault.set_setting(SETTING, &text)
}
