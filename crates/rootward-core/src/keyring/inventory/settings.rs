//! What `config.json` tells the client that owns a folder of keys. Read to be shown, never followed.

use std::{io, path::Path};

use rootward_tuf::json::{self, Value};

use super::Unreadable;
use crate::ports::Disk;

/// The client's settings that say where it keeps keys, which server it asks, and what it trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// `trust_dir`: keys and cache may lie somewhere else.
    pub trust_dir: Option<String>,
    /// `remote_server`.
    pub server: Option<Server>,
    /// `trust_pinning`.
    pub pins: Option<Pins>,
}

/// The server the client asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// Without the user's name and password, should it hold them.
    pub url: Option<String>,
    pub root_ca: Option<String>,
    pub client_certificate: Option<String>,
}

/// What the client trusts besides its cache.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins {
    /// TUF ids of root certificates by GUN.
    pub certificates: Vec<(String, Vec<String>)>,
    /// CA files by prefix of a GUN.
    pub authorities: Vec<(String, String)>,
    pub refuses_first_use: bool,
}

const FILE: &str = "config.json";
const LONGEST: u64 = 1 << 20;

impl Settings {
    /// Reads the file, if there is one that sets any of these.
    pub(super) fn read(disk: &dyn Disk, folder: &Path, unreadable: &mut Vec<Unreadable>) -> Option<Self> {
        let mut skip = |why: String| {
            let path = folder.join(FILE);
            unreadable.push(Unreadable { path, why });
        };
        let bytes = match disk.read_inside(folder, Path::new(FILE), LONGEST) {
            Ok(bytes) => bytes,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return None,
            Err(why) => {
                skip(why.to_string());
                return None;
            }
        };
        match json::parse(&bytes, json::Limits::default()) {
            Ok(config) => {
                let settings = Settings::of(&config);
                (settings != Settings::default()).then_some(settings)
            }
            Err(why) => {
                skip(why.to_string());
                None
            }
        }
    }

    fn of(config: &Value) -> Self {
        let server = config.get("remote_server").map(|server| Server {
            url: text(server, "url").map(|url| without_user(&url)),
            root_ca: text(server, "root_ca"),
            client_certificate: text(server, "tls_client_cert"),
        });
        let pins = config.get("trust_pinning").map(|pins| Pins {
            certificates: members(pins, "certs")
                .map(|(gun, ids)| {
                    let ids = ids.as_array().unwrap_or_default();
                    (gun, ids.iter().filter_map(Value::as_str).map(str::to_owned).collect())
                })
                .collect(),
            authorities: members(pins, "ca")
                .filter_map(|(gun, file)| Some((gun, file.as_str()?.to_owned())))
                .collect(),
            refuses_first_use: pins.get("disable_tofu") == Some(&Value::Bool(true)),
        });
        Settings {
            trust_dir: text(config, "trust_dir"),
            server,
            pins,
        }
    }
}

fn text(object: &Value, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn members<'a>(object: &'a Value, name: &str) -> impl Iterator<Item = (String, &'a Value)> {
    let object = object.get(name).and_then(Value::as_object);
    object
        .into_iter()
        .flat_map(|object| object.iter())
        .map(|(name, value)| (name.to_owned(), value))
}

/// Cuts `user:password@` out of a URL: it is shown and printed.
fn without_user(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let rest = match rest[..authority].rfind('@') {
        Some(at) => &rest[at + 1..],
        None => rest,
    };
    if scheme.is_empty() {
        rest.to_owned()
    } else {
        format!("{scheme}://{rest}")
    }
}
