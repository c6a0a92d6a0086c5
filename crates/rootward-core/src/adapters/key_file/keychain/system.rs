//! The keychain of this system, through the crates of keyring. Every call may wait for ever; `in_time` is for that.

use std::{collections::HashMap, sync::Arc};

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use super::Vaulted;

/// Why the keychain gave nothing.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// There is none in this session.
    Missing(String),
    Failed(String),
}

/// What our entries are filed under.
const SERVICE: &str = "rootward";

/// Connects anew for each question: a session's keychain may come and go.
struct System;

/// The keychain of this kind of system, if it has one.
pub(super) fn store() -> Option<Arc<dyn Vaulted>> {
    let has_one = cfg!(any(target_os = "linux", target_os = "macos", target_os = "windows"));
    has_one.then(|| Arc::new(System) as Arc<dyn Vaulted>)
}

#[cfg(target_os = "linux")]
fn connected() -> Result<Arc<CredentialStore>, Error> {
    zbus_secret_service_keyring_store::Store::new().map(|store| store as Arc<CredentialStore>)
}

#[cfg(target_os = "macos")]
fn connected() -> Result<Arc<CredentialStore>, Error> {
    apple_native_keyring_store::keychain::Store::new().map(|store| store as Arc<CredentialStore>)
}

#[cfg(target_os = "windows")]
fn connected() -> Result<Arc<CredentialStore>, Error> {
    windows_native_keyring_store::Store::new().map(|store| store as Arc<CredentialStore>)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
fn connected() -> Result<Arc<CredentialStore>, Error> {
    Err(Error::NoDefaultStore)
}

fn entry(name: &str, label: Option<&str>) -> Result<Entry, Refusal> {
    // Connecting fails where no bus of a session is, or nobody on it keeps secrets.
    let store = connected().map_err(|why| Refusal::Missing(why.to_string()))?;
    let label = label.filter(|_| cfg!(target_os = "linux"));
    let modifiers: HashMap<&str, &str> = label.map(|label| ("label", label)).into_iter().collect();
    store.build(SERVICE, name, Some(&modifiers)).map_err(failed)
}

impl Vaulted for System {
    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
        match entry(name, None)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(why) => Err(failed(why)),
        }
    }

    fn write(&self, name: &str, label: &str, secret: &[u8]) -> Result<(), Refusal> {
        entry(name, Some(label))?.set_secret(secret).map_err(failed)
    }

    fn remove(&self, name: &str) -> Result<(), Refusal> {
        match entry(name, None)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(why) => Err(failed(why)),
        }
    }
}

/// What an error says of itself. Some carry the secret as they found it, which is dropped here and wiped.
fn failed(why: Error) -> Refusal {
    match why {
        Error::BadEncoding(secret) | Error::BadDataFormat(secret, _) => {
            drop(Zeroizing::new(secret));
            Refusal::Failed("it holds something else than what was put there".into())
        }
        other => Refusal::Failed(other.to_string()),
    }
}
