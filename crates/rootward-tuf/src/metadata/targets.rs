//! Targets: the files a role vouches for, and the roles it delegates to.

use std::borrow::Cow;

use bytes::Bytes;

use crate::dialect::Dialect;
use crate::encoding::{hex, sha256};
use crate::json::{Name, Value};
use crate::key::KeyTable;
use crate::metadata::root::read_keys;
use crate::metadata::sealed::{Body, Entry};
use crate::metadata::{
    Beginnings, Cursor, DelegatedRoles, Document, Entries, Hashes, ReadError, RoleKeys, Text, matches_pattern,
};
use crate::role::RoleName;
use crate::time::Expiry;

/// The body of a targets document, top-level or delegated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    /// Grows with each new document of the role; at least 1 as read.
    pub version: u64,
    /// When the document stops being valid.
    pub expires: Expiry,
    /// By target path; in Notary a tag.
    pub targets: Entries<Target>,
    /// `None` if the role delegates to nobody: the member is absent or null.
    pub delegations: Option<Delegations>,
}

/// One file a role vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// In bytes.
    pub length: u64,
    /// Digests of the file's content.
    pub hashes: Hashes,
    /// What the signer adds for applications, kept as read; `None` if the member is absent.
    pub custom: Option<Value>,
}

/// The roles a document delegates to, in the order they are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegations {
    /// The keys that the delegated roles name by id.
    pub keys: KeyTable,
    /// The roles listed one by one; empty beside a succinct delegation.
    pub roles: DelegatedRoles,
    /// TAP 15: many roles with one set of keys, instead of `roles`.
    pub succinct: Option<SuccinctRoles>,
}

/// A role named by another for some paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegatedRole {
    /// The name the delegating document gives the role.
    pub name: RoleName,
    /// Who must sign the role's document.
    pub keys: RoleKeys,
    /// The target paths the role is trusted for.
    pub paths: PathSet,
    /// Whether a search that comes to this role ends with it.
    pub terminating: bool,
}

/// Which target paths a delegation is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathSet {
    /// TUF 1.0: shell patterns, in which `*` and `?` do not match `/`.
    Patterns(Vec<String>),
    /// TUF 1.0: the first hexadecimal digits of the SHA-256 of the path.
    HashPrefixes(Vec<String>),
    /// Notary: beginnings of the path; the empty one is all of them.
    Prefixes(Vec<String>),
}

/// 2^`bits` roles named by a prefix and a number in hexadecimal; a path belongs to the one its digest begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuccinctRoles {
    /// Who must sign the document of each of these roles.
    pub keys: RoleKeys,
    /// From 1 to 32.
    pub bits: u32,
    /// What every role's name begins with, before a dash and the number.
    pub name_prefix: String,
}

impl Document for Targets {
    const KIND: &'static str = "targets";

    fn version(&self) -> u64 {
        self.version
    }

    fn expires(&self) -> &Expiry {
        &self.expires
    }

    fn top_level_role() -> RoleName {
        RoleName::targets()
    }
}

impl Body for Targets {
    fn read_signed(signed: &Cursor<'_>, text: &Text, dialect: Dialect) -> Result<Self, ReadError> {
        let delegations = match signed.optional("delegations")? {
            Some(delegations) if !delegations.is_null() => Some(Delegations::read(&delegations, text, dialect)?),
            _ => None,
        };
        Ok(Targets {
            targets: Entries::read(&signed.member("targets")?, &text.bytes, dialect)?,
            version: signed.member("version")?.number(1)?,
            expires: signed.member("expires")?.expiry()?,
            delegations,
        })
    }

    fn move_to(&mut self, text: &Bytes) {
        self.targets.move_to(text);
        if let Some(delegations) = &mut self.delegations {
            delegations.roles.move_to(text);
        }
    }
}

impl Targets {
    /// Whether the role itself vouches for `path`.
    pub fn lists(&self, path: &str) -> bool {
        self.targets.contains_key(path)
    }

    /// The target paths listed, sorted.
    pub fn paths(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.targets.keys()
    }
}

impl Target {
    /// Describes a file by its length and both digests in common use.
    pub fn of(file: &[u8]) -> Self {
        Target {
            length: file.len() as u64,
            hashes: Hashes::of(file),
            custom: None,
        }
    }
}

impl Entry for Target {
    type Name<'a> = Cow<'a, str>;

    fn name(text: Cow<'_, str>) -> Self::Name<'_> {
        text
    }

    fn check(_: Name<'_>, at: &Cursor<'_>, dialect: Dialect) -> Result<usize, ReadError> {
        let (mut has_length, mut has_hashes) = (false, false);
        let end = at.check_members(|name, member| {
            if name.is("hashes") {
                has_hashes = true;
                return Hashes::check(member, dialect).map(Some);
            }
            if name.is("length") {
                member.number(0)?;
                has_length = true;
            }
            Ok(None)
        })?;
        match (has_length, has_hashes) {
            (true, true) => Ok(end),
            (false, _) => Err(at.missing("length")),
            (true, false) => Err(at.missing("hashes")),
        }
    }

    fn read(at: &Cursor<'_>, dialect: Dialect) -> Result<Self, ReadError> {
        Ok(Target {
            length: at.member("length")?.number(0)?,
            hashes: Hashes::read(&at.member("hashes")?, dialect)?,
            custom: at.optional("custom")?.map(|custom| custom.view().value()),
        })
    }
}

impl Delegations {
    /// The delegation to `name`, expanded from a succinct one if need be.
    pub fn role(&self, name: &RoleName) -> Option<DelegatedRole> {
        let listed = self.roles.get(name);
        listed.or_else(|| self.succinct.as_ref()?.role(name))
    }

    /// The delegations for `path`, in the order they are asked.
    pub fn covering(&self, path: &str) -> Vec<DelegatedRole> {
        let mut roles = self.roles.covering(path);
        let bin = self.succinct.as_ref();
        roles.extend(bin.and_then(|succinct| succinct.role(&succinct.bin_of(path))));
        roles
    }

    fn read(at: &Cursor<'_>, text: &Text, dialect: Dialect) -> Result<Self, ReadError> {
        let members = at.find_members(&text.long)?;
        let at = &at.among(&members);
        let keys = read_keys(&at.member("keys")?, dialect)?;
        let succinct = match dialect {
            Dialect::Tuf1 => at.optional("succinct_roles")?,
            Dialect::Notary => None,
        };
        let succinct = succinct.map(|succinct| SuccinctRoles::read(&succinct)).transpose()?;
        let roles = match at.optional("roles")? {
            None if succinct.is_some() => DelegatedRoles::none(dialect),
            None => return Err(at.error("roles")),
            Some(listed) if succinct.is_some() => return Err(listed.error("no roles beside succinct_roles")),
            Some(listed) if dialect == Dialect::Notary && listed.is_null() => DelegatedRoles::none(dialect),
            Some(listed) => DelegatedRoles::read(&listed, &text.bytes, dialect)?,
        };
        Ok(Delegations { keys, roles, succinct })
    }
}

impl DelegatedRole {
    /// Checks what [`Self::read`] will need; gives the place of the name's text, and where the role ends.
    pub(crate) fn check(at: &Cursor<'_>, dialect: Dialect) -> Result<(usize, usize), ReadError> {
        let (mut lists, mut name_place, mut has_keyids, mut has_threshold) = (0, None, false, false);
        let is_notary = dialect == Dialect::Notary;
        let end = at.check_members(|name, member| {
            if name.is("name") {
                let (end, text) = member.check_text()?;
                if text.written().is_empty() {
                    return Err(member.error("a role name"));
                }
                name_place = Some(member.view().start() + 1);
                return Ok(Some(end));
            } else if name.is("path_hash_prefixes") && !is_notary || name.is("paths") {
                lists += 1;
                if !(is_notary && member.is_null()) {
                    return member.check_texts().map(Some);
                }
            } else if name.is("keyids") {
                has_keyids = true;
                if !(is_notary && member.is_null()) {
                    return member.check_texts().map(Some);
                }
            } else if name.is("threshold") {
                has_threshold = true;
                member.number(RoleKeys::least_threshold(dialect))?;
            } else if name.is("terminating") && !is_notary {
                member.flag()?;
            }
            Ok(None)
        })?;
        if lists != 1 && !is_notary {
            return Err(at.error("either paths or path_hash_prefixes"));
        }
        let name_place = name_place.ok_or_else(|| at.missing("name"))?;
        match (has_keyids, has_threshold) {
            (true, true) => Ok((name_place, end)),
            (false, _) => Err(at.missing("keyids")),
            (true, false) => Err(at.missing("threshold")),
        }
    }

    pub(crate) fn read(at: &Cursor<'_>, dialect: Dialect) -> Result<Self, ReadError> {
        let [paths, prefixes, terminating, name] = at.pick(["paths", "path_hash_prefixes", "terminating", "name"])?;
        let is_by_digest = paths.is_none();
        let texts = match DelegatedRole::paths(at, paths, prefixes, dialect)? {
            Some(listed) => listed
                .items()?
                .map(|text| Ok(text.text()?.into_owned()))
                .collect::<Result<_, ReadError>>()?,
            None => Vec::new(),
        };
        Ok(DelegatedRole {
            name: at.required(name, "name")?.role_name()?,
            keys: RoleKeys::read(at, dialect)?,
            paths: match dialect {
                Dialect::Notary => PathSet::Prefixes(texts),
                Dialect::Tuf1 if is_by_digest => PathSet::HashPrefixes(texts),
                Dialect::Tuf1 => PathSet::Patterns(texts),
            },
            terminating: match (dialect, terminating) {
                (Dialect::Tuf1, Some(flag)) => flag.flag()?,
                _ => false,
            },
        })
    }

    /// The one list of paths a role has; Notary's may have none.
    fn paths<'b>(
        at: &Cursor<'_>,
        paths: Option<Cursor<'b>>,
        prefixes: Option<Cursor<'b>>,
        dialect: Dialect,
    ) -> Result<Option<Cursor<'b>>, ReadError> {
        match (dialect, paths, prefixes) {
            (Dialect::Notary, paths, _) => Ok(paths.filter(|paths| !paths.is_null())),
            (Dialect::Tuf1, Some(listed), None) | (Dialect::Tuf1, None, Some(listed)) => Ok(Some(listed)),
            (Dialect::Tuf1, ..) => Err(at.error("either paths or path_hash_prefixes")),
        }
    }
}

impl SuccinctRoles {
    /// The delegation to the bin `name`; `None` if it is none of these roles.
    pub fn role(&self, name: &RoleName) -> Option<DelegatedRole> {
        Some(DelegatedRole {
            name: name.clone(),
            keys: self.keys.clone(),
            paths: self.paths_of(name)?,
            terminating: true,
        })
    }

    /// The paths of the bin `name`; `None` if it is none of these roles.
    pub(crate) fn paths_of(&self, name: &RoleName) -> Option<PathSet> {
        let number = name.as_str().strip_prefix(&self.name_prefix)?.strip_prefix('-')?;
        let bin = u64::from_str_radix(number, 16)
            .ok()
            .filter(|bin| bin >> self.bits == 0)?;
        (self.bin_name(bin) == *name).then(|| PathSet::HashPrefixes(self.hash_prefixes(bin)))
    }

    /// The name of the bin `target` belongs to.
    pub fn bin_of(&self, target: &str) -> RoleName {
        let [a, b, c, d, ..] = sha256(target.as_bytes());
        self.bin_name(u64::from(u32::from_be_bytes([a, b, c, d]) >> (32 - self.bits)))
    }

    fn bin_name(&self, bin: u64) -> RoleName {
        let width = self.bits.div_ceil(4) as usize;
        let name = format!("{}-{bin:0width$x}", self.name_prefix);
        RoleName::new(name).unwrap_or_else(|_| RoleName::targets())
    }

    /// The digest prefixes of whole hexadecimal digits that make up a bin.
    fn hash_prefixes(&self, bin: u64) -> Vec<String> {
        let width = self.bits.div_ceil(4);
        let spare = width * 4 - self.bits;
        let digits = width as usize;
        (0..1u64 << spare)
            .map(|low| format!("{:0digits$x}", bin << spare | low))
            .collect()
    }

    fn read(at: &Cursor<'_>) -> Result<Self, ReadError> {
        let bits = at.member("bit_length")?;
        Ok(SuccinctRoles {
            keys: RoleKeys::read(at, Dialect::Tuf1)?,
            bits: match bits.number(1)? {
                number @ 1..=32 => number as u32,
                _ => return Err(bits.error("an integer from 1 to 32")),
            },
            name_prefix: at.member("name_prefix")?.text()?.into_owned(),
        })
    }
}

impl PathSet {
    /// Whether `path` is one of those the delegation is for.
    pub fn covers(&self, path: &str) -> bool {
        match self {
            PathSet::Patterns(patterns) => patterns.iter().any(|pattern| matches_pattern(pattern, path)),
            PathSet::Prefixes(prefixes) => prefixes.iter().any(|prefix| path.starts_with(prefix.as_str())),
            PathSet::HashPrefixes(prefixes) => {
                let digest = hex(&sha256(path.as_bytes()));
                prefixes.iter().any(|prefix| digest.starts_with(prefix.as_str()))
            }
        }
    }

    /// The texts as listed.
    pub fn texts(&self) -> &[String] {
        match self {
            PathSet::Patterns(texts) | PathSet::HashPrefixes(texts) | PathSet::Prefixes(texts) => texts,
        }
    }

    /// Notary: what is left of these prefixes when the parent itself has only `allowed`; `None` is everything.
    pub(crate) fn left_below(&self, allowed: Option<&[String]>) -> Vec<String> {
        let allowed = allowed.map(|allowed| Beginnings::of(allowed.iter().map(String::as_str)));
        let inside = |prefix: &&String| allowed.as_ref().is_none_or(|allowed| allowed.fit(prefix));
        self.texts().iter().filter(inside).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_cover_what_begins_with_them_and_digests_are_compared_as_written() {
        let prefixes = PathSet::Prefixes(vec!["v".to_owned(), "alice/".to_owned()]);
        assert!(prefixes.covers("v2") && prefixes.covers("alice/x") && !prefixes.covers("alice"));
        assert!(PathSet::Prefixes(vec![String::new()]).covers("anything"));
        assert!(!PathSet::Prefixes(Vec::new()).covers("anything"));
        // SHA-256 of "hashed.bin" begins with these digits; clients compare it with the text that is listed.
        let digest = hex(&sha256(b"hashed.bin"));
        let listed = |prefix: String| PathSet::HashPrefixes(vec![prefix]).covers("hashed.bin");
        assert!(listed(digest[..4].to_owned()) && listed(digest.clone()) && listed(String::new()));
        assert!(digest[..8].contains(|letter: char| letter.is_ascii_lowercase()));
        assert!(!listed(digest[..8].to_uppercase()) && !listed(digest + "00"));
    }

    #[test]
    fn succinct_roles_name_their_bins_and_every_path_has_exactly_one() {
        let keys = RoleKeys {
            keyids: Vec::new(),
            threshold: 1,
        };
        for bits in [1, 4, 5, 14, 32] {
            let succinct = SuccinctRoles {
                keys: keys.clone(),
                bits,
                name_prefix: "bin".to_owned(),
            };
            for path in ["a", "b/c", "é"] {
                let name = succinct.bin_of(path);
                let role = succinct.role(&name).unwrap();
                assert!(role.paths.covers(path), "{bits} {path} {name}");
            }
        }
        let succinct = SuccinctRoles {
            keys,
            bits: 5,
            name_prefix: "bin".to_owned(),
        };
        for (name, known) in [
            ("bin-00", true),
            ("bin-1f", true),
            ("bin-20", false),
            ("bin-1F", false),
            ("bin-0", false),
        ] {
            assert_eq!(succinct.role(&RoleName::new(name).unwrap()).is_some(), known, "{name}");
        }
    }
}
