//! A Notary server inside this program: it answers requests as the real one does, with the same rules, statuses and names.
//!
//! It is reached by `practice://NAME`, through the client that speaks to real servers. One file holds what it knows.

mod rules;
mod shelf;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use reqwest::Url;
use rootward_tuf::{Instant, RoleName, encoding::hex};
use serde_json::{Value, json};

pub use self::shelf::Gun;
use self::shelf::Shelf;
use super::{LABEL, file, read, write};
use crate::{
    adapters::web::{Answer, Ask, Carrier, Unanswered, Wish},
    ports::{Clock, Disk, Failure},
};

/// The practice servers of a desk. Cheap to clone.
#[derive(Clone)]
pub struct PracticeServers(Arc<Servers>);

struct Servers {
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    folder: PathBuf,
    /// Held while a request is answered: what it changes it has read before.
    busy: Mutex<()>,
}

/// What a server says: a status and a body.
struct Said {
    status: u16,
    body: Vec<u8>,
}

impl Said {
    fn ok(body: Vec<u8>) -> Self {
        Said { status: 200, body }
    }

    /// As the real server words errors.
    fn error(status: u16, code: &str, message: &str, detail: Value) -> Self {
        let errors = json!({ "errors": [{ "code": code, "message": message, "detail": detail }] });
        let body = errors.to_string().into_bytes();
        Said { status, body }
    }

    fn invalid_update(name: &str, why: &str) -> Self {
        let detail = json!({ "Name": name, "Error": { "Msg": why } });
        Said::error(400, "INVALID_UPDATE", "Update sent by the client is invalid.", detail)
    }

    fn no_metadata() -> Self {
        let message = "You have requested metadata that does not exist.";
        Said::error(404, "METADATA_NOT_FOUND", message, json!({}))
    }
}

impl PracticeServers {
    /// The servers in a desk's data folder.
    pub fn of(disk: Arc<dyn Disk>, clock: Arc<dyn Clock>, data: &Path) -> Self {
        PracticeServers::new(disk, clock, data.join("practice").join("servers"))
    }

    /// What a server holds of a repository.
    #[cfg(test)]
    pub fn held(&self, name: &str, gun: &str) -> Gun {
        let path = file(&self.0.folder, name).expect("a name");
        let shelf: Option<Shelf> = read(&*self.0.disk, &path).expect("it can be read");
        shelf.and_then(|shelf| shelf.guns.get(gun).cloned()).unwrap_or_default()
    }

    /// Lets a server hold this of a repository from now on.
    #[cfg(test)]
    pub fn hold(&self, name: &str, gun: &str, held: Gun) {
        let path = file(&self.0.folder, name).expect("a name");
        let shelf: Option<Shelf> = read(&*self.0.disk, &path).expect("it can be read");
        let mut shelf = shelf.unwrap_or_else(|| Shelf::new(LABEL));
        shelf.guns.insert(gun.to_owned(), held);
        write(&*self.0.disk, &self.0.folder, &path, &shelf).expect("it can be written");
    }

    /// Servers whose files lie in `folder`; reads none yet.
    pub fn new(disk: Arc<dyn Disk>, clock: Arc<dyn Clock>, folder: PathBuf) -> Self {
        PracticeServers(Arc::new(Servers {
            disk,
            clock,
            folder,
            busy: Mutex::default(),
        }))
    }
}

#[async_trait]
impl Carrier for PracticeServers {
    async fn carry(&self, ask: &Ask<'_>) -> Result<Answer, Unanswered> {
        let never_sent = |failure| Unanswered {
            failure,
            may_have_arrived: false,
        };
        let url = ask.url.clone();
        let files = match ask.wish {
            Wish::Take(files) => Some(files.to_vec()),
            Wish::Read | Wish::ReadFresh | Wish::Do => None,
        };
        let does = matches!(ask.wish, Wish::Do);
        let servers = self.0.clone();
        let answered = tokio::task::spawn_blocking(move || servers.answer(&url, does, files.as_deref()));
        let said = answered
            .await
            .map_err(|why| never_sent(Failure::fault("panicked", why.to_string())))?
            .map_err(never_sent)?;
        if said.body.len() as u64 > ask.limit {
            let message = format!("{} is larger than {} bytes", ask.url, ask.limit);
            return Err(never_sent(
                Failure::fault("too-large", message).with("url", ask.url.as_str()),
            ));
        }
        Ok(Answer {
            status: said.status,
            url: ask.url.clone(),
            body: said.body,
            challenge: None,
        })
    }
}

impl Servers {
    /// Answers one request. Fails as the disk does.
    fn answer(&self, url: &Url, does: bool, files: Option<&[(String, Vec<u8>)]>) -> Result<Said, Failure> {
        let name = url.host_str().unwrap_or_default();
        let path = file(&self.folder, name).ok_or_else(|| {
            Failure::fault("bad-source", format!("{url} names no practice server")).with("url", url.as_str())
        })?;
        let _busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let mut shelf = read::<Shelf>(&*self.disk, &path)?.unwrap_or_else(|| Shelf::new(LABEL));
        let before = shelf.clone();
        let said = self.respond(&mut shelf, url, does, files);
        if shelf != before {
            write(&*self.disk, &self.folder, &path, &shelf)?;
        }
        Ok(said)
    }

    fn respond(&self, shelf: &mut Shelf, url: &Url, does: bool, files: Option<&[(String, Vec<u8>)]>) -> Said {
        let now = self.clock.now();
        let not_found = || Said {
            status: 404,
            body: b"404 page not found".to_vec(),
        };
        let path = url.path();
        if path == "/v2/" {
            return Said::ok(b"{}".to_vec());
        }
        if path == "/v2/_trust/changefeed" {
            return changefeed(shelf, url);
        }
        let Some((gun, name)) = path
            .strip_prefix("/v2/")
            .and_then(|rest| rest.split_once("/_trust/tuf/"))
        else {
            return not_found();
        };
        if let Some(files) = files {
            return match name.is_empty() {
                true => publish(shelf, gun, files, now),
                false => not_found(),
            };
        }
        if let Some(role) = name.strip_suffix(".key") {
            return server_key(shelf, gun, role, does);
        }
        if does {
            return not_found();
        }
        let Some(held) = shelf.guns.get_mut(gun) else {
            return Said::no_metadata();
        };
        match document(held, name, now) {
            Some(bytes) => Said::ok(bytes),
            None => Said::no_metadata(),
        }
    }
}

/// Takes an upload, or says by which rule it does not. Nothing is changed then.
fn publish(shelf: &mut Shelf, gun: &str, files: &[(String, Vec<u8>)], now: Instant) -> Said {
    let held = shelf.guns.get(gun).cloned().unwrap_or_default();
    match rules::updated(&held, gun, files, now) {
        Ok(updated) => {
            shelf.take(gun, updated, now);
            Said::ok(Vec::new())
        }
        Err(said) => said,
    }
}

/// The key the server signs a role with, or a new one that waits for a root which lists it.
fn server_key(shelf: &mut Shelf, gun: &str, role: &str, rotates: bool) -> Said {
    let role = match role {
        "timestamp" => RoleName::timestamp(),
        "snapshot" => RoleName::snapshot(),
        _ => {
            return Said::error(
                400,
                "INVALID_ROLE",
                "The role you are attempting to operate on is invalid.",
                Value::Null,
            );
        }
    };
    let held = shelf.guns.entry(gun.to_owned()).or_default();
    let listed = match rotates {
        true => None,
        false => held.key_of(&role).or_else(|| held.waiting_key(&role)),
    };
    let key = listed.or_else(|| held.make_key(&role));
    match key {
        Some(key) => Said::ok(rootward_tuf::canonical(key.listed.raw())),
        None => Said::error(
            500,
            "NO_CRYPTOSERVICE",
            "The server does not have a configured signer.",
            Value::Null,
        ),
    }
}

/// A document by its name below `_trust/tuf/`: `ROLE.json`, `ROLE.SHA256.json`, `VERSION.ROLE.json`.
fn document(held: &mut Gun, name: &str, now: Instant) -> Option<Vec<u8>> {
    let stem = name.strip_suffix(".json")?;
    if let Some((version, role)) = stem.split_once('.')
        && let Ok(version) = version.parse::<u64>()
    {
        return held.document(role, version);
    }
    if let Some((role, digest)) = stem.rsplit_once('.') {
        return held.by_digest(role, digest);
    }
    // What the server signs is made anew when it has ended, as somebody asks for it.
    if stem == "timestamp" || stem == "snapshot" {
        rules::sign_what_ended(held, now);
    }
    held.newest(stem).map(|(_, bytes)| bytes)
}

fn changefeed(shelf: &Shelf, url: &Url) -> Said {
    let find = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value);
    let Some(records) = find("records").and_then(|records| records.parse::<usize>().ok()) else {
        return Said::error(
            400,
            "INVALID_PARAMETERS",
            "The parameters provided are not valid.",
            Value::Null,
        );
    };
    let after = find("change_id").and_then(|id| id.parse::<usize>().ok()).unwrap_or(0);
    let most = if records == 0 { 100 } else { records };
    let records: Vec<Value> = shelf
        .changes
        .iter()
        .enumerate()
        .skip(after)
        .take(most)
        .map(|(place, change)| {
            json!({ "ID": (place + 1).to_string(), "CreatedAt": change.at, "GUN": change.gun,
                    "Version": change.version, "SHA256": change.sha256, "Category": "update" })
        })
        .collect();
    let page = json!({ "count": records.len(), "records": records });
    Said::ok(page.to_string().into_bytes())
}

/// SHA-256 of a file as the changefeed writes it.
fn digest(bytes: &[u8]) -> String {
    hex(&rootward_tuf::encoding::sha256(bytes))
}

#[cfg(test)]
mod tests;
