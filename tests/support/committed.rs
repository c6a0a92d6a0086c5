//! Files that are generated and committed: a test fails when one is stale and rewrites it when `UPDATE_TYPES=1`.

use std::{env, fs};

use crate::sources;

/// Compares the file at `path` (from the root) with `fresh`, or writes it when the environment says `UPDATE_TYPES=1`.
///
/// Panics when the file is stale, naming the command that refreshes it.
pub fn is_fresh(path: &str, fresh: &str) {
    let place = sources::root().join(path);
    if env::var_os("UPDATE_TYPES").is_some_and(|value| value == "1") {
        let folder = place.parent().expect("a committed file lies in a folder");
        fs::create_dir_all(folder).expect("the folder of a committed file can be made");
        fs::write(&place, fresh).expect("a committed file can be written");
        return;
    }
    let committed = fs::read_to_string(&place).unwrap_or_default();
    if let Some((number, (old, new))) = committed
        .lines()
        .map(Some)
        .chain(std::iter::repeat(None))
        .zip(fresh.lines().map(Some).chain(std::iter::repeat(None)))
        .take_while(|pair| *pair != (None, None))
        .enumerate()
        .find(|(_, (old, new))| old != new)
    {
        panic!(
            "{path} is stale, run ./dev types (line {}: committed {old:?}, fresh {new:?})",
            number + 1
        );
    }
}
