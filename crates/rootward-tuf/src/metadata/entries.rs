//! What a document lists by name, left where it lies: a document may list a million files, and most are never asked for.

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;

use crate::dialect::Dialect;
use crate::json::{Name, View};
use crate::metadata::sealed::Entry;
use crate::metadata::{Cursor, ReadError};

/// Entries by name, each checked when the document was read and decoded when it is asked for.
///
/// Holds the text they are in, and four bytes for each. Sorted by the bytes of the names. Cheap to clone.
pub struct Entries<T> {
    text: Bytes,
    /// Where the content of each name begins in the text.
    places: Arc<[u32]>,
    /// What every name ends with in the text and nowhere else.
    suffix: &'static str,
    dialect: Dialect,
    kind: PhantomData<fn() -> T>,
}

impl<T: Entry> Entries<T> {
    /// Finds the entry called `name`. Takes time in the logarithm of how many there are.
    pub fn get(&self, name: impl AsRef<str>) -> Option<T> {
        self.decode(self.place_of(name.as_ref())?)
    }

    /// Whether an entry is called `name`; the entry itself is not decoded.
    pub fn contains_key(&self, name: impl AsRef<str>) -> bool {
        self.place_of(name.as_ref()).is_some()
    }

    /// How many entries are listed.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The names in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = T::Name<'_>> {
        (0..self.len()).map(|place| self.name_of(place))
    }

    /// The entries in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (T::Name<'_>, T)> {
        (0..self.len()).filter_map(|place| Some((self.name_of(place), self.decode(place)?)))
    }

    /// Checks every member of the object at `at`, which lies in `text`.
    pub(crate) fn read(at: &Cursor<'_>, text: &Bytes, dialect: Dialect) -> Result<Self, ReadError> {
        at.must_be_object()?;
        let mut entries = Entries {
            text: text.clone(),
            places: Arc::default(),
            suffix: T::suffix(dialect),
            dialect,
            kind: PhantomData,
        };
        let mut places = Vec::new();
        // Canonical JSON is sorted by whole names; without what they end with they may come in another order.
        let mut ascending = true;
        let mut before: Option<Name<'_>> = None;
        let mut steps = at.view().steps();
        while let Some(place) = steps.next_place() {
            let Some(name) = steps.name() else { break };
            let entry = Cursor::at_member(at, name, steps.view());
            let end = T::check(name, &entry, dialect)?;
            if !entries.suffix.is_empty() {
                let key = entries.key(name);
                ascending = ascending && before.is_none_or(|before| before.compare(key).is_lt());
                before = Some(key);
            }
            places.push(place as u32);
            steps.go_on(end);
        }
        if !ascending {
            places.sort_by(|&one, &other| entries.key_at(one).compare(entries.key_at(other)));
        }
        entries.places = places.into();
        Ok(entries)
    }

    /// The same entries in another copy of the text.
    pub(crate) fn move_to(&mut self, text: &Bytes) {
        self.text = text.clone();
    }

    /// The entries as written, in order, each with its name.
    pub(crate) fn written(&self) -> impl Iterator<Item = (Name<'_>, View<'_>)> {
        (0..self.len()).map(|place| (self.full_name(place), self.view(place)))
    }

    fn place_of(&self, name: &str) -> Option<usize> {
        let bytes = name.len() + self.suffix.len();
        let key_at = |place: u32| self.key(Name::beginning(&self.text, place as usize, bytes));
        let compare = |&place: &u32| key_at(place).compare_to(name);
        self.places.binary_search_by(compare).ok()
    }

    fn decode(&self, place: usize) -> Option<T> {
        let entry = Cursor::top(self.view(place), "entry");
        T::read(&entry, self.dialect).ok()
    }

    fn name_of(&self, place: usize) -> T::Name<'_> {
        T::name(self.key_at(self.places[place]).decoded())
    }

    /// The name as the text has it, without what all names end with.
    fn key_at(&self, place: u32) -> Name<'_> {
        self.key(Name::at(&self.text, place as usize))
    }

    fn key<'a>(&self, name: Name<'a>) -> Name<'a> {
        name.without(self.suffix)
    }

    fn full_name(&self, place: usize) -> Name<'_> {
        Name::at(&self.text, self.places[place] as usize)
    }

    fn view(&self, place: usize) -> View<'_> {
        let colon = self.places[place] as usize + self.full_name(place).written().len() + 1;
        View::after_colon(&self.text, colon)
    }
}

impl<T> Clone for Entries<T> {
    fn clone(&self) -> Self {
        Entries {
            text: self.text.clone(),
            places: Arc::clone(&self.places),
            ..*self
        }
    }
}

/// Equal if they say the same under the same names.
impl<T: Entry> PartialEq for Entries<T> {
    fn eq(&self, other: &Self) -> bool {
        let same = |((one, is), (other, was)): ((Name<'_>, View<'_>), (Name<'_>, View<'_>))| {
            one.compare(other) == Ordering::Equal && is.written() == was.written()
        };
        self.dialect == other.dialect
            && self.len() == other.len()
            && (self.written().zip(other.written()).all(same) || self.iter().eq(other.iter()))
    }
}

impl<T: Entry> Eq for Entries<T> where T: Eq {}

impl<T: Entry> fmt::Debug for Entries<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
