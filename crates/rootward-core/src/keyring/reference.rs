//! How officers write where a key is: `file:PATH`.

use std::path::PathBuf;

use crate::border::visible;
use crate::ports::{Failure, KeyReference};

/// Reads `file:PATH`; anything else is the fault `bad-usage`.
pub fn parse(text: &str) -> Result<KeyReference, Failure> {
    match text.strip_prefix("file:") {
        Some(path) if !path.is_empty() => Ok(KeyReference::File(PathBuf::from(path))),
        _ => Err(Failure::fault(
            "bad-usage",
            format!("expected a key as file:PATH, got {}", visible(text)),
        )),
    }
}

/// Writes what [`parse`] reads.
pub fn written(reference: &KeyReference) -> String {
    match reference {
        KeyReference::File(path) => format!("file:{}", path.display()),
    }
}

/// What a person calls the key: the file's name.
pub fn label(reference: &KeyReference) -> String {
    match reference {
        KeyReference::File(path) => path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        ),
    }
}

/// What a person calls the key's holder: the file's name without its ending.
pub fn name(reference: &KeyReference) -> String {
    match reference {
        KeyReference::File(path) => path
            .file_stem()
            .map_or_else(|| label(reference), |stem| stem.to_string_lossy().into_owned()),
    }
}
