//! Keys of other programs are copied onto this desk, and keys of this desk into Notary's form. Nothing is deleted anywhere.
//!
//! A copy gets a passphrase of its own, which its officer chooses; see [`crate::ports::Keys::copy`].

use std::path::{Path, PathBuf};

use rootward_tuf::{
    key::{Key, PhysicalKey, PublicKey},
    role::RoleName,
};

use super::{
    inventory::{FoundKey, Inventory},
    label,
};
use crate::ports::{Failure, KeyCopy, KeyForm, KeyReference, Ports, PromptRequest, Protection};

/// A key that was copied onto this desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub from: PathBuf,
    pub to: PathBuf,
    pub public: PublicKey,
    pub role: Option<String>,
    pub gun: Option<String>,
}

/// A key that was written for Notary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub to: PathBuf,
    pub public: PublicKey,
    pub role: String,
    pub gun: Option<String>,
}

/// Where this desk keeps keys of its own.
pub fn own_folder(data: &Path) -> PathBuf {
    data.join("keys")
}

/// Copies a key that was found in another program's folder onto this desk. Asks for its passphrase, if it has one, and for a
/// new one.
///
/// Refuses with `already-imported` when the key lies on this desk, and fails as [`crate::ports::Keys::copy`] does.
pub fn import(ports: &Ports, found: &FoundKey) -> Result<Imported, Failure> {
    let folder = own_folder(&ports.data);
    ports.disk.create_folder(&folder).map_err(|why| {
        Failure::fault("disk-failed", format!("{} cannot be made: {why}", folder.display()))
            .with("folder", folder.display().to_string())
    })?;
    // What the public half tells is refused before anybody types a passphrase.
    if let Some(public) = &found.public {
        is_new(ports, &folder, public)?;
    }
    let from = KeyReference::File(found.path.clone());
    let chosen = |public: &PublicKey| {
        is_new(ports, &folder, public)?;
        let name = file_name(found.role.as_deref(), found.gun.as_deref(), public.physical());
        Ok(KeyCopy {
            path: folder.join(name),
            form: KeyForm::Ours,
        })
    };
    let request = PromptRequest {
        change: format!(
            "{} is copied onto this desk under a passphrase of its own. The file it comes from stays as it is.",
            sentence(found)
        ),
        key: found.path.display().to_string(),
        ..PromptRequest::default()
    };
    let public = ports.keys.copy(&from, &chosen, &*ports.prompt, &request)?;
    let to = folder.join(file_name(
        found.role.as_deref(),
        found.gun.as_deref(),
        public.physical(),
    ));
    Ok(Imported {
        from: found.path.clone(),
        to,
        public,
        role: found.role.clone(),
        gun: found.gun.clone(),
    })
}

/// Writes a key for Notary's command line, which takes it with `notary key import`. Asks for its passphrase and for a new one.
///
/// Refuses with `bad-usage` when Notary would not take such a role or GUN, and fails as [`crate::ports::Keys::copy`] does.
pub fn export(
    ports: &Ports,
    key: &KeyReference,
    role: &str,
    gun: Option<&str>,
    to: &Path,
) -> Result<Exported, Failure> {
    let gun = gun_for(role, gun)?;
    let copy = KeyCopy {
        path: to.to_owned(),
        form: KeyForm::Notary {
            role: role.to_owned(),
            gun: gun.clone(),
        },
    };
    let name = match key {
        KeyReference::File(path) => path.display().to_string(),
        _ => label(key),
    };
    let request = PromptRequest {
        change: format!(
            "A copy of this key is written to {} for Notary's command line, under a passphrase of its own.",
            to.display()
        ),
        key: name,
        ..PromptRequest::default()
    };
    let public = ports.keys.copy(key, &|_| Ok(copy.clone()), &*ports.prompt, &request)?;
    Ok(Exported {
        to: to.to_owned(),
        public,
        role: role.to_owned(),
        gun,
    })
}

/// Notary wants a GUN with keys of targets and snapshot, and none with others: one root key may serve many.
fn gun_for(role: &str, gun: Option<&str>) -> Result<Option<String>, Failure> {
    let usage = |why: String| Err(Failure::refusal("bad-usage", why));
    if RoleName::new(role).is_err() || role.chars().any(char::is_control) {
        return usage(format!(
            "expected a role such as root or targets/releases, got {role:?}"
        ));
    }
    match (role, gun) {
        ("timestamp", _) => usage("the timestamp key is always the Notary server's".into()),
        ("targets" | "snapshot", None) => usage(format!("expected the GUN that the {role} key is for")),
        (_, Some(gun)) if gun.is_empty() || gun.chars().any(|letter| letter.is_control() || letter.is_whitespace()) => {
            usage("expected a GUN without blanks".into())
        }
        ("targets" | "snapshot", Some(gun)) => Ok(Some(gun.to_owned())),
        (_, Some(_)) => usage(format!("Notary keeps a {role} key for every GUN: expected none")),
        (_, None) => Ok(None),
    }
}

/// Refuses a key that lies in the desk's folder already, under whatever name.
fn is_new(ports: &Ports, folder: &Path, public: &PublicKey) -> Result<(), Failure> {
    let own = Inventory::of(folder, &*ports.disk, &*ports.keys)?;
    let same = own
        .keys
        .into_iter()
        .find(|key| key.public.as_ref().map(PublicKey::physical) == Some(public.physical()));
    match same {
        None => Ok(()),
        Some(same) => {
            let message = format!("the key lies on this desk already, in {}", same.path.display());
            Err(Failure::refusal("already-imported", message)
                .with("file", same.path.display().to_string())
                .with("key", public.physical().to_string()))
        }
    }
}

/// `targets-registry.example_app-1d0a44e2.pem`: what a person looks for first, and enough of the key to be the only one.
fn file_name(role: Option<&str>, gun: Option<&str>, key: PhysicalKey) -> String {
    let harmless = |text: &str| -> String {
        let kept = text.chars().map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => letter,
            _ => '_',
        });
        kept.take(60).collect::<String>().trim_start_matches('.').to_owned()
    };
    let key = rootward_tuf::encoding::hex(&key.bytes()[..4]);
    let parts = [role.map(harmless), gun.map(harmless), Some(format!("{key}.pem"))];
    parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// `The targets key of registry.example/app, which no passphrase protects,`
fn sentence(found: &FoundKey) -> String {
    let role = found.role.as_deref().unwrap_or("unknown");
    let mut text = format!("The {role} key");
    if let Some(gun) = &found.gun {
        text.push_str(&format!(" of {gun}"));
    }
    if found.protection == Protection::Open {
        text.push_str(", which no passphrase protects,");
    }
    text
}

/// The id that Notary calls a key by.
pub fn canonical(public: &PublicKey) -> String {
    Key::new_notary_bare(public).keyid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copys_name_says_what_it_is_and_leads_nowhere() {
        // The base point of the curve, which is nobody's.
        let mut point = [0x66; 32];
        point[0] = 0x58;
        let key = PublicKey::from_ed25519_bytes(&point).unwrap().physical();
        let digits = &key.to_string()["sha256:".len()..][..8];
        for (role, gun, expected) in [
            (Some("root"), None, "root-"),
            (
                Some("targets"),
                Some("reg.example/team/app"),
                "targets-reg.example_team_app-",
            ),
            (Some("../../etc"), Some("/a b\n"), "_.._etc-_a_b_-"),
            (Some(".."), None, ""),
            (None, None, ""),
        ] {
            assert_eq!(file_name(role, gun, key), format!("{expected}{digits}.pem"));
        }
        assert!(file_name(Some(&"x".repeat(500)), Some(&"y".repeat(500)), key).len() < 200);
    }

    #[test]
    fn notary_is_given_a_gun_where_it_wants_one_and_only_there() {
        let cases = [
            ("root", None, true),
            ("targets", Some("reg.example/app"), true),
            ("snapshot", Some("reg.example/app"), true),
            ("targets/releases", None, true),
            ("root", Some("reg.example/app"), false),
            ("targets", None, false),
            ("targets", Some("a\nrole: root"), false),
            ("targets", Some(""), false),
            ("targets/a", Some("reg.example/app"), false),
            ("timestamp", Some("reg.example/app"), false),
            ("", None, false),
            ("targets/a\ngun: x", None, false),
        ];
        for (role, gun, is_taken) in cases {
            assert_eq!(gun_for(role, gun).is_ok(), is_taken, "{role:?} {gun:?}");
        }
    }
}
