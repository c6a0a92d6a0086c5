//! The `signed` object of a document in the making: what the document before says, as written, but for what changes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;

use crate::canonical::{canonical, write_string};
use crate::dialect::Dialect;
use crate::draft::{DraftRefusal, Frozen, SPEC_VERSION, expires_value};
use crate::json::{Value, View};
use crate::metadata::{Document, Envelope, Layout, Written, type_name};
use crate::role::RoleName;
use crate::time::Instant;

/// Members by name: those that are set stand over those of the document before.
#[derive(Clone, Debug)]
pub(super) struct Signed<T: Document> {
    dialect: Dialect,
    before: Option<Envelope<T>>,
    set: BTreeMap<String, Value>,
}

/// What becomes of each member of an object that changes; `None` is removed.
pub(super) type Changes = BTreeMap<String, Option<Value>>;

impl<T: Document> Signed<T> {
    /// What every first version starts with.
    pub(super) fn first(dialect: Dialect, expires: Instant) -> Self {
        let mut signed = Signed {
            dialect,
            before: None,
            set: BTreeMap::new(),
        };
        signed.set("_type", Value::text(type_name(T::KIND, dialect)));
        if dialect == Dialect::Tuf1 {
            signed.set("spec_version", Value::text(SPEC_VERSION));
        }
        signed.set("version", Value::number(1));
        signed.set_expires(expires);
        signed
    }

    /// The version after `before`, all else kept; a problem if there can be none.
    pub(super) fn next(before: &Envelope<T>) -> (Self, Option<DraftRefusal>) {
        let mut signed = Signed {
            dialect: before.dialect(),
            before: Some(before.clone()),
            set: BTreeMap::new(),
        };
        let problem = match before.version().checked_add(1) {
            Some(version) => {
                signed.set("version", Value::number(version));
                None
            }
            None => Some(DraftRefusal::LastVersion),
        };
        (signed, problem)
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.set.insert(name.to_owned(), value);
    }

    pub(super) fn set_expires(&mut self, expires: Instant) {
        self.set("expires", expires_value(self.dialect, expires));
    }

    /// A member as it stands now, decoded.
    pub(super) fn member(&mut self, name: &str) -> Option<&mut Value> {
        if !self.set.contains_key(name)
            && let Some(value) = self.before_member(name).map(View::value)
        {
            self.set(name, value);
        }
        self.set.get_mut(name)
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// How the document before is laid out, or a first one is.
    fn layout(&self) -> Layout {
        match &self.before {
            Some(before) => Layout::of(before.file_bytes()),
            None => Layout::first(self.dialect),
        }
    }

    /// Fixes the bytes, with `changes` made to the member `listing`, which is an object.
    pub(super) fn freeze(&self, role: RoleName, listing: &str, changes: &Changes) -> Result<Frozen<T>, DraftRefusal> {
        let bytes = Bytes::from(self.write(listing, changes));
        Ok(Frozen::read(bytes, self.dialect, role, self.layout())?)
    }

    /// Writes canonical JSON.
    fn write(&self, listing: &str, changes: &Changes) -> Vec<u8> {
        let mut parts: BTreeMap<Cow<'_, str>, Part<'_>> = BTreeMap::new();
        let members = self.before.as_ref().map(Envelope::signed_members);
        for (name, written) in members.into_iter().flatten() {
            parts.insert(name.decoded(), Part::Kept(written));
        }
        parts.extend(self.set.iter().map(|(name, value)| (name.into(), Part::Set(value))));
        match parts.get(listing) {
            Some(Part::Kept(written)) if !changes.is_empty() => {
                let listed = Part::Listing(Some(written.view));
                parts.insert(listing.into(), listed);
            }
            Some(_) => {}
            None => {
                parts.insert(listing.into(), Part::Listing(None));
            }
        }
        let mut out = Vec::with_capacity(
            self.before
                .as_ref()
                .map_or(0, |before| before.signed_bytes().len() + 1024),
        );
        out.push(b'{');
        for (place, (name, part)) in parts.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            write_string(name, &mut out);
            out.push(b':');
            match part {
                Part::Kept(written) => out.extend_from_slice(written.bytes()),
                Part::Set(value) => out.extend_from_slice(&canonical(value)),
                Part::Listing(view) => write_changed(*view, changes, &mut out),
            }
        }
        out.push(b'}');
        out
    }

    fn before_member(&self, name: &str) -> Option<View<'_>> {
        let members = self.before.as_ref()?.signed_members();
        let (_, written) = members.into_iter().find(|(have, _)| have.is(name))?;
        Some(written.view)
    }
}

enum Part<'a> {
    Kept(Written<'a>),
    Set(&'a Value),
    Listing(Option<View<'a>>),
}

/// Writes an object with changes: members that stay are copied as they are written, in long runs.
fn write_changed(before: Option<View<'_>>, changes: &Changes, out: &mut Vec<u8>) {
    let mut writer = ListingWriter {
        out,
        text: before.map(View::text).unwrap_or_default(),
        run: 0..0,
        is_empty: true,
    };
    writer.out.push(b'{');
    let mut changes = changes.iter().peekable();
    if let Some(mut steps) = before.filter(|before| before.is_object()).map(View::steps) {
        while let Some(place) = steps.next_place() {
            let Some(name) = steps.name() else { break };
            let end = steps.view().end();
            while let Some((added, value)) = changes.next_if(|(added, _)| name.compare_to(added).is_gt()) {
                writer.write(added, value.as_ref());
            }
            match changes.next_if(|(changed, _)| name.compare_to(changed).is_eq()) {
                Some((name, value)) => writer.write(name, value.as_ref()),
                None => writer.keep(place - 1, end),
            }
            steps.go_on(end);
        }
    }
    for (added, value) in changes {
        writer.write(added, value.as_ref());
    }
    writer.copy_run();
    writer.out.push(b'}');
}

struct ListingWriter<'a> {
    out: &'a mut Vec<u8>,
    text: &'a [u8],
    /// Members that stay, one behind the other, and were not copied yet.
    run: Range<usize>,
    is_empty: bool,
}

impl ListingWriter<'_> {
    fn keep(&mut self, start: usize, end: usize) {
        // In canonical JSON one comma stands between two members.
        if self.run.end + 1 == start && !self.run.is_empty() {
            self.run.end = end;
        } else {
            self.copy_run();
            self.run = start..end;
        }
    }

    fn write(&mut self, name: &str, value: Option<&Value>) {
        self.copy_run();
        if let Some(value) = value {
            self.comma();
            write_string(name, self.out);
            self.out.push(b':');
            self.out.extend_from_slice(&canonical(value));
        }
    }

    fn copy_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        if !run.is_empty() {
            self.comma();
            self.out.extend_from_slice(&self.text[run]);
        }
    }

    fn comma(&mut self) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
    }
}
