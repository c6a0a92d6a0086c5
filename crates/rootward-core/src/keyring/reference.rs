//! How officers write where a key is: `file:PATH` or `yubikey:SERIAL/SLOT`.

use std::path::PathBuf;

use crate::border::visible;
use crate::ports::{Failure, KeyReference, TokenSlot, device_label};

/// Reads `file:PATH` or `yubikey:SERIAL/SLOT`; anything else is the fault `bad-usage`.
pub fn parse(text: &str) -> Result<KeyReference, Failure> {
    let read = match text.split_once(':') {
        Some(("file", path)) if !path.is_empty() => Some(KeyReference::File(PathBuf::from(path))),
        Some(("yubikey", at)) => TokenSlot::parse(at).map(KeyReference::YubiKey),
        _ => None,
    };
    read.ok_or_else(|| {
        let message = format!(
            "expected a key as file:PATH or yubikey:SERIAL/SLOT (9a, 9c, 9d, 9e, 82 to 95), got {}",
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
    }
}

/// What a person calls the key's holder: the file's name without its ending, or the device.
pub fn name(reference: &KeyReference) -> String {
    match reference {
        KeyReference::File(path) => path
            .file_stem()
            .map_or_else(|| label(reference), |stem| stem.to_string_lossy().into_owned()),
        KeyReference::YubiKey(at) => device_label(at.serial),
    }
}
