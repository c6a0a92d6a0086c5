//! Target files: whether one is what metadata says of it, and by which names it is asked for and stored (TUF 5.7).
//!
//! A target path is chosen by whoever signs the targets: it may hold anything, and may not lead anywhere.

use std::fmt;

use crate::encoding::{hex, percent};
use crate::metadata::{HashMatch, Target};

/// A target path of which names can be made that stay inside a folder: parts divided by `/`, none of them empty, `.` or
/// `..`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetPath(String);

/// Why no name can be made of a target path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetPathError {
    /// An empty part, `.` or `..`: it would lead out of the folder or have two spellings.
    #[error("expected a path whose parts are neither empty nor dots, found {0:?}")]
    LeadsElsewhere(String),
    /// Its file name would have this many bytes, more than file systems take.
    #[error("expected a path whose file name has at most {LONGEST_NAME} bytes, found {0}")]
    TooLong(usize),
}

/// What is wrong with a file that claims to be a target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetMismatch {
    /// In bytes.
    #[error("expected {expected} bytes, found {found}")]
    Length {
        /// What the metadata says.
        expected: u64,
        /// What the file has.
        found: u64,
    },
    /// A digest of the file is not the one the metadata gives.
    #[error("its {algorithm} is another")]
    Hash {
        /// The name the metadata gives the digest.
        algorithm: String,
    },
    /// The metadata has no digest of an algorithm we know.
    #[error("the metadata gives no digest of it that can be checked")]
    NoKnownHash,
}

/// Most file systems' limit, less what a temporary name adds.
const LONGEST_NAME: usize = 230;

impl TargetPath {
    /// Takes a path as metadata lists it.
    pub fn new(path: &str) -> Result<Self, TargetPathError> {
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(TargetPathError::LeadsElsewhere(path.to_owned()));
        }
        Ok(TargetPath(path.to_owned()))
    }

    /// The path as metadata lists it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path a repository serves `target` by, below its folder of targets, in parts as they are (not encoded).
    ///
    /// With consistent snapshots the last part begins with a digest and a dot (TUF 5.7.3). `None` if that takes a digest
    /// and there is none of an algorithm we know.
    pub fn served(&self, target: &Target, consistent_snapshot: bool) -> Option<Vec<String>> {
        let mut parts: Vec<String> = self.0.split('/').map(str::to_owned).collect();
        if consistent_snapshot {
            let digest = target.hashes.get("sha256").or_else(|| target.hashes.get("sha512"))?;
            let last = parts.last_mut()?;
            *last = format!("{}.{last}", hex(digest));
        }
        Some(parts)
    }

    /// The name under which the file lies in a folder of downloads: the whole path as one component.
    ///
    /// Fails if it would be longer than file systems take.
    pub fn file_name(&self) -> Result<String, TargetPathError> {
        let name = percent(&self.0);
        if name.len() > LONGEST_NAME {
            return Err(TargetPathError::TooLong(name.len()));
        }
        Ok(name)
    }
}

impl fmt::Display for TargetPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Target {
    /// Checks that a file is this target: its length, and every digest of an algorithm we know, of which there must be one
    /// (TUF 5.7.2, 5.7.3).
    pub fn check(&self, file: &[u8]) -> Result<(), TargetMismatch> {
        let (expected, found) = (self.length, file.len() as u64);
        if expected != found {
            return Err(TargetMismatch::Length { expected, found });
        }
        match self.hashes.compare(file) {
            HashMatch::Matches => Ok(()),
            HashMatch::Differs { algorithm } => Err(TargetMismatch::Hash { algorithm }),
            HashMatch::NoneKnown => Err(TargetMismatch::NoKnownHash),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Hashes;

    #[test]
    fn a_target_path_cannot_lead_out_of_its_folder() {
        for bad in [
            "",
            "/etc/passwd",
            "https://x",
            "../x",
            "a/../x",
            "a//b",
            "a/",
            ".",
            "a/./b",
            "..",
        ] {
            assert!(
                matches!(TargetPath::new(bad), Err(TargetPathError::LeadsElsewhere(_))),
                "{bad}"
            );
        }
        let digest = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73";
        let cases = [
            ("file", "file"),
            ("a/b.txt", "a%2Fb.txt"),
            ("a\\..\\b?#\0", "a%5C..%5Cb%3F%23%00"),
            ("%2e%2e/x", "%252e%252e%2Fx"),
            ("...", "..."),
        ];
        let target = Target::of(b"content");
        for (listed, stored) in cases {
            let path = TargetPath::new(listed).unwrap();
            assert_eq!(path.served(&target, false).unwrap().join("/"), listed);
            assert_eq!(path.file_name().unwrap(), stored);
            let (folder, name) = listed
                .rsplit_once('/')
                .map_or((String::new(), listed), |(above, name)| (format!("{above}/"), name));
            let served = path.served(&target, true).unwrap();
            assert_eq!(served.join("/"), format!("{folder}{digest}.{name}"));
        }
        let long = TargetPath::new(&"n".repeat(300)).unwrap();
        assert_eq!(long.file_name(), Err(TargetPathError::TooLong(300)));
    }

    #[test]
    fn a_file_is_the_target_when_length_and_every_known_digest_fit() {
        let target = Target::of(b"content");
        assert_eq!(target.check(b"content"), Ok(()));
        assert_eq!(
            target.check(b"CONTENT"),
            Err(TargetMismatch::Hash {
                algorithm: "sha256".to_owned()
            })
        );
        assert_eq!(
            target.check(b"conten"),
            Err(TargetMismatch::Length { expected: 7, found: 6 })
        );
        let unknown = Target {
            hashes: Hashes::default(),
            ..target.clone()
        };
        assert_eq!(unknown.check(b"content"), Err(TargetMismatch::NoKnownHash));
        assert_eq!(TargetPath::new("a").unwrap().served(&unknown, true), None);
    }
}
