//! Checks JSON text in one pass: that it is strict JSON, and whether it is canonical already. Builds nothing.

use std::cmp::Ordering;
use std::ops::Range;

use crate::json::text::{BadEscape, compare, decoded, escaped, next_special};
use crate::json::{JsonError, Limits, Name, View, shown};

/// Text that was checked to be one JSON value.
pub(crate) struct Checked<'a> {
    bytes: &'a [u8],
    long: Long,
    /// Where the value begins.
    start: usize,
    /// Whether the whole text is canonical JSON.
    is_canonical: bool,
}

/// One member of the outermost object of a text.
pub(crate) struct Member<'a> {
    pub(crate) view: View<'a>,
    pub(crate) place: Range<usize>,
    /// Whether the value is written in canonical JSON.
    pub(crate) is_canonical: bool,
}

/// Where long objects and arrays of a text begin and end, so that whoever looks for what is behind them need not go through
/// them. Places of any others are found by looking. Sorted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Long(Vec<(u32, u32)>);

/// What is worth noting: how many bytes an object or array has at least.
const LONG: usize = 4096;

/// What a member name is and what its value looks like, for each member asked for.
pub(crate) type Members<'a, const N: usize> = [Option<Member<'a>>; N];

/// Checks a whole document; canonical JSON, in which control characters stand bare, if `raw_controls`.
pub(crate) fn check(bytes: &[u8], limits: Limits, raw_controls: bool) -> Result<Checked<'_>, JsonError> {
    let (checked, _) = check_for(bytes, limits, raw_controls, [])?;
    Ok(checked)
}

/// Checks a whole document and finds members of it by name, if it is an object.
pub(crate) fn check_for<'a, const N: usize>(
    bytes: &'a [u8],
    limits: Limits,
    raw_controls: bool,
    names: [&str; N],
) -> Result<(Checked<'a>, Members<'a, N>), JsonError> {
    let mut scanner = Scanner {
        bytes,
        at: 0,
        depth_left: limits.depth,
        raw_controls,
        loose_to: 0,
        names: Vec::new(),
        objects: Vec::new(),
        long: Vec::new(),
        wanted: &names,
        found: vec![None; N],
    };
    let start = scanner.document(limits).map_err(|error| scanner.earliest(error))?;
    let mut members = [const { None }; N];
    for (member, found) in members.iter_mut().zip(scanner.found) {
        *member = found.map(|(place, is_canonical)| Member {
            view: View::new(bytes, place.start),
            place,
            is_canonical,
        });
    }
    scanner.long.sort_unstable();
    let is_canonical = scanner.loose_to == 0;
    Ok((
        Checked {
            bytes,
            long: Long(scanner.long),
            start,
            is_canonical,
        },
        members,
    ))
}

impl<'a> Checked<'a> {
    pub(crate) fn view(&self) -> View<'a> {
        View::new(self.bytes, self.start)
    }

    pub(crate) fn is_canonical(&self) -> bool {
        self.is_canonical
    }

    /// Where long parts of the text are.
    pub(crate) fn long(&self) -> &Long {
        &self.long
    }
}

impl Long {
    /// The same for a part of the text, told from its beginning.
    pub(crate) fn within(&self, part: &Range<usize>) -> Long {
        let inside = self
            .0
            .iter()
            .filter(|(start, end)| part.start <= *start as usize && *end as usize <= part.end);
        let begin = part.start as u32;
        Long(inside.map(|(start, end)| (start - begin, end - begin)).collect())
    }

    /// The members of an object of that text.
    pub(crate) fn members<'a>(&self, object: View<'a>) -> Vec<(Name<'a>, View<'a>)> {
        let mut members = Vec::new();
        let mut steps = object.steps();
        while let Some(name) = steps.name() {
            let view = steps.view();
            members.push((name, view));
            steps.go_on(self.end(view));
        }
        members
    }

    /// Where a value of that text ends.
    pub(crate) fn end(&self, view: View<'_>) -> usize {
        let start = view.start() as u32;
        match self.0.binary_search_by_key(&start, |&(begin, _)| begin) {
            Ok(place) => self.0[place].1 as usize,
            Err(_) => view.end(),
        }
    }
}

struct Scanner<'a, 'n> {
    bytes: &'a [u8],
    at: usize,
    depth_left: usize,
    raw_controls: bool,
    /// The end of the last thing that canonical JSON writes otherwise: what begins there or behind has none before it.
    loose_to: usize,
    /// Contents of the member names of all open objects, outermost first.
    names: Vec<Range<u32>>,
    objects: Vec<Open>,
    long: Vec<(u32, u32)>,
    wanted: &'n [&'n str],
    found: Vec<Option<(Range<usize>, bool)>>,
}

/// An object whose end was not reached.
struct Open {
    /// Where its names begin.
    first: usize,
    /// Whether they came in ascending order so far, so that none can be there twice.
    ascending: bool,
    /// Whether the last one has escapes.
    escaped: bool,
}

const TOO_DEEP: &str = "fewer objects and arrays inside each other";

impl Scanner<'_, '_> {
    fn document(&mut self, limits: Limits) -> Result<usize, JsonError> {
        let most = limits.bytes.min(u32::MAX as usize);
        if self.bytes.len() > most {
            self.at = most;
            return Err(self.error_found("the end of the document", "more bytes than are allowed"));
        }
        if let Err(e) = std::str::from_utf8(self.bytes) {
            self.at = e.valid_up_to();
            return Err(self.error_found("UTF-8 text", "a byte that is none"));
        }
        self.blanks();
        let start = self.at;
        self.value()?;
        self.blanks();
        if self.at < self.bytes.len() {
            return Err(self.error("the end of the document"));
        }
        Ok(start)
    }

    fn value(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'-' | b'0'..=b'9') => self.integer(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => Err(self.error("a value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<(), JsonError>) -> Result<(), JsonError> {
        let Some(left) = self.depth_left.checked_sub(1) else {
            return Err(self.error(TOO_DEEP));
        };
        self.depth_left = left;
        let start = self.at;
        read(self)?;
        if self.at - start >= LONG {
            self.long.push((start as u32, self.at as u32));
        }
        self.depth_left += 1;
        Ok(())
    }

    fn object(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        self.blanks();
        if self.eat(b'}') {
            return Ok(());
        }
        let first = self.names.len();
        self.objects.push(Open {
            first,
            ascending: true,
            escaped: false,
        });
        let is_outermost = self.objects.len() == 1 && !self.wanted.is_empty();
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.error("a member name in quotes"));
            }
            let (name, escaped) = self.string()?;
            self.add_name(first, name.clone(), escaped);
            self.blanks();
            if !self.eat(b':') {
                return Err(self.error("':'"));
            }
            self.blanks();
            let start = self.at;
            self.value()?;
            if is_outermost {
                self.look_at(name, start);
            }
            self.blanks();
            if self.eat(b'}') {
                break;
            }
            if !self.eat(b',') {
                return Err(self.error("',' or '}'"));
            }
        }
        if self.objects.last().is_some_and(|open| !open.ascending) && self.repeated_after(first).is_some() {
            return Err(self.error("each member once"));
        }
        self.objects.pop();
        self.names.truncate(first);
        Ok(())
    }

    fn array(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        self.blanks();
        if self.eat(b']') {
            return Ok(());
        }
        loop {
            self.blanks();
            self.value()?;
            self.blanks();
            if self.eat(b']') {
                return Ok(());
            }
            if !self.eat(b',') {
                return Err(self.error("',' or ']'"));
            }
        }
    }

    fn add_name(&mut self, first: usize, name: Range<u32>, escaped: bool) {
        let Some(open) = self.objects.last_mut() else { return };
        let before_escaped = std::mem::replace(&mut open.escaped, escaped);
        if let Some(before) = self.names[first..].last() {
            let content = |name: &Range<u32>| &self.bytes[name.start as usize..name.end as usize];
            let order = if escaped || before_escaped {
                compare(content(before), content(&name))
            } else {
                content(before).cmp(content(&name))
            };
            if order != Ordering::Less {
                self.loose_to = name.end as usize;
                open.ascending = false;
            }
        }
        self.names.push(name);
    }

    /// Notes the place of an outermost member that is asked for.
    fn look_at(&mut self, name: Range<u32>, start: usize) {
        let is_it = |wanted: &&str| compare(self.content(&name), wanted.as_bytes()) == Ordering::Equal;
        if let Some(place) = self.wanted.iter().position(is_it) {
            self.found[place] = Some((start..self.at, self.loose_to <= start));
        }
    }

    fn integer(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        let negative = self.eat(b'-');
        let digits = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let text = &self.bytes[digits..self.at];
        if text.is_empty() {
            return Err(self.error("a digit"));
        }
        if text[0] == b'0' && (text.len() > 1 || negative) {
            self.at = start;
            return Err(self.error_found("an integer in its shortest form", "a leading zero or minus zero"));
        }
        if matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            return Err(self.error_found("an integer", "a fraction or exponent"));
        }
        Ok(())
    }

    /// Passes a string; says where its content lies, and whether there are escapes in it.
    fn string(&mut self) -> Result<(Range<u32>, bool), JsonError> {
        self.at += 1;
        let start = self.at as u32;
        let mut escaped = false;
        loop {
            self.at = next_special(self.bytes, self.at);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.escape()?;
                    escaped = true;
                }
                Some(_) if self.raw_controls => self.at += 1,
                Some(_) => return Err(self.error_found("an escaped control character", "a bare one")),
                None => return Err(self.error("'\"'")),
            }
        }
        self.at += 1;
        Ok((start..self.at as u32 - 1, escaped))
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        match escaped(&self.bytes[start..]) {
            Ok((character, taken)) => {
                self.at += taken;
                if taken != 2 || !matches!(character, '"' | '\\') {
                    self.loose_to = self.at;
                }
                Ok(())
            }
            Err(BadEscape::Unknown) => {
                self.at = start + 1;
                Err(self.error("an escape that JSON knows"))
            }
            Err(BadEscape::NoDigit { after }) => {
                self.at = start + after;
                Err(self.error("four hexadecimal digits"))
            }
            Err(BadEscape::HalfASurrogatePair) => {
                Err(self.error_found("a Unicode character", "half of a surrogate pair"))
            }
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), JsonError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error("a value"));
        }
        self.at += word.len();
        Ok(())
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
            self.loose_to = self.at;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn content(&self, name: &Range<u32>) -> &[u8] {
        &self.bytes[name.start as usize..name.end as usize]
    }

    /// The first name that came twice among those of the open object whose names begin at `first`.
    fn repeated_after(&self, first: usize) -> Option<Range<u32>> {
        let later = self.objects.iter().map(|open| open.first).find(|&next| next > first);
        let mut names = self.names[first..later.unwrap_or(self.names.len())].to_vec();
        // Stable: of equal names the earlier stays before the later.
        names.sort_by(|one, other| compare(self.content(one), self.content(other)));
        let pairs = names.windows(2);
        let again = pairs.filter(|pair| compare(self.content(&pair[0]), self.content(&pair[1])) == Ordering::Equal);
        again.map(|pair| pair[1].clone()).min_by_key(|name| name.start)
    }

    /// The earliest thing wrong: a repeated name is only looked for at the end of its object, or when something else stops
    /// the reading before.
    fn earliest(&self, error: JsonError) -> JsonError {
        let unsorted = self.objects.iter().filter(|open| !open.ascending);
        let repeated = unsorted.filter_map(|open| self.repeated_after(open.first));
        match repeated.min_by_key(|name| name.start) {
            Some(name) => {
                let found = format!("{} again", shown(&decoded(self.content(&name))));
                error_at(self.bytes, name.start as usize - 1, "each member once", found)
            }
            None => error,
        }
    }

    fn error(&self, expected: &'static str) -> JsonError {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(byte @ 0x21..=0x7e) => format!("'{}'", char::from(byte)),
            Some(byte) => format!("byte 0x{byte:02x}"),
        };
        self.error_found(expected, &found)
    }

    fn error_found(&self, expected: &'static str, found: &str) -> JsonError {
        error_at(self.bytes, self.at, expected, found.to_owned())
    }
}

fn error_at(bytes: &[u8], at: usize, expected: &'static str, found: String) -> JsonError {
    let before = &bytes[..at.min(bytes.len())];
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |place| place + 1);
    JsonError {
        offset: before.len(),
        line: memchr::memchr_iter(b'\n', before).count() + 1,
        column: before.len() - line_start + 1,
        expected,
        found,
    }
}
