//! Map files (TAP 4): which repositories a client asks for a target, how many of them must agree, and when it stops.
//!
//! A map lies with a client and is signed by nobody. It is read strictly, to be shown: no client of ours follows one.

use std::collections::HashSet;

use crate::json::{self, Limits, Object, Value, shown};
use crate::metadata::{ReadError, matches_across, matches_pattern};

/// A map file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// In the order of the file.
    pub repositories: Vec<MappedRepository>,
    /// In the order in which a client goes through them.
    pub mappings: Vec<Mapping>,
}

/// A repository by the name that mappings use; a client keeps its metadata, and its first root, in a folder of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedRepository {
    /// Can be a folder's.
    pub name: String,
    /// Where its files may be had.
    pub urls: Vec<String>,
}

/// Who is asked for some paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Shell patterns.
    pub paths: Vec<String>,
    /// In the order in which they are asked.
    pub repositories: Vec<String>,
    /// How many of them must name the same length and digests. From 1 to as many as there are.
    pub threshold: u64,
    /// Whether a client goes to no later mapping when these repositories do not agree.
    pub terminating: bool,
}

/// One step of a search for a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Its place in the map, from 0.
    pub place: usize,
    /// Whom it names.
    pub mapping: &'a Mapping,
    /// Only clients that let `*` cross slashes come here. TUF's own patterns (4.5) do not, the first client of TAP 4 did.
    pub only_across_slashes: bool,
}

impl Map {
    /// Reads a map file.
    ///
    /// Fails naming the place: when a part is missing or of another kind, a mapping names no repository, one twice or one
    /// that is not listed, its threshold can never be met, or a repository's name is no name of a folder. Members that are
    /// not TAP 4's are passed over.
    pub fn read(bytes: &[u8]) -> Result<Map, ReadError> {
        let document = json::parse(bytes, Limits::default())?;
        let top = At::top(&document);
        let repositories = top.member("repositories")?;
        let mut read = Map {
            repositories: Vec::new(),
            mappings: Vec::new(),
        };
        for (name, urls) in repositories.object()?.iter() {
            let at = repositories.below(&format!(".{}", shown(name)), urls);
            if !is_folder_name(name) {
                return Err(at.wrong("a name that can be a folder's"));
            }
            let urls = at.texts()?;
            let name = name.to_owned();
            read.repositories.push(MappedRepository { name, urls });
        }
        let names: HashSet<&str> = read
            .repositories
            .iter()
            .map(|repository| repository.name.as_str())
            .collect();
        for mapping in top.member("mapping")?.items()? {
            read.mappings.push(Mapping::read(&mapping, &names)?);
        }
        Ok(read)
    }

    /// The mappings a client goes through for `path`, in order, up to the first terminating one that is for it by every
    /// reading of its patterns. It goes to the next only when the one before did not agree.
    pub fn asked<'a>(&'a self, path: &str) -> Vec<Asked<'a>> {
        let mut asked = Vec::new();
        for (place, mapping) in self.mappings.iter().enumerate() {
            let within = mapping.paths.iter().any(|pattern| matches_pattern(pattern, path));
            if !within && !mapping.paths.iter().any(|pattern| matches_across(pattern, path)) {
                continue;
            }
            asked.push(Asked {
                place,
                mapping,
                only_across_slashes: !within,
            });
            if within && mapping.terminating {
                break;
            }
        }
        asked
    }
}

impl Mapping {
    fn read(at: &At<'_>, names: &HashSet<&str>) -> Result<Mapping, ReadError> {
        let paths = at.member("paths")?;
        let repositories = at.member("repositories")?;
        let threshold = at.member("threshold")?;
        let mut seen = HashSet::new();
        for repository in repositories.items()? {
            let name = repository.text()?;
            if !names.contains(name) {
                return Err(repository.wrong("the name of a listed repository"));
            }
            if !seen.insert(name) {
                return Err(repository.wrong("each repository once"));
            }
        }
        if seen.is_empty() {
            return Err(repositories.wrong("at least one repository"));
        }
        let mapping = Mapping {
            paths: paths.texts()?,
            repositories: repositories.texts()?,
            threshold: threshold.value.as_u64().unwrap_or_default(),
            terminating: match at.member("terminating")? {
                At {
                    value: Value::Bool(flag),
                    ..
                } => *flag,
                other => return Err(other.wrong("true or false")),
            },
        };
        if mapping.paths.is_empty() {
            return Err(paths.wrong("at least one pattern"));
        }
        if !(1..=seen.len() as u64).contains(&mapping.threshold) {
            return Err(threshold.wrong(&format!(
                "an integer from 1 to {}, the number of its repositories",
                seen.len()
            )));
        }
        Ok(mapping)
    }
}

/// Whether a client may keep a repository in a folder of this name.
fn is_folder_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0'])
}

/// A value and the way to it.
struct At<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> At<'a> {
    fn top(value: &'a Value) -> Self {
        At {
            value,
            path: String::new(),
        }
    }

    fn below(&self, step: &str, value: &'a Value) -> At<'a> {
        let path = format!("{}{step}", self.path);
        let path = path.strip_prefix('.').map(str::to_owned).unwrap_or(path);
        At { value, path }
    }

    fn member(&self, name: &str) -> Result<At<'a>, ReadError> {
        let step = format!(".{name}");
        match self.object()?.get(name) {
            Some(value) => Ok(self.below(&step, value)),
            None => {
                let missing = self.below(&step, self.value).path;
                Err(ReadError::shape(missing, "a member of that name", "nothing"))
            }
        }
    }

    fn object(&self) -> Result<&'a Object, ReadError> {
        self.value.as_object().ok_or_else(|| self.wrong("an object"))
    }

    fn items(&self) -> Result<Vec<At<'a>>, ReadError> {
        let items = self.value.as_array().ok_or_else(|| self.wrong("an array"))?;
        let items = items.iter().enumerate();
        Ok(items
            .map(|(place, item)| self.below(&format!("[{place}]"), item))
            .collect())
    }

    fn text(&self) -> Result<&'a str, ReadError> {
        self.value.as_str().ok_or_else(|| self.wrong("a string"))
    }

    fn texts(&self) -> Result<Vec<String>, ReadError> {
        self.items()?.iter().map(|item| Ok(item.text()?.to_owned())).collect()
    }

    fn wrong(&self, expected: &str) -> ReadError {
        let found = match self.value {
            Value::String(text) => shown(text),
            Value::Integer(number) => number.as_str().to_owned(),
            other => other.kind().to_owned(),
        };
        let at = if self.path.is_empty() { "the map" } else { &self.path };
        ReadError::shape(at, expected, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = r#"{
        "repositories": {"vendor": ["https://vendor.example.org/"], "mirror": [], "own": ["https://own.example.org/a/", "b"]},
        "mapping": [
            {"paths": ["vendor/*.tgz"], "repositories": ["vendor", "mirror"], "threshold": 2, "terminating": false},
            {"paths": ["vendor/*", "x"], "repositories": ["vendor"], "threshold": 1, "terminating": true, "note": "ours"},
            {"paths": ["*"], "repositories": ["own"], "threshold": 1, "terminating": true},
            {"paths": ["last"], "repositories": ["own"], "threshold": 1, "terminating": false}
        ]
    }"#;

    #[test]
    fn a_map_says_who_is_asked_for_a_path_and_when_a_client_stops() {
        let map = Map::read(MAP.as_bytes()).unwrap();
        assert_eq!(map.repositories.len(), 3);
        assert_eq!(map.repositories[2].urls, ["https://own.example.org/a/", "b"]);
        let asked = |path: &str| -> Vec<(usize, bool)> {
            let asked = map.asked(path).into_iter();
            asked.map(|asked| (asked.place, asked.only_across_slashes)).collect()
        };
        assert_eq!(asked("vendor/a.tgz"), [(0, false), (1, false)]);
        assert_eq!(asked("vendor/a.zip"), [(1, false)]);
        assert_eq!(asked("x"), [(1, false)]);
        assert_eq!(asked("file"), [(2, false)]);
        // The first client of TAP 4 lets `*` cross slashes, TUF's own patterns do not: both ways are shown.
        assert_eq!(asked("vendor/a/b.tgz"), [(0, true), (1, true), (2, true)]);
        assert_eq!(asked("a/b"), [(2, true)]);
        assert_eq!(asked("last"), [(2, false)], "a terminating mapping ends the way");
    }

    #[test]
    fn what_is_wrong_with_a_map_is_said_with_its_place() {
        let cases = [
            ("", "", "a value"),
            ("[]", "the map", "an object"),
            ("{}", "repositories", "a member of that name"),
            (r#"{"repositories": {}}"#, "mapping", "a member of that name"),
            (r#"{"repositories": [], "mapping": []}"#, "repositories", "an object"),
            (
                r#"{"repositories": {"a": "u"}, "mapping": []}"#,
                r#"repositories."a""#,
                "an array",
            ),
            (
                r#"{"repositories": {"a": [1]}, "mapping": []}"#,
                r#"repositories."a"[0]"#,
                "a string",
            ),
            (
                r#"{"repositories": {"..": []}, "mapping": []}"#,
                r#"repositories."..""#,
                "a name that can be a folder's",
            ),
            (
                r#"{"repositories": {"a/b": []}, "mapping": []}"#,
                r#"repositories."a/b""#,
                "a name that can be a folder's",
            ),
            (
                r#"{"repositories": {"a": [], "a": []}, "mapping": []}"#,
                "",
                "each member once",
            ),
            (r#"{"repositories": {"a": []}, "mapping": {}}"#, "mapping", "an array"),
        ];
        let told = |text: &str| match Map::read(text.as_bytes()).unwrap_err() {
            ReadError::Shape { at, expected, .. } => (at, expected),
            ReadError::Json(error) => (String::new(), error.expected.to_owned()),
        };
        for (text, at, expected) in cases {
            assert_eq!(told(text), (at.to_owned(), expected.to_owned()), "{text}");
        }
        let mapping = |text: &str| {
            told(&format!(
                r#"{{"repositories": {{"a": [], "b": []}}, "mapping": [{{{text}}}]}}"#
            ))
        };
        let rest = r#""paths": ["*"], "terminating": true"#;
        let cases = [
            (
                format!(r#"{rest}, "repositories": ["a"]"#),
                "mapping[0].threshold",
                "a member of that name",
            ),
            (
                format!(r#"{rest}, "repositories": ["a"], "threshold": 0"#),
                "mapping[0].threshold",
                "an integer from 1 to 1, the number of its repositories",
            ),
            (
                format!(r#"{rest}, "repositories": ["a", "b"], "threshold": 3"#),
                "mapping[0].threshold",
                "an integer from 1 to 2, the number of its repositories",
            ),
            (
                format!(r#"{rest}, "repositories": ["a", "c"], "threshold": 1"#),
                "mapping[0].repositories[1]",
                "the name of a listed repository",
            ),
            (
                format!(r#"{rest}, "repositories": ["a", "a"], "threshold": 1"#),
                "mapping[0].repositories[1]",
                "each repository once",
            ),
            (
                format!(r#"{rest}, "repositories": [], "threshold": 1"#),
                "mapping[0].repositories",
                "at least one repository",
            ),
            (
                r#""paths": [], "terminating": true, "repositories": ["a"], "threshold": 1"#.to_owned(),
                "mapping[0].paths",
                "at least one pattern",
            ),
            (
                r#""paths": ["*"], "terminating": 1, "repositories": ["a"], "threshold": 1"#.to_owned(),
                "mapping[0].terminating",
                "true or false",
            ),
            (
                r#""paths": ["*"], "repositories": ["a"], "threshold": 1"#.to_owned(),
                "mapping[0].terminating",
                "a member of that name",
            ),
        ];
        for (text, at, expected) in cases {
            assert_eq!(mapping(&text), (at.to_owned(), expected.to_owned()), "{text}");
        }
        assert!(Map::read(br#"{"repositories": {}, "mapping": []}"#).is_ok());
    }
}
