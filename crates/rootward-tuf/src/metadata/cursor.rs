//! A place in a checked document that knows its way from the top, so that every error can name it.

use std::borrow::Cow;

use crate::json::{Long, Name, View, shown};
use crate::metadata::ReadError;
use crate::role::RoleName;
use crate::time::Expiry;

#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    view: View<'a>,
    above: Option<&'a Cursor<'a>>,
    step: Step<'a>,
    /// The members, if they were found before: an object with something big in it is not gone through for every name.
    members: Option<&'a [Found<'a>]>,
}

/// A member and its value.
pub(crate) type Found<'a> = (Name<'a>, View<'a>);

#[derive(Clone, Copy)]
enum Step<'a> {
    Member(Name<'a>),
    Item(usize),
}

impl<'a> Cursor<'a> {
    pub(crate) fn top(view: View<'a>, name: &'a str) -> Self {
        Cursor {
            view,
            above: None,
            step: Step::Member(Name::plain(name)),
            members: None,
        }
    }

    /// The member `name`, with value `view`, of the object that `above` is at.
    pub(crate) fn at_member(above: &'a Cursor<'a>, name: Name<'a>, view: View<'a>) -> Self {
        Cursor {
            view,
            above: Some(above),
            step: Step::Member(name),
            members: None,
        }
    }

    /// The item at `place`, with value `view`, of the array that `above` is at.
    pub(crate) fn at_item(above: &'a Cursor<'a>, place: usize, view: View<'a>) -> Self {
        Cursor {
            step: Step::Item(place),
            ..Cursor::at_member(above, Name::plain(""), view)
        }
    }

    pub(crate) fn view(&self) -> View<'a> {
        self.view
    }

    /// Finds all members at once, to be looked among by [`Self::among`].
    pub(crate) fn find_members(&self, long: &Long) -> Result<Vec<Found<'a>>, ReadError> {
        self.must_be_object()?;
        Ok(long.members(self.view))
    }

    /// The same place, with its members found before.
    pub(crate) fn among(self, members: &'a [Found<'a>]) -> Self {
        Cursor {
            members: Some(members),
            ..self
        }
    }

    pub(crate) fn member<'b>(&'b self, name: &'static str) -> Result<Cursor<'b>, ReadError> {
        self.required(self.optional(name)?, name)
    }

    pub(crate) fn optional<'b>(&'b self, name: &'static str) -> Result<Option<Cursor<'b>>, ReadError> {
        let [found] = self.pick([name])?;
        Ok(found)
    }

    /// Looks for several members in one go.
    pub(crate) fn pick<'b, const N: usize>(
        &'b self,
        names: [&'static str; N],
    ) -> Result<[Option<Cursor<'b>>; N], ReadError> {
        let mut found = [const { None }; N];
        let mut missing = N;
        let mut look_at = |(name, view): Found<'b>| {
            if let Some(place) = names.iter().position(|wanted| name.is(wanted)) {
                found[place] = Some(Cursor::at_member(self, Name::plain(names[place]), view));
                missing -= 1;
            }
            missing > 0
        };
        match self.members {
            Some(members) => members.iter().copied().all(&mut look_at),
            None => self.object()?.all(&mut look_at),
        };
        Ok(found)
    }

    /// Checks the members in their order, and says where the object ends. What `each` does not look at is passed over; of what
    /// it does, it says where that ends, so that nothing is gone through twice.
    pub(crate) fn check_members<'b>(
        &'b self,
        mut each: impl FnMut(Name<'b>, &Cursor<'b>) -> Result<Option<usize>, ReadError>,
    ) -> Result<usize, ReadError> {
        self.must_be_object()?;
        let mut steps = self.view.steps();
        while let Some(name) = steps.name() {
            let member = Cursor::at_member(self, name, steps.view());
            let end = each(name, &member)?;
            steps.go_on(end.unwrap_or_else(|| member.view.end()));
        }
        Ok(steps.end())
    }

    /// Checks that this is a list of texts; says where it ends.
    pub(crate) fn check_texts(&self) -> Result<usize, ReadError> {
        if !self.view.is_array() {
            return Err(self.error("an array"));
        }
        let mut steps = self.view.steps();
        let mut place = 0;
        while !steps.is_at_end() {
            let item = Cursor::at_item(self, place, steps.view());
            steps.go_on(item.check_text()?.0);
            place += 1;
        }
        Ok(steps.end())
    }

    /// Checks that this is a text; says where it ends, and gives it as written.
    pub(crate) fn check_text(&self) -> Result<(usize, Name<'a>), ReadError> {
        let text = self.view.string().ok_or_else(|| self.error("a string"))?;
        Ok((self.view.start() + text.written().len() + 2, text))
    }

    /// Says that a member is missing.
    pub(crate) fn missing(&self, name: &str) -> ReadError {
        let at = format!("{}.{}", self.path(), plain(name));
        ReadError::shape(at, "a member of that name", "nothing")
    }

    /// Insists on a member that [`Self::pick`] looked for.
    pub(crate) fn required<'b>(&self, found: Option<Cursor<'b>>, name: &str) -> Result<Cursor<'b>, ReadError> {
        found.ok_or_else(|| self.missing(name))
    }

    /// The members of an object.
    pub(crate) fn members<'b>(&'b self) -> Result<impl Iterator<Item = (Name<'b>, Cursor<'b>)>, ReadError> {
        let members = self.object()?;
        Ok(members.map(move |(name, view)| (name, Cursor::at_member(self, name, view))))
    }

    /// The items of an array.
    pub(crate) fn items<'b>(&'b self) -> Result<impl Iterator<Item = Cursor<'b>>, ReadError> {
        let items = self.view.items().ok_or_else(|| self.error("an array"))?;
        Ok(items
            .enumerate()
            .map(move |(place, view)| Cursor::at_item(self, place, view)))
    }

    pub(crate) fn object(&self) -> Result<impl Iterator<Item = Found<'a>> + use<'a>, ReadError> {
        self.view.members().ok_or_else(|| self.error("an object"))
    }

    pub(crate) fn must_be_object(&self) -> Result<(), ReadError> {
        self.object().map(drop)
    }

    pub(crate) fn text(&self) -> Result<Cow<'a, str>, ReadError> {
        let text = self.view.string().ok_or_else(|| self.error("a string"))?;
        Ok(text.decoded())
    }

    pub(crate) fn flag(&self) -> Result<bool, ReadError> {
        self.view.flag().ok_or_else(|| self.error("true or false"))
    }

    /// An integer of at least `least`.
    pub(crate) fn number(&self, least: u64) -> Result<u64, ReadError> {
        let number = self.view.integer().and_then(|text| text.parse().ok());
        number
            .filter(|number| *number >= least)
            .ok_or_else(|| self.error(&format!("an integer of at least {least}")))
    }

    pub(crate) fn expiry(&self) -> Result<Expiry, ReadError> {
        Expiry::parse(&self.text()?).map_err(|_| self.error("a date and time such as 2030-01-31T00:00:00Z"))
    }

    pub(crate) fn role_name(&self) -> Result<RoleName, ReadError> {
        RoleName::new(self.text()?).map_err(|_| self.error("a role name"))
    }

    pub(crate) fn is_null(&self) -> bool {
        self.view.is_null()
    }

    /// Says that something else was expected here.
    pub(crate) fn error(&self, expected: &str) -> ReadError {
        let found = match (self.view.string(), self.view.integer()) {
            (Some(text), _) => shown(&text.decoded()),
            (None, Some(number)) => shown(number).trim_matches('"').to_owned(),
            (None, None) => self.view.kind().to_owned(),
        };
        ReadError::shape(self.path(), expected, found)
    }

    fn path(&self) -> String {
        let mut path = self.above.map_or_else(String::new, Cursor::path);
        match self.step {
            Step::Member(name) if path.is_empty() => path.push_str(&plain(&name.decoded())),
            Step::Member(name) => path.push_str(&format!(".{}", plain(&name.decoded()))),
            Step::Item(place) => path.push_str(&format!("[{place}]")),
        }
        path
    }
}

/// A member name in a path: as it is if harmless, else quoted.
fn plain(name: &str) -> String {
    let harmless = name.len() <= 64
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-/".contains(&byte));
    if harmless { name.to_owned() } else { shown(name) }
}
