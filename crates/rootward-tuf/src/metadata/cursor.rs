//! A place in a decoded document that knows its way from the top, so that every error can name it.

use crate::json::{Object, Value, shown};
use crate::metadata::ReadError;
use crate::role::RoleName;
use crate::time::Expiry;

#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    value: &'a Value,
    above: Option<&'a Cursor<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

impl<'a> Cursor<'a> {
    pub(crate) fn top(value: &'a Value, name: &'a str) -> Self {
        Cursor {
            value,
            above: None,
            step: Step::Member(name),
        }
    }

    pub(crate) fn value(&self) -> &'a Value {
        self.value
    }

    pub(crate) fn member<'b>(&'b self, name: &'b str) -> Result<Cursor<'b>, ReadError> {
        self.optional(name)?
            .ok_or_else(|| ReadError::shape(self.path_to(name), "a member of that name", "nothing"))
    }

    pub(crate) fn optional<'b>(&'b self, name: &'b str) -> Result<Option<Cursor<'b>>, ReadError> {
        let value = self.object()?.get(name);
        Ok(value.map(|value| Cursor {
            value,
            above: Some(self),
            step: Step::Member(name),
        }))
    }

    /// The members of an object.
    pub(crate) fn members<'b>(&'b self) -> Result<impl Iterator<Item = (&'b str, Cursor<'b>)>, ReadError> {
        let above = Some(self);
        Ok(self.object()?.iter().map(move |(name, value)| {
            (
                name,
                Cursor {
                    value,
                    above,
                    step: Step::Member(name),
                },
            )
        }))
    }

    /// The items of an array.
    pub(crate) fn items<'b>(&'b self) -> Result<impl Iterator<Item = Cursor<'b>>, ReadError> {
        let items = self.value.as_array().ok_or_else(|| self.error("an array"))?;
        let above = Some(self);
        Ok(items.iter().enumerate().map(move |(place, value)| Cursor {
            value,
            above,
            step: Step::Item(place),
        }))
    }

    pub(crate) fn object(&self) -> Result<&'a Object, ReadError> {
        self.value.as_object().ok_or_else(|| self.error("an object"))
    }

    pub(crate) fn text(&self) -> Result<&'a str, ReadError> {
        self.value.as_str().ok_or_else(|| self.error("a string"))
    }

    pub(crate) fn flag(&self) -> Result<bool, ReadError> {
        if let Value::Bool(flag) = self.value {
            Ok(*flag)
        } else {
            Err(self.error("true or false"))
        }
    }

    /// An integer of at least `least`.
    pub(crate) fn number(&self, least: u64) -> Result<u64, ReadError> {
        match self.value.as_u64() {
            Some(number) if number >= least => Ok(number),
            _ => Err(self.error(&format!("an integer of at least {least}"))),
        }
    }

    pub(crate) fn expiry(&self) -> Result<Expiry, ReadError> {
        Expiry::parse(self.text()?).map_err(|_| self.error("a date and time such as 2030-01-31T00:00:00Z"))
    }

    pub(crate) fn role_name(&self) -> Result<RoleName, ReadError> {
        RoleName::new(self.text()?).map_err(|_| self.error("a role name"))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Says that something else was expected here.
    pub(crate) fn error(&self, expected: &str) -> ReadError {
        let found = match self.value {
            Value::String(text) => shown(text),
            Value::Integer(number) => shown(number.as_str()).trim_matches('"').to_owned(),
            other => other.kind().to_owned(),
        };
        ReadError::shape(self.path(), expected, found)
    }

    fn path(&self) -> String {
        let mut path = self.above.map_or_else(String::new, Cursor::path);
        match self.step {
            Step::Member(name) if path.is_empty() => path.push_str(&plain(name)),
            Step::Member(name) => path.push_str(&format!(".{}", plain(name))),
            Step::Item(place) => path.push_str(&format!("[{place}]")),
        }
        path
    }

    fn path_to(&self, name: &str) -> String {
        format!("{}.{}", self.path(), plain(name))
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
