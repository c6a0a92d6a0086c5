//! Keys that leave and join: of one role, or one key of every role it counts for.

use std::collections::HashSet;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::key::{KeyId, PhysicalKey};
use rootward_tuf::metadata::RoleKeys;
use rootward_tuf::verify::Tally;

use super::{Resolving, speaks};
use crate::border::visible;
use crate::ceremony::edit::Edit;
use crate::ceremony::finding::speaks_for_root;
use crate::ceremony::plan::refused;
use crate::ports::Failure;

impl Resolving<'_> {
    pub(super) fn keys(
        &mut self,
        role: &str,
        by: Option<&str>,
        remove: &[String],
        add: &[String],
        threshold: Option<u64>,
    ) -> Result<(), Failure> {
        let at = self.place(role, by)?;
        let now = speaks(self.known, &at).ok_or_else(|| refused(format!("{} has no role {}", at.by, visible(role))))?;
        let mut leaving: Vec<PhysicalKey> = Vec::new();
        for text in remove {
            let physical = self.finder.leaving(text, &now, role)?;
            if !leaving.contains(&physical) {
                leaving.push(physical);
            }
        }
        // A role of Notary's is the server's or a client's, never both: the server's key leaves when another comes.
        let takes_over = self.dialect() == Dialect::Notary && role == "snapshot";
        if takes_over && leaving.is_empty() && !add.is_empty() {
            let present = now.keys.physical(&now.role.keyids);
            if !self.is_signed_here(&present) {
                leaving.extend(present);
            }
        }
        leaving.sort();
        self.edits.extend(leaving.iter().map(|key| Edit::Leaves {
            of: at.clone(),
            physical_key: key.to_string(),
        }));
        let mut joined: HashSet<String> = HashSet::new();
        for text in add {
            let joining = self.finder.joining(text, role)?;
            if !joined.insert(joining.public.clone()) {
                return Err(refused(format!("{} is given twice to join {role}", visible(text))));
            }
            self.edits.push(Edit::Joins {
                of: at.clone(),
                joining,
            });
        }
        if let Some(threshold) = threshold.filter(|threshold| *threshold != now.role.threshold) {
            self.edits.push(Edit::Threshold { of: at, threshold });
        }
        Ok(())
    }

    /// Whether one of these keys is among those that the wish says will sign: no server's then.
    fn is_signed_here(&self, keys: &HashSet<PhysicalKey>) -> bool {
        let of_file = |text: &String| self.finder.told(text).is_some_and(|key| keys.contains(&key));
        self.wish.sign.iter().any(of_file)
    }

    /// Takes trust back from whoever stole a root key and may have given the roles below it other keys.
    pub(super) fn recover_root(
        &mut self,
        stolen: &str,
        root: &str,
        targets: &[String],
        online: Option<&str>,
    ) -> Result<(), Failure> {
        self.keys("root", None, &[stolen.to_owned()], &[root.to_owned()], None)?;
        if !targets.is_empty() {
            self.only("targets", targets)?;
        }
        match (self.dialect(), online) {
            // The snapshot names root by digest, and the thief may have taken it from the server.
            (Dialect::Notary, _) => self
                .edits
                .extend(["snapshot", "timestamp"].map(|role| Edit::ServerKey { role: role.into() })),
            (Dialect::Tuf1, Some(online)) => {
                for role in ["snapshot", "timestamp"] {
                    self.only(role, &[online.to_owned()])?;
                }
            }
            (Dialect::Tuf1, None) => {}
        }
        Ok(())
    }

    /// Gives a top-level role these keys alone, and no threshold that they cannot meet.
    fn only(&mut self, role: &str, keys: &[String]) -> Result<(), Failure> {
        let at = self.place(role, None)?;
        let now = speaks(self.known, &at).ok_or_else(|| refused(format!("root has no role {}", visible(role))))?;
        let listed = now.keys.physical(&now.role.keyids);
        let mut given = HashSet::new();
        let mut joining = Vec::new();
        for text in keys {
            let physical = self.finder.joining(text, role)?.physical();
            given.extend(physical);
            if physical.is_none_or(|physical| !listed.contains(&physical)) {
                joining.push(text.clone());
            }
        }
        let leaving = listed.difference(&given).map(ToString::to_string);
        let leaving: Vec<String> = leaving.collect();
        let threshold = now.role.threshold.min(given.len() as u64);
        self.keys(role, None, &leaving, &joining, Some(threshold))
    }

    /// Takes a key out of every role it counts for, and says which it is.
    pub(super) fn revoke(
        &mut self,
        text: &str,
        replace: Option<&str>,
        sign_again: bool,
    ) -> Result<PhysicalKey, Failure> {
        let places = self.known.all_places();
        let mut physical = None;
        for (at, _) in &places {
            let Some(speaks) = speaks(self.known, at) else { continue };
            match self.finder.leaving(text, &speaks, &at.role) {
                Ok(found) => physical = physical.or(Some(found)),
                Err(failure) if failure.code == "key-not-found" => {}
                Err(failure) => return Err(failure),
            }
            if physical.is_some() {
                break;
            }
        }
        let not_here = || Failure::refusal("key-not-found", format!("no role has a key {}", visible(text)));
        let physical = physical.ok_or_else(not_here)?;
        let root = self.known.root;
        let is_root = root.is_some_and(|root| speaks_for_root(root.body(), &[], &physical));
        let of = if is_root { "root" } else { "" };
        let joining = replace.map(|text| self.finder.joining(text, of)).transpose()?;
        let mut found = false;
        for (at, _) in places {
            let Some(now) = speaks(self.known, &at).filter(|now| now.listed(&physical).is_some()) else {
                continue;
            };
            found = true;
            if self.dialect() == Dialect::Notary
                && at.by == "root"
                && (at.role == "timestamp" || at.role == "snapshot" && joining.is_none())
            {
                self.edits.push(Edit::ServerKey { role: at.role });
                continue;
            }
            let left = now
                .role
                .keyids
                .iter()
                .filter(|keyid| now.keys.get(keyid).and_then(|key| key.physical()) != Some(physical));
            let left: Vec<KeyId> = left.cloned().collect();
            self.edits.push(Edit::Leaves {
                of: at.clone(),
                physical_key: physical.to_string(),
            });
            // Of several keys that are revoked at once, one replacement comes for all.
            let is_there = |edit: &Edit| {
                matches!(edit, Edit::Joins { of, joining: there } if *of == at
                    && Some(&there.public) == joining.as_ref().map(|joining| &joining.public))
            };
            let joins = joining.clone().filter(|_| !self.edits.iter().any(is_there));
            self.edits.extend(joins.map(|joining| Edit::Joins {
                of: at.clone(),
                joining,
            }));
            if let (true, Some(document)) = (sign_again && at.by != "root", self.known.targets_of(&at.role)) {
                let role = RoleKeys {
                    keyids: left,
                    threshold: now.role.threshold,
                };
                if !Tally::of(document, &now.keys, &role).is_met() {
                    self.edits.push(Edit::Again { role: at.role.clone() });
                    self.ends(&at.role, None)?;
                }
            }
        }
        if found { Ok(physical) } else { Err(not_here()) }
    }
}
