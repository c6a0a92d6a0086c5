//! Names of roles, and the file names they may become.
//!
//! A delegated role's name is chosen by whoever signs the delegation: it may hold anything. Only [`RoleName::file_stem`]
//! may be used to build a path.

use std::fmt;

use crate::encoding::{from_hex, percent};

/// The name of a role; never empty, otherwise any text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(String);

/// A text that cannot be used as a role name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleNameError {
    /// The text has no characters at all.
    #[error("expected a role name, found an empty text")]
    Empty,
    /// The stem of its file name would have this many bytes, more than [`LONGEST_STEM`].
    #[error("expected a role name whose file name has at most {LONGEST_STEM} bytes, found {0}")]
    TooLong(usize),
}

/// Leaves room in a file name of 255 bytes for a version or digest before the stem and `.json` after it.
pub const LONGEST_STEM: usize = 180;

impl RoleName {
    /// Takes any text but the empty one.
    pub fn new(name: impl Into<String>) -> Result<Self, RoleNameError> {
        let name = name.into();
        if name.is_empty() {
            Err(RoleNameError::Empty)
        } else {
            Ok(RoleName(name))
        }
    }

    /// Takes what was checked not to be empty when its document was read.
    pub(crate) fn of_checked(name: impl Into<String>) -> Self {
        RoleName(name.into())
    }

    /// TUF's `root`.
    pub fn root() -> Self {
        RoleName("root".to_owned())
    }

    /// The top-level `targets`.
    pub fn targets() -> Self {
        RoleName("targets".to_owned())
    }

    /// TUF's `snapshot`.
    pub fn snapshot() -> Self {
        RoleName("snapshot".to_owned())
    }

    /// TUF's `timestamp`.
    pub fn timestamp() -> Self {
        RoleName("timestamp".to_owned())
    }

    /// The name as signed; may hold anything, so it is no file name and is made visible before it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is root, targets, snapshot or timestamp.
    pub fn is_top_level(&self) -> bool {
        matches!(self.as_str(), "root" | "targets" | "snapshot" | "timestamp")
    }

    /// The name as one component of a path: all but letters, digits, `_`, `-`, `~` and `.` is percent-encoded.
    ///
    /// Never holds `/`, `\` or NUL and is never `.` or `..`. Fails when it would be longer than [`LONGEST_STEM`].
    pub fn file_stem(&self) -> Result<String, RoleNameError> {
        if self.0 == "." || self.0 == ".." {
            return Ok(self.0.replace('.', "%2E"));
        }
        let stem = percent(&self.0);
        if stem.len() > LONGEST_STEM {
            Err(RoleNameError::TooLong(stem.len()))
        } else {
            Ok(stem)
        }
    }

    /// Reads what [`Self::file_stem`] writes; `None` for anything it would not write.
    pub fn from_file_stem(stem: &str) -> Option<Self> {
        let mut bytes = Vec::with_capacity(stem.len());
        let mut rest = stem.as_bytes();
        while let [first, after @ ..] = rest {
            rest = after;
            match (first, after) {
                (b'%', [high, low, after @ ..]) => {
                    bytes.extend(from_hex(std::str::from_utf8(&[*high, *low]).ok()?)?);
                    rest = after;
                }
                (plain, _) => bytes.push(*plain),
            }
        }
        let role = RoleName::new(String::from_utf8(bytes).ok()?).ok()?;
        (role.file_stem().as_deref() == Ok(stem)).then_some(role)
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for RoleName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_one_harmless_file_name() {
        let cases = [
            ("targets", "targets"),
            ("registry.example.org", "registry.example.org"),
            ("targets/releases", "targets%2Freleases"),
            ("..", "%2E%2E"),
            (".", "%2E"),
            ("../x", "..%2Fx"),
            ("/x", "%2Fx"),
            ("a\\b\0", "a%5Cb%00"),
            ("?#%", "%3F%23%25"),
            ("é\u{202e}", "%C3%A9%E2%80%AE"),
            ("C:con", "C%3Acon"),
        ];
        for (name, stem) in cases {
            let role = RoleName::new(name).unwrap();
            assert_eq!(role.file_stem().unwrap(), stem);
            assert_eq!(RoleName::from_file_stem(stem), Some(role));
        }
        for other in ["", "a/b", "%2", "%2f", "%zz", "%61", "%FF", "..", "a b"] {
            assert_eq!(RoleName::from_file_stem(other), None, "{other}");
        }
        assert_eq!(RoleName::new(""), Err(RoleNameError::Empty));
        assert!(RoleName::new("x".repeat(4000)).unwrap().file_stem().is_err());
    }
}
