//! How modules, their tokens and the keys in them are written: `MODULE:TOKEN-LABEL/KEY-LABEL`.
//!
//! Labels hold whatever their owners typed, so everything but letters, digits and `- . _ ~ + @ , =` is written as `%` and
//! two hexadecimal digits a byte. Where a label is not enough, `;serial=…` or `;id=…` tells which one is meant.

use std::{
    fmt::{self, Write as _},
    path::Path,
};

/// Which PKCS#11 module: a well-known short name such as `softhsm`, or the absolute path of a library.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleName(String);

/// A token of a module, by what it calls itself. Slot numbers change; they name nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleToken {
    pub module: ModuleName,
    pub label: String,
    /// Needed only where two tokens have one label.
    pub serial: Option<String>,
}

/// A key in a token of a module, by its label: that of its public half, its certificate or its private half.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleKey {
    pub token: ModuleToken,
    pub label: String,
    /// `CKA_ID`; needed only where two keys have one label.
    pub id: Option<Vec<u8>>,
}

impl ModuleName {
    /// Takes a short name (small letters, digits, `-`) or an absolute path.
    pub fn new(text: &str) -> Option<Self> {
        let is_short = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let is_path = |text: &str| text.starts_with('/') && text.len() > 1 && !text.contains('\0');
        (is_short(text) || is_path(text)).then(|| ModuleName(text.to_owned()))
    }

    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        ModuleName::new(&unescaped(text)?)
    }

    /// The name or path itself, not escaped.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The library's path, unless a short name stands for it.
    pub fn path(&self) -> Option<&Path> {
        self.0.starts_with('/').then(|| Path::new(&self.0))
    }

    /// What a person calls it: the short name, or the library's file name.
    pub fn label(&self) -> &str {
        let name = self.path().and_then(Path::file_name).and_then(|name| name.to_str());
        name.unwrap_or(&self.0)
    }
}

impl ModuleToken {
    /// Reads what `Display` writes, such as `softhsm:rootward` or `softhsm:rootward;serial=1f`.
    pub fn parse(text: &str) -> Option<Self> {
        let (module, token) = text.split_once(':')?;
        let (label, serial) = with_mark(token, ";serial=")?;
        let serial = match serial {
            Some(serial) => Some(unescaped(serial)?),
            None => None,
        };
        Some(ModuleToken {
            module: ModuleName::parse(module)?,
            label,
            serial,
        })
    }

    /// What a person calls it: `rootward (softhsm)`.
    pub fn label(&self) -> String {
        let of = self.module.label();
        match &self.serial {
            Some(serial) => format!("{} ({of}, serial {serial})", self.label),
            None => format!("{} ({of})", self.label),
        }
    }
}

impl ModuleKey {
    /// Reads what `Display` writes, such as `softhsm:rootward/root%20key` or `softhsm:rootward/;id=01`.
    pub fn parse(text: &str) -> Option<Self> {
        let (module, rest) = text.split_once(':')?;
        let (token, key) = rest.split_once('/')?;
        let (label, id) = with_mark(key, ";id=")?;
        let id = match id {
            Some(id) => Some(from_hex(id)?),
            None => None,
        };
        // A key without a label is named by its id alone.
        if label.is_empty() && id.is_none() {
            return None;
        }
        Some(ModuleKey {
            token: ModuleToken::parse(&format!("{module}:{token}"))?,
            label,
            id,
        })
    }

    /// What a person calls it: `rootward (softhsm), key root`.
    pub fn label(&self) -> String {
        format!("{}, {}", self.token.label(), self.key_label())
    }

    /// What a person calls it within its token: `key root`.
    pub fn key_label(&self) -> String {
        match &self.id {
            Some(id) if self.label.is_empty() => format!("key {}", hex(id)),
            Some(id) => format!("key {} ({})", self.label, hex(id)),
            None => format!("key {}", self.label),
        }
    }
}

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(&self.0, "/"))
    }
}

impl fmt::Display for ModuleToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.module, escaped(&self.label, ""))?;
        match &self.serial {
            Some(serial) => write!(f, ";serial={}", escaped(serial, "")),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ModuleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.token, escaped(&self.label, ""))?;
        match &self.id {
            Some(id) => write!(f, ";id={}", hex(id)),
            None => Ok(()),
        }
    }
}

/// A label and what stands behind its mark, if that is there.
///
/// A bare `/` is refused: nobody could tell which label it ends.
fn with_mark<'a>(text: &'a str, mark: &str) -> Option<(String, Option<&'a str>)> {
    if text.contains('/') {
        return None;
    }
    let (label, marked) = match text.split_once(mark) {
        Some((label, marked)) => (label, Some(marked)),
        None => (text, None),
    };
    Some((unescaped(label)?, marked))
}

fn escaped(text: &str, plain: &str) -> String {
    let mut written = String::new();
    for letter in text.chars() {
        if letter.is_alphanumeric() || "-._~+@,=".contains(letter) || plain.contains(letter) {
            written.push(letter);
            continue;
        }
        for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
            // Writing to a string does not fail.
            let _ = write!(written, "%{byte:02X}");
        }
    }
    written
}

/// Takes whatever cannot be mistaken for a mark, escaped or not; `None` for what is no text.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if letter == '%' {
            let digits = rest.get(1..3)?;
            bytes.extend(from_hex(digits)?);
            rest = &rest[3..];
            continue;
        }
        if letter == ';' || letter == ':' || letter.is_control() {
            return None;
        }
        bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        rest = &rest[letter.len_utf8()..];
    }
    String::from_utf8(bytes).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(module: &str, label: &str, serial: Option<&str>, key: &str, id: Option<&[u8]>) -> ModuleKey {
        ModuleKey {
            token: ModuleToken {
                module: ModuleName::new(module).expect("a module"),
                label: label.into(),
                serial: serial.map(str::to_owned),
            },
            label: key.into(),
            id: id.map(<[u8]>::to_vec),
        }
    }

    #[test]
    fn a_key_is_read_as_it_is_written_whatever_its_labels_hold() {
        for (key, written) in [
            (key("softhsm", "rootward", None, "root", None), "softhsm:rootward/root"),
            (
                key("/usr/lib/my module.so", "a", None, "b", None),
                "/usr/lib/my%20module.so:a/b",
            ),
            (
                key(
                    "/opt/x:y/z.so",
                    "HSM 1/2",
                    Some("0;1"),
                    "root: \"key\"\t%41\n",
                    Some(&[1, 0xff]),
                ),
                "/opt/x%3Ay/z.so:HSM%201%2F2;serial=0%3B1/root%3A%20%22key%22%09%2541%0A;id=01ff",
            ),
            (key("ykcs11", "", None, "", Some(&[2])), "ykcs11:/;id=02"),
            (
                key("opensc", "Schlüssel;id=9", None, "\u{202e}gnp.exe", None),
                "opensc:Schlüssel%3Bid=9/%E2%80%AEgnp.exe",
            ),
        ] {
            assert_eq!(key.to_string(), written);
            assert_eq!(ModuleKey::parse(written), Some(key));
        }
    }

    #[test]
    fn what_people_type_need_not_be_escaped_where_it_is_not_ambiguous() {
        let typed = ModuleKey::parse("softhsm:my token/the root (2029)").expect("a key");
        assert_eq!(typed, key("softhsm", "my token", None, "the root (2029)", None));
        assert_eq!(typed.label(), "my token (softhsm), key the root (2029)");
    }

    #[test]
    fn nothing_else_is_a_key() {
        for text in [
            "",
            ":",
            "softhsm",
            "softhsm:",
            "softhsm:token",
            "softhsm:token/",
            ":token/key",
            "SoftHSM:token/key",
            "lib/relative.so:token/key",
            "./x.so:token/key",
            "/:token/key",
            "softhsm:token/key;id=",
            "softhsm:token/key;id=0",
            "softhsm:token/key;id=0g",
            "softhsm:token/key;serial=1",
            "softhsm:token;id=01/key",
            "softhsm:token/key%",
            "softhsm:token/key%4",
            "softhsm:token/key%zz",
            "softhsm:token/%ff",
            "softhsm:token/%é1",
            "softhsm:a:b/key",
            "softhsm:a/b/key",
            "softhsm:token;serial=1/2/key",
            "softhsm:token/key\n",
            "/x%00y.so:token/key",
        ] {
            assert_eq!(ModuleKey::parse(text), None, "{text:?}");
        }
        assert!(
            ModuleToken::parse("softhsm:token/key").is_none()
                && ModuleToken::parse("softhsm:token").is_some()
                && ModuleToken::parse("softhsm:token;serial=%").is_none()
        );
    }
}
