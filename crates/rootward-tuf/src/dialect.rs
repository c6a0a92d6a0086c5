//! What differs between TUF 1.0 and Notary, and how to tell them apart.

pub mod notary;
pub mod tuf1;

use crate::json::{self, Name, View};
use crate::key::{Key, Method};
use crate::metadata::ReadError;

/// The two families of documents we read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// TUF 1.x: lower-case types, `spec_version`, hexadecimal.
    Tuf1,
    /// Docker Notary v1: capitalised types, base64, certificates.
    Notary,
}

impl Dialect {
    /// The name used in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::Tuf1 => "tuf1",
            Dialect::Notary => "notary",
        }
    }
}

impl std::fmt::Display for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Tells from a root document which dialect its repository speaks.
///
/// Fails on what is neither: Uptane's roots say `Root` as Notary's do, but list keys without the `private` member.
pub fn detect(root: &[u8]) -> Result<Dialect, ReadError> {
    let (_, [signed]) = json::check_for(root, json::Limits::default(), false, ["signed"])?;
    let signed = signed.map(|signed| signed.view);
    let member = |name: &str| signed.and_then(|signed| signed.member(name));
    let kind = member("_type").and_then(View::string).map(Name::decoded);
    let keys = member("keys").and_then(View::members);
    match kind.as_deref() {
        Some("root") => Ok(Dialect::Tuf1),
        Some("Root") if keys.is_some_and(|mut keys| keys.all(|(_, key)| notary::is_key_object(key))) => {
            Ok(Dialect::Notary)
        }
        Some("Root") => Err(ReadError::shape(
            "signed.keys",
            "keys as TUF 1.0 or Notary list them",
            "another dialect",
        )),
        Some(other) => Err(ReadError::shape(
            "signed._type",
            "\"root\" or \"Root\"",
            json::shown(other),
        )),
        None => Err(ReadError::shape("signed._type", "\"root\" or \"Root\"", "nothing")),
    }
}

/// How a signature of `key` is verified, which is `named` by the signature itself where the dialect does so.
pub(crate) fn method_of(key: &Key, named: Option<&str>) -> Option<Method> {
    match key.dialect() {
        Dialect::Tuf1 => key.method(),
        Dialect::Notary => notary::method(named.unwrap_or_default()),
    }
}

/// Whether `signature` over `message` is `key`'s, with the method `named` by the signature where the dialect does so.
pub(crate) fn verifies(key: &Key, named: Option<&str>, message: &[u8], signature: &[u8]) -> bool {
    method_of(key, named).is_some_and(|method| verifies_by(key, method, message, signature))
}

/// Whether `signature` over `message` is `key`'s under a method that [`method_of`] told.
pub(crate) fn verifies_by(key: &Key, method: Method, message: &[u8], signature: &[u8]) -> bool {
    let Ok(public) = key.public() else {
        return false;
    };
    match (key.dialect(), method) {
        (Dialect::Notary, Method::EcdsaSha256 | Method::EcdsaSha384) => {
            notary::der_from_raw(public.algorithm(), signature)
                .is_some_and(|signature| public.verifies(method, message, &signature))
        }
        _ => public.verifies(method, message, signature),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Made;

    #[test]
    fn a_root_is_told_by_its_type_and_by_how_it_lists_keys() {
        for (dialect, name) in [(Dialect::Tuf1, "tuf1"), (Dialect::Notary, "notary")] {
            assert_eq!((dialect.as_str(), dialect.to_string().as_str()), (name, name));
            assert_eq!(detect(&Made::new(dialect).shelf.0["1.root"]).unwrap(), dialect);
        }
        let root = |kind: &str, key: &str| format!(r#"{{"signed":{{"_type":{kind:?},"keys":{{"a":{key}}}}}}}"#);
        let notary = r#"{"keytype":"ecdsa","keyval":{"private":null,"public":""}}"#;
        assert_eq!(detect(root("Root", notary).as_bytes()).unwrap(), Dialect::Notary);
        // Uptane's roots have the capital letter too; its keys have no private half, or none of this kind.
        for key in [
            r#"{"keytype":"ed25519","keyval":{"public":""}}"#,
            r#"{"keyval":{"private":null,"public":""}}"#,
            "{}",
        ] {
            let told = detect(root("Root", key).as_bytes()).unwrap_err().to_string();
            assert!(told.contains("signed.keys"), "{told}");
        }
        for (file, place) in [
            (root("root2", notary), "signed._type"),
            (r#"{"signed":{"keys":{}}}"#.to_owned(), "signed._type"),
            (r#"{"signed":{"_type":"Root"}}"#.to_owned(), "signed.keys"),
        ] {
            let told = detect(file.as_bytes()).unwrap_err().to_string();
            assert!(told.contains(place), "{told}");
        }
    }
}
