//! Two versions of a document compared, for people: in sentences and line by line.
//!
//! Both are computed from the documents alone. Names may be given for keys to which the documents give none.

mod targets;

use std::collections::HashMap;

use rootward_tuf::{
    canonical::canonical,
    diff::{KeyChange, ListingDifference, RootDifference, diff_roots, diff_snapshots, diff_timestamps},
    draft::AnyFrozen,
    encoding::hex,
    json::{self, Object, Value},
    key::{KeyId, PhysicalKey},
    metadata::{Envelope, Hashes, MetaEntry, Root, Snapshot},
    role::RoleName,
};

use crate::ceremony::{Delta, Grounds, NamedKey};

use super::{DiffLine, Mark, NumberedLine, Sentence, Voice, counted, short, visible};

/// What `new` changes against `old`, one sentence each: keys first, what stays last.
pub fn root_differences(
    old: &Envelope<Root>,
    new: &Envelope<Root>,
    names: &HashMap<PhysicalKey, String>,
) -> Vec<Sentence> {
    let differences = diff_roots(old, new);
    let mut sentences: Vec<Sentence> = differences
        .iter()
        .filter_map(|difference| told(difference, names))
        .collect();
    sentences.extend(thresholds_that_stay(old.body(), new.body()));
    sentences.push(everything_else(old.body(), new.body(), &differences));
    sentences
}

/// The signed parts side by side, pretty-printed with sorted members.
pub fn root_lines(old: &Envelope<Root>, new: &Envelope<Root>) -> Vec<DiffLine> {
    lines(&printed(old.signed()), &printed(new.signed()))
}

/// What a document changes against the one it follows, one sentence each.
pub fn document_differences(grounds: &Grounds, new: &AnyFrozen, names: &HashMap<PhysicalKey, String>) -> Vec<Sentence> {
    match new {
        AnyFrozen::Root(new) => match grounds.root() {
            Some(old) => root_differences(old, new.envelope(), names),
            None => first_root(new.envelope(), names),
        },
        AnyFrozen::Targets(frozen) => match grounds.targets_of(frozen.role()) {
            Some(old) => targets::targets_differences(frozen.role(), old, frozen.envelope(), names),
            None => targets::first(frozen.role(), frozen.envelope(), names),
        },
        AnyFrozen::Snapshot(new) => match grounds.snapshot() {
            Some(old) => snapshot_differences(old, new.envelope()),
            None => vec![first_of("snapshot", &new.body().expires.text)],
        },
        AnyFrozen::Timestamp(new) => match grounds.timestamp() {
            Some(old) => {
                let mut said = named_otherwise(&diff_timestamps(old, new.envelope()));
                said.push(end_of("timestamp", &old.body().expires.text, &new.body().expires.text));
                said
            }
            None => vec![first_of("timestamp", &new.body().expires.text)],
        },
    }
}

/// The root with which a repository begins: who signs what, and how many of them.
fn first_root(root: &Envelope<Root>, names: &HashMap<PhysicalKey, String>) -> Vec<Sentence> {
    let body = root.body();
    let mut said = vec![first_of("root", &body.expires.text)];
    let order = [
        RoleName::root(),
        RoleName::targets(),
        RoleName::snapshot(),
        RoleName::timestamp(),
    ];
    for role in order {
        let Some(listed) = body.role(&role) else { continue };
        let keys = listed.keyids.iter().filter_map(|keyid| body.keys.get(keyid));
        let keys: Vec<NamedKey> = keys.filter_map(|key| NamedKey::of(key, names)).collect();
        said.extend(keys.iter().map(|key| {
            Sentence::new(Mark::Added)
                .subject(&key.label)
                .plain(" joins ")
                .added(role.as_str())
                .plain(", keyid ")
                .evidence(short(key.shown_id().as_str()))
                .plain(".")
        }));
        said.push(Sentence::new(Mark::Note).subject(role.as_str()).plain(format!(
            " needs {} of {}.",
            counted(listed.threshold, "signature"),
            counted(keys.len() as u64, "key"),
        )));
    }
    if root.dialect() == rootward_tuf::Dialect::Tuf1 {
        said.push(Sentence::note(match body.consistent_snapshot {
            true => "Names of files carry versions: clients meet no mixture while others appear.",
            false => "Names of files carry no versions: clients that come while files are replaced are refused and try again.",
        }));
    }
    said
}

fn first_of(role: &str, ends: &str) -> Sentence {
    Sentence::new(Mark::Added)
        .subject(role)
        .plain(" v1 is the first, and ends on ")
        .added(ends)
        .plain(".")
}

/// Both documents side by side, as [`root_lines`].
pub fn document_lines(grounds: &Grounds, new: &AnyFrozen) -> Vec<DiffLine> {
    let against =
        |old: Option<&Object>, new: &Object| old.map_or_else(Vec::new, |old| lines(&printed(old), &printed(new)));
    match new {
        AnyFrozen::Root(new) => against(grounds.root().map(|root| root.signed()), new.envelope().signed()),
        AnyFrozen::Targets(new) => {
            let old = grounds.targets_of(new.role()).map(Envelope::signed);
            against(old, new.envelope().signed())
        }
        AnyFrozen::Snapshot(new) => against(grounds.snapshot().map(Envelope::signed), new.envelope().signed()),
        AnyFrozen::Timestamp(new) => against(grounds.timestamp().map(Envelope::signed), new.envelope().signed()),
    }
}

/// What a root will change whose bytes cannot be known yet, because something in it is still to be made.
pub fn planned_differences(deltas: &[Delta]) -> Vec<Sentence> {
    let mut said = Vec::new();
    for delta in deltas.iter().filter(|delta| delta.by == RoleName::root()) {
        let role = delta.role.as_str();
        let leaves = |key: &NamedKey| {
            Sentence::new(Mark::Removed)
                .subject(&key.label)
                .plain(" leaves ")
                .removed(role)
                .plain(", keyid ")
                .evidence(short(key.shown_id().as_str()))
                .plain(".")
        };
        let joins = |key: &NamedKey| {
            Sentence::new(Mark::Added)
                .subject(&key.label)
                .plain(" joins ")
                .added(role)
                .plain(", canonical id ")
                .evidence(short(key.canonical.as_str()))
                .plain(".")
        };
        said.extend(delta.left.iter().map(leaves));
        said.extend(delta.joined.iter().map(joins));
        if delta.server_makes {
            said.push(
                Sentence::new(Mark::Added)
                    .plain("A key that the server makes joins ")
                    .added(role)
                    .plain("."),
            );
        }
    }
    let made = |delta: &Delta| delta.joined.iter().any(|key| key.keyid.is_none());
    let waits_for = match (deltas.iter().any(made), deltas.iter().any(|delta| delta.server_makes)) {
        (true, true) => "every key that joins has signed its certificate and the server has made its keys",
        (false, true) => "the server has made its key",
        (_, false) => "every key that joins has signed its certificate",
    };
    said.push(Sentence::note(format!(
        "The bytes and their digest are known when {waits_for}: the next step sees to it, and signs nothing else."
    )));
    said
}

fn snapshot_differences(old: &Envelope<Snapshot>, new: &Envelope<Snapshot>) -> Vec<Sentence> {
    let differences = diff_snapshots(old, new);
    let mut said = named_otherwise(&differences);
    let stays = |difference: &&ListingDifference| {
        matches!(
            difference,
            ListingDifference::Unlisted { .. } | ListingDifference::Relisted { .. }
        )
    };
    let (old, new) = (old.body(), new.body());
    let kept = old.meta.len().saturating_sub(differences.iter().filter(stays).count()) as u64;
    said.push(Sentence::new(Mark::Same).plain(format!("{} named as before.", counted(kept, "document"))));
    said.push(end_of("snapshot", &old.expires.text, &new.expires.text));
    said
}

/// What a snapshot or timestamp names otherwise, and every other member that comes, goes or changes.
fn named_otherwise(differences: &[ListingDifference]) -> Vec<Sentence> {
    let said = differences.iter().filter_map(|difference| match difference {
        // Said elsewhere.
        ListingDifference::Version { .. } | ListingDifference::ExpiryChanged { .. } => None,
        ListingDifference::Listed { role, entry } => named_document(role, None, Some(entry)),
        ListingDifference::Unlisted { role, entry } => named_document(role, Some(entry), None),
        ListingDifference::Relisted { role, from, to } => named_document(role, Some(from), Some(to)),
        ListingDifference::Field(field) => told(&RootDifference::from(field.clone()), &HashMap::new()),
    });
    said.collect()
}

/// A document that is named otherwise than before.
fn named_document(role: &RoleName, old: Option<&MetaEntry>, new: Option<&MetaEntry>) -> Option<Sentence> {
    let told = |entry: &MetaEntry| match (entry.version, entry.hashes.as_ref().and_then(Hashes::sha256)) {
        (Some(version), _) => format!("v{version}"),
        (None, Some(digest)) => short(&hex(&digest)),
        (None, None) => "no version or digest".to_owned(),
    };
    match (old, new) {
        (Some(old), Some(new)) if old == new => None,
        (Some(old), Some(new)) => Some(
            Sentence::new(Mark::Changed)
                .plain("It names ")
                .subject(role.as_str())
                .plain(" ")
                .added(told(new))
                .plain(" instead of ")
                .removed(told(old))
                .plain("."),
        ),
        (None, Some(new)) => Some(
            Sentence::new(Mark::Added)
                .plain("It names ")
                .subject(role.as_str())
                .plain(" ")
                .added(told(new))
                .plain(", which it did not before."),
        ),
        (Some(_), None) => Some(
            Sentence::new(Mark::Removed)
                .plain("It names ")
                .subject(role.as_str())
                .plain(" no longer."),
        ),
        (None, None) => None,
    }
}

fn end_of(role: &str, old: &str, new: &str) -> Sentence {
    if old == new {
        return Sentence::new(Mark::Same)
            .subject(role)
            .plain(" ends as before, on ")
            .evidence(new)
            .plain(".");
    }
    Sentence::new(Mark::Changed)
        .subject(role)
        .plain(" expires on ")
        .added(new)
        .plain(" instead of ")
        .removed(old)
        .plain(".")
}

/// One difference as a sentence; `None` for the versions, which are said wherever two roots are named.
pub(super) fn told(difference: &RootDifference, names: &HashMap<PhysicalKey, String>) -> Option<Sentence> {
    let sentence = match difference {
        // Said wherever the two versions are named.
        RootDifference::Version { .. } => return None,
        RootDifference::KeyLeft(change) => subject(Mark::Removed, change, names)
            .plain(" leaves ")
            .list(Voice::Removed, &role_names(&change.roles))
            .plain(", keyid ")
            .evidence(short(change.keyid.as_str()))
            .plain("."),
        RootDifference::KeyJoined(change) => subject(Mark::Added, change, names)
            .plain(" joins ")
            .list(Voice::Added, &role_names(&change.roles))
            .plain(", keyid ")
            .evidence(short(change.keyid.as_str()))
            .plain("."),
        RootDifference::KeyRenamed {
            physical,
            from,
            to,
            roles,
        } => {
            let name = names
                .get(physical)
                .cloned()
                .unwrap_or_else(|| format!("The key {}", short(&hex(physical.bytes()))));
            Sentence::new(Mark::Changed)
                .subject(name)
                .plain(" stays in ")
                .list(Voice::Plain, &role_names(roles))
                .plain(" under another keyid: ")
                .list(Voice::Removed, &short_ids(from))
                .plain(" is now ")
                .list(Voice::Added, &short_ids(to))
                .plain(".")
        }
        RootDifference::UnusableKeyLeft { keyid, roles } => Sentence::new(Mark::Removed)
            .plain("A key that cannot be read leaves ")
            .list(Voice::Removed, &role_names(roles))
            .plain(", keyid ")
            .evidence(short(keyid.as_str()))
            .plain("."),
        RootDifference::UnusableKeyJoined { keyid, roles } => Sentence::new(Mark::Warning)
            .plain("A key that cannot be read joins ")
            .list(Voice::Added, &role_names(roles))
            .plain(", keyid ")
            .evidence(short(keyid.as_str()))
            .plain("."),
        RootDifference::ThresholdChanged { role, from, to } => Sentence::new(Mark::Changed)
            .plain("The threshold of ")
            .subject(role.as_str())
            .plain(" goes from ")
            .removed(from.to_string())
            .plain(" to ")
            .added(to.to_string())
            .plain("."),
        RootDifference::ExpiryChanged { from, to } => Sentence::new(Mark::Changed)
            .subject("root")
            .plain(" expires on ")
            .added(to)
            .plain(" instead of ")
            .removed(from)
            .plain("."),
        RootDifference::ConsistentSnapshotChanged { to } => Sentence::new(Mark::Changed).plain(if *to {
            "File names carry versions from now on (consistent snapshots)."
        } else {
            "File names carry no versions from now on (no consistent snapshots)."
        }),
        RootDifference::FieldAdded { pointer } => Sentence::new(Mark::Added)
            .plain("The member ")
            .added(pointer)
            .plain(" is new."),
        RootDifference::FieldRemoved { pointer } => Sentence::new(Mark::Removed)
            .plain("The member ")
            .removed(pointer)
            .plain(" is gone."),
        RootDifference::FieldChanged { pointer } => Sentence::new(Mark::Changed)
            .plain("The member ")
            .evidence(pointer)
            .plain(" says something else."),
    };
    Some(sentence)
}

fn subject(mark: Mark, change: &KeyChange, names: &HashMap<PhysicalKey, String>) -> Sentence {
    let name = change.name.clone().or_else(|| names.get(&change.physical).cloned());
    let name = name.unwrap_or_else(|| format!("The key {}", short(&hex(change.physical.bytes()))));
    Sentence::new(mark).subject(name)
}

fn thresholds_that_stay(old: &Root, new: &Root) -> Option<Sentence> {
    let pairs = old.roles().into_iter().zip(new.roles());
    let same = pairs.filter(|((_, before), (_, after))| before.threshold == after.threshold);
    let told: Vec<String> = same
        .map(|((role, _), (_, keys))| format!("{role} {} of {}", keys.threshold, keys.keyids.len()))
        .collect();
    if told.is_empty() {
        return None;
    }
    Some(
        Sentence::new(Mark::Same)
            .plain("Thresholds stay: ")
            .list(Voice::Evidence, &told)
            .plain("."),
    )
}

fn everything_else(old: &Root, new: &Root, differences: &[RootDifference]) -> Sentence {
    if differences
        .iter()
        .all(|difference| matches!(difference, RootDifference::Version { .. }))
    {
        return Sentence::new(Mark::Same).plain("Nothing changes but the version.");
    }
    let kept = new
        .keys
        .iter()
        .filter(|key| old.keys.iter().any(|before| before == *key))
        .count() as u64;
    Sentence::new(Mark::Same).plain("Nothing else changes. ").plain(format!(
        "{} and every other member are carried over byte for byte.",
        counted(kept, "other key")
    ))
}

fn role_names(roles: &[RoleName]) -> Vec<String> {
    roles.iter().map(|role| role.as_str().to_owned()).collect()
}

fn short_ids(keyids: &[KeyId]) -> Vec<String> {
    keyids.iter().map(|keyid| short(keyid.as_str())).collect()
}

fn printed(signed: &Object) -> String {
    let sorted = json::parse_canonical(&canonical(&Value::Object(signed.clone())), json::Limits::default());
    sorted.map_or_else(|_| String::new(), |value| json::pretty(&value))
}

/// More cells than this are not compared one by one: a hostile document must not hold the desk up.
const MOST_CELLS: usize = 4_000_000;

/// Compares two texts line by line.
pub(super) fn lines(old: &str, new: &str) -> Vec<DiffLine> {
    let (left, right): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let tail = left[head..]
        .iter()
        .rev()
        .zip(right[head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (a, b) = (&left[head..left.len() - tail], &right[head..right.len() - tail]);
    let mut compared = Compared::default();
    for line in &left[..head] {
        compared.same(line);
    }
    let mut steps = common(a, b).into_iter().peekable();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let (to_i, to_j) = steps.peek().copied().unwrap_or((a.len(), b.len()));
        compared.changed(&a[i..to_i], &b[j..to_j]);
        (i, j) = (to_i, to_j);
        if steps.next().is_some() {
            compared.same(a[i]);
            (i, j) = (i + 1, j + 1);
        }
    }
    for line in &left[left.len() - tail..] {
        compared.same(line);
    }
    compared.lines
}

/// Places of a longest common subsequence; empty when there is too much to compare.
fn common(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    if (a.len() + 1).saturating_mul(width) > MOST_CELLS {
        return Vec::new();
    }
    let mut longest = vec![0u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut places) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            places.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    places
}

#[derive(Default)]
struct Compared {
    lines: Vec<DiffLine>,
    left: u32,
    right: u32,
}

impl Compared {
    fn same(&mut self, line: &str) {
        let (left, right) = (self.on_the_left(line), self.on_the_right(line));
        self.lines.push(DiffLine {
            mark: Mark::Same,
            left: Some(left),
            right: Some(right),
        });
    }

    /// Lines that stand against each other are changed; what is left over is removed or added.
    fn changed(&mut self, left: &[&str], right: &[&str]) {
        for place in 0..left.len().max(right.len()) {
            let left = left.get(place).map(|line| self.on_the_left(line));
            let right = right.get(place).map(|line| self.on_the_right(line));
            let mark = match (&left, &right) {
                (Some(_), Some(_)) => Mark::Changed,
                (Some(_), None) => Mark::Removed,
                (None, _) => Mark::Added,
            };
            self.lines.push(DiffLine { mark, left, right });
        }
    }

    fn on_the_left(&mut self, line: &str) -> NumberedLine {
        self.left += 1;
        NumberedLine {
            number: self.left,
            text: visible(line),
        }
    }

    fn on_the_right(&mut self, line: &str) -> NumberedLine {
        self.right += 1;
        NumberedLine {
            number: self.right,
            text: visible(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> Vec<(Mark, Option<u32>, Option<u32>)> {
        let number = |line: Option<NumberedLine>| line.map(|line| line.number);
        lines(old, new)
            .into_iter()
            .map(|line| (line.mark, number(line.left), number(line.right)))
            .collect()
    }

    #[test]
    fn lines_are_matched_and_numbered_on_both_sides() {
        use Mark::{Added, Changed, Removed, Same};
        assert_eq!(
            told("a\nb", "a\nb"),
            [(Same, Some(1), Some(1)), (Same, Some(2), Some(2))]
        );
        assert_eq!(
            told("a\nb\nc", "a\nx\nc"),
            [
                (Same, Some(1), Some(1)),
                (Changed, Some(2), Some(2)),
                (Same, Some(3), Some(3))
            ]
        );
        assert_eq!(
            told("a\nb\nc\nd", "b\nc\ne\nf"),
            [
                (Removed, Some(1), None),
                (Same, Some(2), Some(1)),
                (Same, Some(3), Some(2)),
                (Changed, Some(4), Some(3)),
                (Added, None, Some(4)),
            ]
        );
        assert_eq!(told("", "a"), [(Added, None, Some(1))]);
    }
}
