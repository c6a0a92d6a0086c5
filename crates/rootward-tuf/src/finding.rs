//! Facts about a repository: what, on which role, how bad, and what shows it.

use std::fmt;

use crate::role::RoleName;

/// One fact, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of fact it is.
    pub code: Code,
    /// The role it is about.
    pub role: RoleName,
    /// How bad it is here.
    pub severity: Severity,
    /// Names and values, for messages and for tests; values may be text from outside.
    pub evidence: Vec<(&'static str, String)>,
}

/// How bad a finding is, from harmless to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Works today and should be changed.
    Warning,
    /// Clients refuse the role.
    Broken,
    /// Somebody may be attacking, or two authorities disagree.
    Suspect,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal $severity:ident $message:literal)*) => {
        /// What kinds of fact there are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            /// Every kind, each once.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The stable name used in output and in files of words.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }

            /// How bad this is unless a finding says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity),* }
            }

            fn sentence(self) -> &'static str {
                match self { $(Code::$name => $message),* }
            }
        }
    };
}

codes! {
    /// The expiry date of the document has passed.
    Expired "expired" Broken "{role} expired on {expires}"
    /// Too few different keys of the role have a good signature on its document.
    UnderThreshold "under-threshold" Broken "{role} has {counted} good signatures and needs {threshold}"
    /// One physical key under several ids: a client counts it more than once, we do not.
    OneKeyTwice "one-key-twice" Warning "clients count {clients} signatures on {role}, but only {ours} different keys signed"
    /// TUF: a keyid that is not the hash of the key it stands for.
    KeyidNotHash "keyid-not-hash" Info "the keyid {keyid} is no hash of its key"
    /// A key listed for the role that can never sign for it.
    UnusableKey "unusable-key" Warning "the key {keyid} of {role} cannot be used: {why}"
    /// The source answered that it has no such document.
    Missing "missing" Broken "{role} is not there"
    /// The document has more bytes than are read.
    TooLarge "too-large" Broken "{role} is larger than {limit} bytes"
    /// The source gave no answer that could be used.
    Unreachable "unreachable" Broken "{role} could not be fetched: {why}"
    /// The bytes are no document of this role.
    Unreadable "unreadable" Broken "{role} cannot be read: {why}"
    /// A lower version than the one trusted before.
    RolledBack "rolled-back" Suspect "expected at least version {expected} of {role}, got {found}"
    /// A role that the last trusted snapshot listed is gone from this one.
    RoleVanished "role-vanished" Suspect "{vanished} was listed before and is gone from {role}"
    /// Other bytes than the digest in the parent is of (TUF 5.5.2, 5.6.2).
    WrongHash "wrong-hash" Suspect "{role} is not the document that {parent} names: its {algorithm} differs"
    /// Not as many bytes as the parent names.
    WrongLength "wrong-length" Suspect "expected {expected} bytes of {role}, got {found}"
    /// Another version than the parent names (TUF 5.5.4, 5.6.4) or, for root, than comes next (5.3.5).
    WrongVersion "wrong-version" Suspect "expected version {expected} of {role}, got {found}"
    /// No digest of an algorithm we know.
    NoKnownHash "no-known-hash" Broken "{parent} gives no digest of {role} that can be checked"
    /// A role without an entry in the snapshot.
    NotListed "not-listed" Broken "{parent} delegates to {role}, but snapshot does not list it"
    /// Notary: a delegation nobody has signed for yet.
    NotPublished "not-published" Info "{role} has not been published yet"
    /// A root version between the newest proven one and a later one is missing.
    RootGap "root-gap" Broken "root version {found} is not there, so versions after {last} cannot be proven"
    /// Too few keys of the root version before signed this one (TUF 5.3.4).
    RootNotSignedByPredecessor "root-not-signed-by-predecessor" Suspect "root version {version} has {counted} good signatures by the keys of version {before} and needs {threshold}"
    /// Two documents of one version.
    SameVersionDiffers "same-version-differs" Suspect "version {version} of {role} is another document than the one trusted before"
    /// Notary: a root key whose certificate may not hold one.
    CertificateRefused "certificate-refused" Warning "the key {keyid} of {role} does not count: {why}"
    /// Notary: the pins, or the pinned authorities, leave no root key that counts.
    NotPinned "not-pinned" Suspect "no key of {role} is one of the pinned ones"
    /// A listed target that a delegation to the role does not cover.
    PathOutside "path-outside" Warning "{role} lists {path}, which is not delegated to it"
    /// Notary: a delegation whose name is not the delegating role's and one part more.
    MisplacedDelegation "misplaced-delegation" Warning "{role} delegates to {name}, which is not directly below it: clients never look there"
    /// The limit on delegated roles was reached.
    TooManyRoles "too-many-roles" Broken "{role} delegates to more than {limit} roles, the rest was not read"
    /// The limit on root versions was reached.
    TooManyRoots "too-many-roots" Broken "more than {limit} root versions, the rest was not read"
    /// Nobody has confirmed a root of this repository yet.
    NoAnchor "no-anchor" Warning "there is no trusted root to start from"
    /// Found by whoever fetches, not by the walk.
    PlainHttp "plain-http" Info "metadata comes over plain HTTP: anybody on the way can watch it and hold it back"
    /// A delegated role whose document cannot be asked for by its name.
    RoleNameUnusable "role-name-unusable" Broken "the name of {role} cannot be a file name: {why}"
}

impl Finding {
    /// A fact as bad as its kind is by itself.
    pub fn new(code: Code, role: &RoleName, evidence: Vec<(&'static str, String)>) -> Self {
        Finding {
            code,
            role: role.clone(),
            severity: code.severity(),
            evidence,
        }
    }

    /// The evidence of that name.
    pub fn evidence(&self, name: &str) -> Option<&str> {
        self.evidence
            .iter()
            .find(|(have, _)| *have == name)
            .map(|(_, value)| value.as_str())
    }

    /// One plain sentence without a full stop. Holds text from outside: make it visible before showing it.
    pub fn message(&self) -> String {
        let mut message = String::new();
        let mut rest = self.code.sentence();
        while let Some((before, after)) = rest.split_once('{') {
            message.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            message.push_str(if name == "role" {
                self.role.as_str()
            } else {
                self.evidence(name).unwrap_or("?")
            });
            rest = after;
        }
        message.push_str(rest);
        message
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Severity {
    /// The name in lower case, as used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Broken => "broken",
            Severity::Suspect => "suspect",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_kebab_case_and_unlike() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()));
            assert!(
                code.as_str()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            );
        }
    }

    #[test]
    fn the_message_is_filled_from_the_evidence() {
        let evidence = vec![("expected", "8".to_owned()), ("found", "{role}".to_owned())];
        let finding = Finding::new(Code::WrongVersion, &RoleName::root(), evidence);
        assert_eq!(finding.message(), "expected version 8 of root, got {role}");
    }
}
