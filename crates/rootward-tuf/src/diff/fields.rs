//! Members of the signed object that have no meaning of their own here, by JSON pointer (RFC 6901).

use std::collections::HashMap;

use crate::canonical::canonical;
use crate::json::{Object, Value};

/// A member that came, went, or has another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDifference {
    /// From the `signed` object down.
    pub pointer: String,
    /// Whether it came, went or has another value.
    pub change: FieldChange,
}

/// What became of a member between the earlier and the later document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldChange {
    /// Only the later document has it.
    Added,
    /// It would be lost.
    Removed,
    /// Both documents have it, with different values.
    Changed,
}

impl FieldDifference {
    pub(super) fn changed(pointer: String) -> Self {
        FieldDifference {
            pointer,
            change: FieldChange::Changed,
        }
    }
}

/// Compares two objects member by member, but for those that are told of otherwise.
pub(super) fn compare(
    above: &str,
    old: &Object,
    new: &Object,
    told: &dyn Fn(&str) -> bool,
    differences: &mut Vec<FieldDifference>,
) {
    let before: HashMap<&str, &Value> = old.iter().collect();
    let after: HashMap<&str, &Value> = new.iter().collect();
    let mut tell = |name: &str, change: FieldChange| {
        let pointer = format!("{above}/{}", escaped(name));
        differences.push(FieldDifference { pointer, change });
    };
    for (name, was) in old.iter().filter(|(name, _)| !told(name)) {
        match after.get(name) {
            None => tell(name, FieldChange::Removed),
            // In whatever order members come.
            Some(is) if *is != was && canonical(is) != canonical(was) => tell(name, FieldChange::Changed),
            Some(_) => {}
        }
    }
    for (name, _) in new
        .iter()
        .filter(|(name, _)| !told(name) && !before.contains_key(*name))
    {
        tell(name, FieldChange::Added);
    }
}

/// A member name in a pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
