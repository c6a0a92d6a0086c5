//! A kit on a stick: one folder with the request, the program and its sums, a checklist to be printed, and a place for what comes
//! back. And many files at once, taken back in one gesture.

use std::path::{Path, PathBuf};

use rootward_tuf::key::PhysicalKey;

use super::archive::disk_failed;
use super::ceremonies::Ceremonies;
use super::digest::Digest;
use super::handing::{Taken, Written};
use super::handoff;
use crate::border::{RequestWritten, checklist, visible};
use crate::ports::Failure;

/// A kit that was made.
pub struct Kit {
    pub folder: PathBuf,
    pub written: Written,
    /// Its files, relative to the folder, and their SHA-256.
    pub files: Vec<(String, Digest)>,
}

/// What became of one file.
pub struct FileJudged {
    pub path: PathBuf,
    pub outcome: Result<Taken, Failure>,
}

const REQUESTS: &str = "requests";
const RESPONSES: &str = "responses";
const SUMS: &str = "SHA256SUMS";
/// No program of ours is larger.
const LARGEST_PROGRAM: u64 = 1 << 30;
/// So many files are judged at once at most; a stick may hold anything.
const MOST_FILES: usize = 256;

impl Ceremonies {
    /// Makes a kit in a new or empty folder. `program` is the rootwardctl that goes with it, `to` are the keys that are asked.
    ///
    /// Refuses with `bad-usage` a folder that holds something, and with `not-ready` when nothing takes signatures now; fails
    /// with `metadata-not-found` when the program cannot be read, and with `disk-failed`. The journal tells of the request
    /// before any file is there.
    pub async fn make_kit(
        &self,
        id: &str,
        folder: &Path,
        program: &Path,
        to: Vec<PhysicalKey>,
    ) -> Result<Kit, Failure> {
        let older = self.older_roots(id).await;
        let (id, folder, program) = (id.to_owned(), folder.to_owned(), program.to_owned());
        self.blocking(move |ceremonies| ceremonies.kit(&id, &folder, &program, older, &to))
            .await
    }

    fn kit(
        &self,
        id: &str,
        folder: &Path,
        program: &Path,
        older: Vec<Vec<u8>>,
        to: &[PhysicalKey],
    ) -> Result<Kit, Failure> {
        let disk = &self.ports.disk;
        if disk.list(folder).is_ok_and(|names| !names.is_empty()) {
            let message = format!(
                "a kit is made in a new or empty folder, and {} holds something",
                visible(&folder.display().to_string())
            );
            return Err(Failure::refusal("bad-usage", message));
        }
        let binary = disk.read(program, LARGEST_PROGRAM).map_err(|why| {
            let shown = program.display().to_string();
            let message = format!(
                "the program that goes with the kit, {}, cannot be read: {why}",
                visible(&shown)
            );
            Failure::fault("metadata-not-found", message).with("path", shown)
        })?;
        let create = |folder: PathBuf| {
            let created = disk.create_folder(&folder);
            created.map_err(|error| disk_failed("create", &folder, &error))
        };
        create(folder.join(REQUESTS))?;
        create(folder.join(RESPONSES))?;
        let request = format!("{REQUESTS}/{id}.request");
        let written = self.hand_out_with(id, &folder.join(&request), older, to)?;
        let file = format!("rootwardctl{}", std::env::consts::EXE_SUFFIX);
        let sum = Digest::of(&binary);
        let view = RequestWritten::of(&written, &request);
        let asked = &written.request;
        let page = checklist(
            &view,
            &asked.repository,
            asked.practice,
            (&file, &sum.to_string()),
            &asked.written_at,
        );
        let mut files = vec![(request, written.sha256)];
        for (name, bytes) in [(file, binary), ("checklist.html".to_owned(), page.into_bytes())] {
            let path = folder.join(&name);
            files.push((name, Digest::of(&bytes)));
            disk.write(&path, &bytes, false)
                .map_err(|error| disk_failed("write", &path, &error))?;
        }
        let sums: String = files.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
        let path = folder.join(SUMS);
        disk.write(&path, sums.as_bytes(), false)
            .map_err(|error| disk_failed("write", &path, &error))?;
        Ok(Kit {
            folder: folder.to_owned(),
            written,
            files,
        })
    }

    /// Takes back everything that a kit holds, each file judged by itself.
    ///
    /// Fails with `metadata-not-found` when the folder is no kit, or nothing came back in it.
    pub fn take_kit(&self, folder: &Path) -> Result<Vec<FileJudged>, Failure> {
        let shown = visible(&folder.display().to_string());
        let place = folder.join(RESPONSES);
        let list = |place: &Path| {
            self.ports.disk.list(place).map_err(|why| {
                let message = format!("{shown} is no kit, or cannot be read: {why}");
                Failure::fault("metadata-not-found", message)
            })
        };
        let names = list(&place)?;
        if names.is_empty() {
            let message = format!("nothing came back in {shown}: its folder {RESPONSES} is empty");
            return Err(Failure::fault("metadata-not-found", message));
        }
        // Signatures of other tools name no ceremony: they are for the one that the kit was made for.
        let requests = list(&folder.join(REQUESTS))?;
        let ids: Vec<&str> = requests
            .iter()
            .filter_map(|name| name.strip_suffix(".request"))
            .collect();
        let id = if let [only] = ids.as_slice() { Some(*only) } else { None };
        let paths: Vec<PathBuf> = names.iter().map(|name| place.join(name)).collect();
        Ok(self.take_files(id, &paths))
    }

    /// Takes several files back, each judged by itself. `id` is the ceremony of those that name none.
    pub fn take_files(&self, id: Option<&str>, paths: &[PathBuf]) -> Vec<FileJudged> {
        let judge = |(place, path): (usize, &PathBuf)| FileJudged {
            path: path.clone(),
            outcome: if place < MOST_FILES {
                self.take_named(id, path)
            } else {
                let message = format!("{MOST_FILES} files are taken at once at most");
                Err(Failure::refusal("bad-usage", message))
            },
        };
        paths.iter().enumerate().map(judge).collect()
    }

    /// A response says which ceremony it is for; whatever is dropped on another's page is that one's all the same.
    fn take_named(&self, id: Option<&str>, path: &Path) -> Result<Taken, Failure> {
        let bytes = self.handoff_file(path)?;
        let id = id.filter(|_| !handoff::says_it_is_ours(&bytes));
        self.take_back(id, &bytes)
    }
}
