//! How officers write where a key is: `file:PATH`, `yubikey:SERIAL/SLOT` or `pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL`.

use std::path::PathBuf;

use crate::border::{short, visible};
use crate::ports::{Failure, KeyReference, ModuleKey, TokenSlot, device_label};

/// Reads `file:PATH`, `yubikey:SERIAL/SLOT` or `pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL`; anything else is the fault
/// `bad-usage`.
pub fn parse(text: &str) -> Result<KeyReference, Failure> {
    let read = match text.split_once(':') {
        Some(("file", path)) if !path.is_empty() => Some(KeyReference::File(PathBuf::from(path))),
        Some(("yubikey", at)) => TokenSlot::parse(at).map(KeyReference::YubiKey),
        Some(("pkcs11", at)) => ModuleKey::parse(at).map(KeyReference::Pkcs11),
        Some(("keychain", name)) if !name.is_empty() => Some(KeyReference::Keychain(name.to_owned())),
        _ => None,
    };
    read.ok_or_else(|| {
        let message = format!(
            "expected a key as file:PATH, yubikey:SERIAL/SLOT (9a, 9c, 9d, 9e, 82 to 95), \
             pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL or keychain:NAME, got {}",
            visible(text)
        );
        Failure::fault("bad-usage", message)
    })
}

/// Writes what [`parse`] reads.
pub fn written(reference: &KeyReference) -> String {
    match reference {
        KeyReference::File(path) => format!("file:{}", path.display()),
        KeyReference::YubiKey(at) => format!("yubikey:{at}"),
        KeyReference::Pkcs11(at) => format!("pkcs11:{at}"),
        KeyReference::Keychain(name) => format!("keychain:{name}"),
    }
}

/// What a person calls the key: the file's name, or device and slot.
pub fn label(reference: &KeyReference) -> String {
    match reference {
        KeyReference::File(path) => path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        ),
        KeyReference::YubiKey(at) => at.label(),
        KeyReference::Pkcs11(at) => at.label(),
        KeyReference::Keychain(name) => format!("{name} (keychain)"),
    }
}

/// What a person calls the key's holder: the file's name without its ending, or the device. Notary names its files by
/// the key's id, of which nobody reads 64 digits.
pub fn name(reference: &KeyReference) -> String {
    match reference {
        KeyReference::File(path) => match path.file_stem().map(|stem| stem.to_string_lossy()) {
            Some(stem) if stem.len() == 64 && stem.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                format!("key {}", short(&stem))
            }
            Some(stem) => stem.into_owned(),
            None => label(reference),
        },
        KeyReference::YubiKey(at) => device_label(at.serial),
        KeyReference::Pkcs11(at) => at.token.label(),
        KeyReference::Keychain(name) => format!("{name} (keychain)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_name_and_one_of_notarys_by_its_first_and_last_digits() {
        let called = |path: &str| name(&KeyReference::File(PathBuf::from(path)));
        assert_eq!(called("/keys/officer-1.pem"), "officer-1");
        let id = format!("1d0a{}016a", "0".repeat(56));
        assert_eq!(called(&format!("/trust/private/{id}.key")), "key 1d0a…016a");
        assert_eq!(called(&format!("/keys/x{}", &id[1..])), format!("x{}", &id[1..]));
    }
}
