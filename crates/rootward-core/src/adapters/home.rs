//! Where the desk lives when nobody says where.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::ports::Failure;

/// The data folder: the one given, else `rootward` among this user's application data (XDG base directories).
///
/// Fails with `data-folder-unusable` when none is given and the user has no home.
pub fn data_folder(given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path: &PathBuf| path.is_absolute())
    };
    given
        .or_else(|| among(absolute("XDG_DATA_HOME").as_deref(), absolute("HOME").as_deref()))
        .ok_or_else(|| {
            Failure::fault(
                "data-folder-unusable",
                "no data folder was given and $HOME names none: expected --data DIR",
            )
        })
}

/// Where Notary and Docker keep this user's keys: `~/.notary` and `~/.docker/trust`, whether they are there or not.
pub fn folders_of_keys() -> Vec<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let below = |inside: &str| home.as_deref().map(|home| home.join(inside));
    [".notary", ".docker/trust"].into_iter().filter_map(below).collect()
}

fn among(data_home: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    let folder = data_home.map(Path::to_owned);
    folder
        .or_else(|| Some(home?.join(".local/share")))
        .map(|folder| folder.join("rootward"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_given_wins_and_then_the_users_own() {
        let (data, home) = (Path::new("/data"), Path::new("/home/officer_1"));
        assert_eq!(data_folder(Some("here".into())), Ok("here".into()));
        assert_eq!(among(Some(data), Some(home)), Some("/data/rootward".into()));
        assert_eq!(
            among(None, Some(home)),
            Some("/home/officer_1/.local/share/rootward".into())
        );
        assert_eq!(among(None, None), None);
    }
}
