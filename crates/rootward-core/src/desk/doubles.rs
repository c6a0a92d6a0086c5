//! "Practise on this": a double of a repository, with throw-away keys, in the practice estate.

use std::collections::BTreeMap;

use rootward_tuf::{
    Dialect, Envelope, Instant, RoleName, Root, Snapshot, Targets, Timestamp,
    encoding::hex,
    metadata::{self, Document},
};

use super::{Rootward, refresh::blocking};
use crate::{
    border::Notice,
    keyring,
    ports::{AnchorHow, Failure},
    practice::double::{self, Original},
    repositories::{known::Memory, place_of, reading::Reading},
};

impl Rootward {
    /// Makes a double of a repository and puts it on the desk; gives its id.
    ///
    /// Made of what this desk has read of the repository, proven or not, so that a broken one can be practised on as well.
    /// Refuses with `draft-refused` one that nobody could sign, and fails with `metadata-not-found` where no root was read.
    pub(crate) async fn practise_on(&self, repository: &str) -> Result<String, Failure> {
        let (desk, id) = (self.clone(), repository.to_owned());
        let (original, name) = blocking(move || desk.original(&id)).await?;
        let ports = self.desk.ports.clone();
        let mut bytes = [0; 6];
        ports.random.fill(&mut bytes);
        let made = double::make(&ports, &original, &hex(&bytes)).await?;
        let id = self
            .remember(made.source, Some(format!("practice: {name}")), true)
            .await?;
        let (desk, anchored) = (self.clone(), id.clone());
        blocking(move || desk.anchor(&anchored, AnchorHow::Given, made.first_root)).await?;
        self.refresh(vec![id.clone()]).await?;
        self.keys_changed();
        self.notify(Notice::EstateChanged);
        Ok(id)
    }

    fn original(&self, id: &str) -> Result<(Original, String), Failure> {
        let (memory, reading) = self.memory(id)?;
        let dialect = memory.dialect(&reading);
        let read = |bytes: &[u8]| metadata::read::<Root>(bytes, dialect).ok();
        let trusted = memory.trusted_root().and_then(read);
        let shown = || newest::<Root>(&memory, &reading, &RoleName::root(), dialect);
        let root = trusted.or_else(shown).ok_or_else(|| {
            let place = place_of(&memory.record.source);
            let message = format!("no root of {place} was read yet: there is nothing to make a double of");
            Failure::fault("metadata-not-found", message).with("source", place)
        })?;
        let mut targets = BTreeMap::new();
        let mut waiting = vec![RoleName::targets()];
        while let Some(role) = waiting.pop() {
            let Some(document) = newest::<Targets>(&memory, &reading, &role, dialect) else {
                continue;
            };
            for delegated in document
                .body()
                .delegations
                .iter()
                .flat_map(|delegations| delegations.roles.iter())
            {
                if !targets.contains_key(&delegated.name) {
                    waiting.push(delegated.name);
                }
            }
            targets.insert(role, document);
        }
        let bins = targets
            .values()
            .filter_map(|document| document.body().delegations.as_ref()?.succinct.clone());
        let bins: Vec<_> = bins.collect();
        for bins in bins {
            for role in reading.roles() {
                let is_bin = role.as_str().starts_with(&format!("{}-", bins.name_prefix));
                if let Some(document) = newest::<Targets>(&memory, &reading, &role, dialect).filter(|_| is_bin) {
                    targets.insert(role, document);
                }
            }
        }
        let snapshot_key = root.body().keys.physical(&root.body().snapshot.keyids);
        let ports = &self.desk.ports;
        let at_hand = keyring::known(ports, &keyring::practice_folders(ports))?;
        let is_held = at_hand.iter().any(|key| snapshot_key.contains(&key.public.physical()));
        let by_server = snapshot_key.iter().any(|key| memory.server_held.contains(key));
        let known = self.state().repository(id)?;
        let original = Original {
            gun: known.gun.as_ref().map(|gun| gun.as_str().to_owned()),
            // A key that lies on this desk is a person's; of any other a server is likelier to have it.
            client_snapshot: is_held && !by_server,
            snapshot_ends: ends::<Snapshot>(&memory, &reading, &RoleName::snapshot(), dialect),
            timestamp_ends: ends::<Timestamp>(&memory, &reading, &RoleName::timestamp(), dialect),
            root,
            targets,
        };
        Ok((original, memory.record.name))
    }
}

/// The newest document of a role that can be read, of what was proven and what was shown last.
fn newest<T: Document>(memory: &Memory, reading: &Reading, role: &RoleName, dialect: Dialect) -> Option<Envelope<T>> {
    let proven = memory.proven.documents.iter().filter(|(of, _)| of == role);
    let shown = reading.documents(role).map(|fetched| &fetched.bytes);
    let files = proven.map(|(_, bytes)| bytes).chain(shown);
    let readable = files.filter_map(|bytes| metadata::read::<T>(bytes, dialect).ok());
    readable.max_by_key(|document| document.version())
}

fn ends<T: Document>(memory: &Memory, reading: &Reading, role: &RoleName, dialect: Dialect) -> Option<Instant> {
    newest::<T>(memory, reading, role, dialect).map(|document| document.body().expires().at)
}
