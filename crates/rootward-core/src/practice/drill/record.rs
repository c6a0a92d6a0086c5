//! What is kept of drills: the one under way, what it will be judged by, the turns that were taken, and how it ended.
//!
//! One file for each drill in the practice folder. Nothing in it is trusted for what it says of a repository.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{Aim, Checked, Drill};
use crate::{
    ports::{Disk, Failure, Instant, Ports, SourceSpec},
    practice::workbench::Hand,
};

/// A drill that was set up.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    pub drill: String,
    /// Of the repository on the officer's desk.
    pub repository: String,
    pub source: SourceSpec,
    pub begun_at: String,
    pub in_hand: Vec<InHand>,
    pub facts: Vec<Fact>,
    pub aims: Vec<Aim>,
    pub turns: Vec<Turn>,
    pub ended: Option<Ended>,
}

/// A key the officer has for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InHand {
    pub what: String,
    /// As commands want it: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: String,
    pub label: String,
    pub physical_key: String,
}

/// Something that somebody told the officer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    pub name: String,
    pub value: String,
}

/// A wrong turn that only this desk can have seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Turn {
    pub kind: TurnKind,
    pub at: String,
    /// The code of a refusal; what asked for a secret.
    pub what: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TurnKind {
    /// The desk refused something.
    Refusal,
    /// A PIN or passphrase was not the right one.
    WrongSecret,
}

/// How a drill ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    pub at: String,
    /// Everything held. Otherwise it was given up.
    pub passed: bool,
    pub checked: Vec<Checked>,
    pub abandoned: u32,
    pub needless: u32,
}

impl InHand {
    pub(super) fn file(what: &str, hand: &Hand) -> Self {
        InHand {
            what: what.into(),
            key: hand.place(),
            label: hand
                .path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            physical_key: hand.physical(),
        }
    }
}

impl Fact {
    pub(super) fn new(name: &str, value: &str) -> Self {
        Fact {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// The records of a desk's drills. Cheap to clone.
#[derive(Clone)]
pub struct Drills {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
}

/// Longer than any record.
const LONGEST: u64 = 4 << 20;
/// Turns that are kept; nobody reads more.
const MOST_TURNS: usize = 1_000;

impl Drills {
    pub fn of(ports: &Ports) -> Self {
        Drills::at(ports.disk.clone(), &ports.data)
    }

    /// The same for a desk that is not open.
    pub fn at(disk: Arc<dyn Disk>, data: &Path) -> Self {
        Drills {
            disk,
            folder: super::super::folder(data).join("drills"),
        }
    }

    /// The last run of a drill, under way or ended. Fails with `disk-failed`.
    pub fn run(&self, drill: Drill) -> Result<Option<Run>, Failure> {
        let path = self.path(drill);
        let bytes = match self.disk.read(&path, LONGEST) {
            Ok(bytes) => bytes,
            Err(why) if matches!(why.kind(), io::ErrorKind::NotFound) => return Ok(None),
            Err(why) => return Err(failed("read", &path, &why)),
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|why| failed("read", &path, &why))
    }

    /// The drill that is under way, if one is.
    pub fn under_way(&self) -> Result<Option<(Drill, Run)>, Failure> {
        for drill in Drill::ALL {
            if let Some(run) = self.run(drill)?.filter(|run| run.ended.is_none()) {
                return Ok(Some((drill, run)));
            }
        }
        Ok(None)
    }

    pub fn keep(&self, drill: Drill, run: &Run) -> Result<(), Failure> {
        let path = self.path(drill);
        let folder = self.folder.join(drill.name());
        let bytes = serde_json::to_vec(run).map_err(|why| failed("written", &path, &why))?;
        self.disk
            .create_folder(&folder)
            .map_err(|why| failed("written", &folder, &why))?;
        self.disk
            .write(&path, &bytes, true)
            .map_err(|why| failed("written", &path, &why))
    }

    /// Notes a wrong turn, if a drill is under way. What cannot be noted is lost: a drill never stands in anybody's way.
    pub fn turned(&self, kind: TurnKind, what: &str, now: Instant) {
        let noted = self.under_way().and_then(|under_way| {
            let Some((drill, mut run)) = under_way else {
                return Ok(());
            };
            if run.turns.len() < MOST_TURNS {
                run.turns.push(Turn {
                    kind,
                    at: now.to_string(),
                    what: what.to_owned(),
                });
            }
            self.keep(drill, &run)
        });
        if let Err(failure) = noted {
            tracing::warn!(code = failure.code, "a turn of a drill was not noted");
        }
    }

    fn path(&self, drill: Drill) -> PathBuf {
        self.folder.join(drill.name()).join("drill.json")
    }
}

impl Run {
    pub fn count(&self, kind: TurnKind) -> u32 {
        u32::try_from(self.turns.iter().filter(|turn| turn.kind == kind).count()).unwrap_or(u32::MAX)
    }
}

fn failed(what: &str, path: &Path, why: &dyn std::fmt::Display) -> Failure {
    let message = format!("the drill's record {} cannot be {what}: {why}", path.display());
    Failure::fault("disk-failed", message).with("file", path.display().to_string())
}
