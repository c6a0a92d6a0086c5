//! Names from outside: target paths and role names, the file names made of them, and the patterns that delegate them.

use rootward_tuf::{PathSet, RoleName, Target, TargetPath};

use crate::tape::Tape;

/// `true` if the second text is a path that can be stored.
pub fn paths(data: &[u8]) -> bool {
    let mut tape = Tape::new(data);
    let pattern = tape.text();
    let path = String::from_utf8_lossy(tape.rest()).into_owned();
    patterns(&pattern, &path);
    roles(&path);
    targets(&path)
}

fn targets(path: &str) -> bool {
    let Ok(target) = TargetPath::new(path) else {
        return false;
    };
    assert_eq!(target.as_str(), path);
    for consistent in [false, true] {
        let served = target
            .served(&Target::of(b"content"), consistent)
            .expect("there is a digest");
        assert!(
            served
                .iter()
                .all(|part| !matches!(part.as_str(), "" | "." | "..") && !part.contains('/'))
        );
        assert_eq!(consistent, served.join("/") != path);
    }
    let Ok(name) = target.file_name() else { return false };
    harmless(&name);
    true
}

fn roles(name: &str) {
    let Ok(role) = RoleName::new(name) else { return };
    if let Ok(stem) = role.file_stem() {
        harmless(&stem);
        assert_eq!(RoleName::from_file_stem(&stem), Some(role));
    }
    if let Some(role) = RoleName::from_file_stem(name) {
        assert_eq!(role.file_stem().as_deref(), Ok(name), "a role has one file name");
    }
}

/// One component, which no file system reads as more.
fn harmless(name: &str) {
    assert!(!matches!(name, "" | "." | "..") && name.len() < 256);
    assert!(
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-~.%".contains(&byte)),
        "{name}"
    );
}

fn patterns(pattern: &str, path: &str) {
    let of = |set: fn(Vec<String>) -> PathSet| set(vec![pattern.to_owned()]).covers(path);
    assert_eq!(of(PathSet::Prefixes), path.starts_with(pattern));
    let _ = of(PathSet::HashPrefixes);
    // The reference tries every way, so both stay short; it knows no classes.
    let (pattern_chars, path_chars): (Vec<char>, Vec<char>) = (pattern.chars().collect(), path.chars().collect());
    let stars = pattern_chars.iter().filter(|&&character| character == '*').count();
    if stars <= 4 && path_chars.len() <= 40 && !pattern.contains('[') {
        assert_eq!(
            of(PathSet::Patterns),
            matches(&pattern_chars, &path_chars),
            "{pattern:?} {path:?}"
        );
    }
}

/// Shell patterns as TUF 4.5 means them: `*` and `?` stand for anything but `/`.
fn matches(pattern: &[char], path: &[char]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (['*', rest @ ..], _) => {
            let ends = 0..=path.iter().take_while(|&&character| character != '/').count();
            ends.into_iter().any(|end| matches(rest, &path[end..]))
        }
        (['?', rest @ ..], [one, after @ ..]) if *one != '/' => matches(rest, after),
        (['?', ..], _) => false,
        ([wanted, rest @ ..], [one, after @ ..]) if wanted == one => matches(rest, after),
        _ => false,
    }
}
