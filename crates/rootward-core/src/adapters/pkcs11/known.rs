//! Modules that have a short name, and where their libraries lie. Nothing is searched for: only these places count.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::ports::{Failure, ModuleName};

/// Short names and the libraries they stand for, the usual place first. `*` is any folder of a machine's kind, such as
/// `x86_64-linux-gnu`.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "softhsm",
        &[
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/*/softhsm/libsofthsm2.so",
            "/usr/lib64/softhsm/libsofthsm2.so",
            "/usr/lib64/pkcs11/libsofthsm2.so",
            "/usr/local/lib/softhsm/libsofthsm2.so",
        ],
    ),
    (
        "ykcs11",
        &[
            "/usr/lib/*/libykcs11.so.2",
            "/usr/lib/*/libykcs11.so",
            "/usr/lib64/libykcs11.so.2",
            "/usr/lib64/libykcs11.so",
            "/usr/local/lib/libykcs11.so",
        ],
    ),
    (
        "opensc",
        &[
            "/usr/lib/*/opensc-pkcs11.so",
            "/usr/lib64/opensc-pkcs11.so",
            "/usr/lib64/pkcs11/opensc-pkcs11.so",
            "/usr/lib/opensc-pkcs11.so",
            "/usr/local/lib/opensc-pkcs11.so",
        ],
    ),
    (
        "yubihsm",
        &[
            "/usr/lib/*/pkcs11/yubihsm_pkcs11.so",
            "/usr/lib64/pkcs11/yubihsm_pkcs11.so",
            "/usr/local/lib/pkcs11/yubihsm_pkcs11.so",
        ],
    ),
    (
        "nethsm",
        &[
            "/usr/lib/*/libnethsm_pkcs11.so",
            "/usr/lib/nitrokey/libnethsm_pkcs11.so",
            "/usr/lib64/libnethsm_pkcs11.so",
            "/usr/local/lib/nitrokey/libnethsm_pkcs11.so",
        ],
    ),
];

/// Every short name whose library lies on this machine.
pub(super) fn here() -> Vec<(ModuleName, PathBuf)> {
    let found = KNOWN
        .iter()
        .filter_map(|(short, places)| Some((ModuleName::new(short)?, first(places)?)));
    found.collect()
}

/// Whether a module speaks with smart cards, whose coming and going another service tells of. Looking at a card disturbs whoever
/// works with it.
pub(super) fn is_of_cards(name: &ModuleName) -> bool {
    let called = name.as_str().rsplit('/').next().unwrap_or_default();
    ["ykcs11", "opensc"].iter().any(|of_cards| called.contains(of_cards))
}

/// The library a name stands for.
///
/// Fails with `module-unusable` when there is none, or when others than its owner may change it.
pub(super) fn library(name: &ModuleName) -> Result<PathBuf, Failure> {
    let unusable = |why: String| Failure::fault("module-unusable", why).with("module", name.as_str());
    let path = match name.path() {
        Some(path) => path.to_owned(),
        None => match KNOWN.iter().find(|(short, _)| *short == name.as_str()) {
            Some((short, places)) => first(places).ok_or_else(|| {
                unusable(format!(
                    "the module {short} is not installed here, looked for it in {}",
                    places.join(", ")
                ))
            })?,
            None => {
                let names: Vec<_> = KNOWN.iter().map(|(short, _)| *short).collect();
                return Err(unusable(format!(
                    "expected the path of a PKCS#11 module or one of {}, got {name}",
                    names.join(", ")
                )));
            }
        },
    };
    let facts = path
        .metadata()
        .map_err(|why| unusable(format!("the PKCS#11 module {} cannot be read: {why}", path.display())))?;
    if !facts.is_file() {
        return Err(unusable(format!("{} is no file", path.display())));
    }
    if facts.mode() & 0o002 != 0 {
        return Err(unusable(format!(
            "anybody on this machine may change {}; expected a library that only its owner can",
            path.display()
        )));
    }
    Ok(path)
}

fn first(places: &[&str]) -> Option<PathBuf> {
    places
        .iter()
        .flat_map(|place| spelled_out(place))
        .find(|path| path.is_file())
}

/// The place itself, or one for each folder that stands for its `*`.
fn spelled_out(place: &str) -> Vec<PathBuf> {
    let Some((above, below)) = place.split_once("/*/") else {
        return vec![place.into()];
    };
    let entries = Path::new(above).read_dir().into_iter().flatten().flatten();
    let mut machines: Vec<_> = entries
        .filter(|entry| entry.file_name().to_string_lossy().contains("-linux-"))
        .map(|entry| entry.path().join(below))
        .collect();
    machines.sort();
    machines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_one_and_every_place_is_absolute() {
        for (short, places) in KNOWN {
            assert!(ModuleName::new(short).is_some(), "{short}");
            assert!(places.iter().all(|place| place.starts_with('/')), "{short}");
        }
    }

    #[test]
    fn a_library_that_anybody_may_change_is_not_loaded() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("module.so");
        std::fs::write(&path, "x").expect("written");
        let name = ModuleName::new(path.to_str().expect("a path")).expect("a name");
        for (mode, is_taken) in [(0o755, true), (0o777, false)] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("set");
            assert_eq!(library(&name).is_ok(), is_taken, "{mode:o}");
        }
        for other in ["nonesuch", "/nowhere/module.so"] {
            let refused = library(&ModuleName::new(other).expect("a name")).expect_err("it is not there");
            assert_eq!(refused.code, "module-unusable", "{other}");
        }
    }
}
