//! The roles a document delegates to, in the order they are asked, left where they lie: there may be tens of thousands of
//! bins, and a search asks one.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::dialect::Dialect;
use crate::encoding::sha256;
use crate::json::{Name, View};
use crate::metadata::{Cursor, DelegatedRole, ReadError};
use crate::role::RoleName;

/// Delegated roles, each checked when the document was read and decoded when it is asked for.
///
/// Holds the text they are in, and twelve bytes for each. Cheap to clone.
#[derive(Clone)]
pub struct DelegatedRoles {
    text: Bytes,
    dialect: Dialect,
    places: Arc<Places>,
}

struct Places {
    /// Where each role begins in the text, in the order listed.
    roles: Vec<u32>,
    /// By their names.
    by_name: Vec<Named>,
    /// Made when a path is first looked for.
    prefixes: OnceLock<Prefixes>,
}

/// Where the content of a role's name begins in the text, and the role's index.
struct Named {
    name: u32,
    role: u32,
}

/// Which roles have which digest prefixes, so that one hash finds its bin among many.
struct Prefixes {
    /// The first 16 digits of each prefix, how many digits it has, and the role's index; sorted.
    short: Vec<(u64, u8, u32)>,
    /// How many digits prefixes have.
    lengths: Vec<u8>,
    /// Indices of roles with other kinds of paths, or longer prefixes.
    others: Vec<u32>,
}

/// Digits that a prefix in [`Prefixes::short`] has at most.
const SHORT: usize = 16;

impl DelegatedRoles {
    /// How many roles are listed.
    pub fn len(&self) -> usize {
        self.places.roles.len()
    }

    /// Whether no role is listed.
    pub fn is_empty(&self) -> bool {
        self.places.roles.is_empty()
    }

    /// The roles in the order they are asked.
    pub fn iter(&self) -> impl Iterator<Item = DelegatedRole> {
        self.places.roles.iter().filter_map(|&place| self.decode(place))
    }

    /// Finds a role by its name. Takes time in the logarithm of how many there are.
    pub fn get(&self, name: &RoleName) -> Option<DelegatedRole> {
        let names = &self.places.by_name;
        let name_at = |place: u32| Name::beginning(&self.text, place as usize, name.as_str().len());
        let compare = |named: &Named| name_at(named.name).compare_to(name.as_str());
        let found = names.binary_search_by(compare).ok()?;
        self.decode(self.places.roles[names[found].role as usize])
    }

    /// The roles for `path`, in the order they are asked.
    ///
    /// Among bins by digest prefix it takes time in the logarithm of how many there are; patterns are tried one by one.
    pub fn covering(&self, path: &str) -> Vec<DelegatedRole> {
        let prefixes = self.places.prefixes.get_or_init(|| self.prefixes());
        let mut roles = prefixes.short_ones(path);
        roles.extend_from_slice(&prefixes.others);
        roles.sort_unstable();
        roles.dedup();
        let decoded = roles
            .into_iter()
            .filter_map(|role| self.decode(self.places.roles[role as usize]));
        decoded.filter(|role| role.paths.covers(path)).collect()
    }

    pub(crate) fn none(dialect: Dialect) -> Self {
        DelegatedRoles {
            text: Bytes::new(),
            dialect,
            places: Arc::new(Places {
                roles: Vec::new(),
                by_name: Vec::new(),
                prefixes: OnceLock::new(),
            }),
        }
    }

    /// Checks every role of the array at `at`, which lies in `text`.
    pub(crate) fn read(at: &Cursor<'_>, text: &Bytes, dialect: Dialect) -> Result<Self, ReadError> {
        let mut roles = Vec::new();
        if !at.view().is_array() {
            return Err(at.error("an array"));
        }
        let mut steps = at.view().steps();
        while !steps.is_at_end() {
            let entry = Cursor::at_item(at, roles.len(), steps.view());
            let (place, end) = DelegatedRole::check(&entry, dialect)?;
            let name = Name::at(text, place);
            if is_top_level(name) {
                return Err(entry.error("the name of a delegated role, not a top-level one"));
            }
            roles.push((entry.view().start() as u32, place as u32, name));
            steps.go_on(end);
        }
        let mut by_name: Vec<u32> = (0..roles.len() as u32).collect();
        let name = |role: u32| roles[role as usize].2;
        let ascends = |pair: &[u32]| name(pair[0]).compare(name(pair[1])).is_lt();
        let mut again = None;
        if !by_name.windows(2).all(ascends) {
            by_name.sort_by(|&one, &other| name(one).compare(name(other)));
            let pairs = by_name.windows(2).filter(|pair| !ascends(pair));
            again = pairs.map(|pair| pair[1]).min();
        }
        if let Some(again) = again {
            let view = View::new(text, roles[again as usize].0 as usize);
            return Err(Cursor::at_item(at, again as usize, view).error("each delegated role once"));
        }
        Ok(DelegatedRoles {
            text: text.clone(),
            dialect,
            places: Arc::new(Places {
                by_name: by_name
                    .into_iter()
                    .map(|role| Named {
                        name: roles[role as usize].1,
                        role,
                    })
                    .collect(),
                roles: roles.into_iter().map(|(place, ..)| place).collect(),
                prefixes: OnceLock::new(),
            }),
        })
    }

    /// The same roles in another copy of the text.
    pub(crate) fn move_to(&mut self, text: &Bytes) {
        if !self.is_empty() {
            self.text = text.clone();
        }
    }

    fn prefixes(&self) -> Prefixes {
        let mut prefixes = Prefixes {
            short: Vec::new(),
            lengths: Vec::new(),
            others: Vec::new(),
        };
        for (role, &place) in (0..).zip(&self.places.roles) {
            let entry = self.entry(place);
            let listed = match entry.optional("path_hash_prefixes") {
                Ok(Some(listed)) if self.dialect == Dialect::Tuf1 => listed.view().items(),
                _ => None,
            };
            match listed {
                Some(texts) => prefixes.add(role, texts),
                None => prefixes.others.push(role),
            }
        }
        prefixes.short.sort_unstable();
        prefixes.lengths = prefixes.short.iter().map(|&(_, length, _)| length).collect();
        prefixes.lengths.sort_unstable();
        prefixes.lengths.dedup();
        prefixes
    }

    fn decode(&self, place: u32) -> Option<DelegatedRole> {
        DelegatedRole::read(&self.entry(place), self.dialect).ok()
    }

    fn entry(&self, place: u32) -> Cursor<'_> {
        Cursor::top(View::new(&self.text, place as usize), "role")
    }
}

impl Prefixes {
    fn add<'a>(&mut self, role: u32, texts: impl Iterator<Item = View<'a>>) {
        for text in texts {
            let text = text.string().map(Name::written).unwrap_or_default();
            match leading_digits(text) {
                Some(digits) => self.short.push((digits, text.len() as u8, role)),
                None => self.others.push(role),
            }
        }
    }

    /// Indices of the roles one of whose short prefixes the digest of `path` begins with.
    fn short_ones(&self, path: &str) -> Vec<u32> {
        let [a, b, c, d, e, f, g, h, ..] = sha256(path.as_bytes());
        let digest = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let mut roles = Vec::new();
        for &length in &self.lengths {
            let wanted = (kept(digest, length), length);
            let first = self
                .short
                .partition_point(|&(digits, length, _)| (digits, length) < wanted);
            let same = self.short[first..]
                .iter()
                .take_while(|&&(digits, length, _)| (digits, length) == wanted);
            roles.extend(same.map(|&(_, _, role)| role));
        }
        roles
    }
}

/// The digits of a short prefix, moved to the top of 64 bits; `None` for what is no such prefix.
fn leading_digits(text: &[u8]) -> Option<u64> {
    if text.len() > SHORT {
        return None;
    }
    let digits = text.iter().try_fold(0_u64, |digits, &byte| {
        Some(digits << 4 | u64::from(char::from(byte).to_digit(16)?))
    })?;
    let unused = 4 * (SHORT - text.len()) as u32;
    Some(digits.checked_shl(unused).unwrap_or(0))
}

/// The first `length` digits of a digest's first 16.
fn kept(digest: u64, length: u8) -> u64 {
    let unused = 4 * (SHORT as u32 - u32::from(length));
    digest
        .checked_shr(unused)
        .and_then(|digits| digits.checked_shl(unused))
        .unwrap_or(0)
}

fn is_top_level(name: Name<'_>) -> bool {
    ["root", "targets", "snapshot", "timestamp"]
        .iter()
        .any(|top| name.is(top))
}

impl PartialEq for DelegatedRoles {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for DelegatedRoles {}

impl fmt::Debug for DelegatedRoles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
