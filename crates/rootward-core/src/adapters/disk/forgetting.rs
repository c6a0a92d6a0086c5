//! The tests' disk: files in memory, and a power cord that can be pulled at any step.
//!
//! It remembers two states. The *live* one is what a running program sees; the *durable* one is what an fsync has put
//! down: contents by an fsync of the file, names by an fsync of the folder they stand in. A restart brings back as much
//! as [`Loss`] says.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Steps, Stepwise};
use crate::ports::Held;

/// A disk in memory that forgets what was not fsynced.
pub type ForgettingDisk = Stepwise<Forgetting>;

/// What a crash takes of what was not fsynced. A test tries all of them: file systems may do any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Names and contents.
    Everything,
    /// Contents only: names are as they last were, and a new file under its new name is empty.
    Contents,
    /// Names only: contents that reached the disk early are there under the old names.
    Names,
    /// Nothing, as when only the process was killed. A write it was in the middle of is torn.
    Nothing,
}

impl Loss {
    pub const ALL: [Loss; 4] = [Loss::Everything, Loss::Contents, Loss::Names, Loss::Nothing];
}

impl ForgettingDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Stepwise::over(Forgetting::default())
    }

    /// Pulls the cord at the `step`-th primitive step from now (1 is the next one): that step fails, a write half done,
    /// and so does everything after it until the restart.
    pub fn crash_at(&self, step: u64) {
        let mut state = self.steps.state();
        state.crash_at = Some(state.taken + step);
    }

    /// Fills the disk at the `step`-th primitive step from now (1 is the next one): from then on nothing that takes room
    /// succeeds, a write is half done, and whatever is there can still be read, cut and removed.
    pub fn fill_at(&self, step: u64) {
        let mut state = self.steps.state();
        state.full_from = Some(state.taken + step);
    }

    /// There is room again.
    pub fn make_room(&self) {
        self.steps.state().full_from = None;
    }

    /// How many primitive steps were taken, so that a test knows when it has tried them all.
    pub fn steps_taken(&self) -> u64 {
        self.steps.state().taken
    }

    /// Whether the cord was pulled and no restart has followed.
    pub fn is_down(&self) -> bool {
        self.steps.state().is_down
    }

    /// Comes back with what was not lost, all of it durable now, and the cord plugged in.
    pub fn restart(&self, loss: Loss) {
        self.steps.state().restart(loss);
    }
}

impl Default for ForgettingDisk {
    fn default() -> Self {
        Self::new()
    }
}

/// The primitive steps in memory.
#[derive(Default)]
pub struct Forgetting {
    state: Mutex<State>,
    held: Arc<Mutex<BTreeSet<PathBuf>>>,
}

#[derive(Default)]
struct State {
    files: Vec<Contents>,
    live: BTreeMap<PathBuf, Node>,
    durable: BTreeMap<PathBuf, Node>,
    taken: u64,
    crash_at: Option<u64>,
    is_down: bool,
    full_from: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Node {
    Folder,
    File(usize),
}

#[derive(Default)]
struct Contents {
    live: Vec<u8>,
    durable: Vec<u8>,
}

impl Forgetting {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one step that takes room; fails when there is none.
    fn step_with_room(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.step()?;
        if state.full_from.is_some_and(|from| state.taken >= from) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(state)
    }

    /// Counts one step; fails when the cord is or was just pulled.
    fn step(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.taken += 1;
        if state.crash_at.is_some_and(|at| state.taken >= at) {
            state.is_down = true;
        }
        state.is_up().map(|()| state)
    }
}

/// A folder that one desk holds.
struct HeldFolder {
    folder: PathBuf,
    all: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Held for HeldFolder {}

impl Drop for HeldFolder {
    fn drop(&mut self) {
        self.all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.folder);
    }
}

impl Steps for Forgetting {
    type File = usize;

    fn read(&self, folder: Option<&Path>, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let state = self.state();
        state.is_up()?;
        let Some(Node::File(file)) = state.node(&whole(folder, path)?)? else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let bytes = &state.files[file].live;
        if bytes.len() as u64 > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes.clone())
    }

    fn list(&self, folder: Option<&Path>, path: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        state.is_up()?;
        let whole = whole(folder, path)?;
        if state.node(&whole)? != Some(Node::Folder) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let inside = state.live.keys().filter(|path| path.parent() == Some(&whole));
        Ok(inside
            .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
            .collect())
    }

    fn is_folder(&self, path: &Path) -> io::Result<bool> {
        let state = self.state();
        state.is_up()?;
        match state.node(&whole(None, path)?) {
            Ok(Some(Node::Folder)) => Ok(true),
            Ok(_) => Err(io::ErrorKind::NotADirectory.into()),
            Err(_) => Ok(false),
        }
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.step_with_room()?.add(whole(None, path)?, Node::Folder)
    }

    fn create(&self, path: &Path, _private: bool) -> io::Result<usize> {
        let mut state = self.step_with_room()?;
        let number = state.files.len();
        state.add(whole(None, path)?, Node::File(number))?;
        state.files.push(Contents::default());
        Ok(number)
    }

    fn open(&self, path: &Path) -> io::Result<usize> {
        let state = self.state();
        state.is_up()?;
        match state.node(&whole(None, path)?)? {
            Some(Node::File(file)) => Ok(file),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn write(&self, file: &mut usize, bytes: &[u8]) -> io::Result<()> {
        let torn = match self.step_with_room() {
            Ok(mut state) => {
                state.files[*file].live.extend_from_slice(bytes);
                return Ok(());
            }
            Err(torn) => torn,
        };
        let mut state = self.state();
        if state.crash_at == Some(state.taken) || torn.kind() == io::ErrorKind::StorageFull {
            state.files[*file].live.extend_from_slice(&bytes[..bytes.len() / 2]);
        }
        Err(torn)
    }

    fn cut(&self, file: &mut usize, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.step()?.files[*file].live.resize(length, 0);
        Ok(())
    }

    fn sync(&self, file: &mut usize) -> io::Result<()> {
        let mut state = self.step()?;
        let contents = &mut state.files[*file];
        contents.durable = contents.live.clone();
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let folder = whole(None, path)?;
        let mut state = self.step()?;
        state.node(&folder)?;
        let State { live, durable, .. } = &mut *state;
        durable.retain(|path, _| path.parent() != Some(&folder));
        let inside = live.iter().filter(|(path, _)| path.parent() == Some(&folder));
        durable.extend(inside.map(|(path, node)| (path.clone(), *node)));
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (whole(None, from)?, whole(None, to)?);
        let mut state = self.step()?;
        if state.live.get(&to) == Some(&Node::Folder) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let node = state.live.remove(&from).ok_or(io::ErrorKind::NotFound)?;
        state.live.insert(to, node);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let path = whole(None, path)?;
        let mut state = self.step()?;
        match state.node(&path)? {
            Some(Node::File(_)) => state.live.remove(&path),
            _ => return Err(io::ErrorKind::IsADirectory.into()),
        };
        Ok(())
    }

    fn hold(&self, folder: &Path) -> io::Result<Box<dyn Held>> {
        let folder = whole(None, folder)?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if !held.insert(folder.clone()) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(Box::new(HeldFolder {
            folder,
            all: self.held.clone(),
        }))
    }
}

impl State {
    fn is_up(&self) -> io::Result<()> {
        if self.is_down {
            Err(io::Error::other("the power is off"))
        } else {
            Ok(())
        }
    }

    fn node(&self, path: &Path) -> io::Result<Option<Node>> {
        if path == Path::new("/") {
            return Ok(Some(Node::Folder));
        }
        self.live
            .get(path)
            .copied()
            .map(Some)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn add(&mut self, path: PathBuf, node: Node) -> io::Result<()> {
        let above = path.parent().ok_or(io::ErrorKind::AlreadyExists)?;
        if self.node(above)? != Some(Node::Folder) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        if self.live.contains_key(&path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.live.insert(path, node);
        Ok(())
    }

    fn restart(&mut self, loss: Loss) {
        if matches!(loss, Loss::Everything | Loss::Names) {
            self.live = self.durable.clone();
        }
        // A name whose folder was lost is lost with it.
        let names = self.live.clone();
        let stands = |path: &Path| path == Path::new("/") || names.get(path) == Some(&Node::Folder);
        self.live.retain(|path, _| path.ancestors().skip(1).all(stands));
        self.durable = self.live.clone();
        for contents in &mut self.files {
            if matches!(loss, Loss::Everything | Loss::Contents) {
                contents.live = contents.durable.clone();
            }
            contents.durable = contents.live.clone();
        }
        (self.crash_at, self.is_down, self.full_from) = (None, false, None);
    }
}

/// The path from `/` on. `..` is refused, as is a path that is not `inside` its folder.
fn whole(folder: Option<&Path>, path: &Path) -> io::Result<PathBuf> {
    let mut whole = PathBuf::from("/");
    for (part, may_be_rooted) in [(folder.unwrap_or(Path::new("/")), true), (path, folder.is_none())] {
        for component in part.components() {
            match component {
                Component::Normal(name) => whole.push(name),
                Component::CurDir => {}
                Component::RootDir if may_be_rooted => {}
                _ => return Err(io::ErrorKind::PermissionDenied.into()),
            }
        }
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Disk;

    const FILE: &str = "/file";

    /// Skips the fsync of the file: the mistake this disk is there to find.
    fn write_carelessly(disk: &ForgettingDisk) -> io::Result<()> {
        let mut file = disk.steps.create(Path::new("/temporary"), true)?;
        disk.steps.write(&mut file, b"text")?;
        disk.steps.rename(Path::new("/temporary"), Path::new(FILE))?;
        disk.steps.sync_folder(Path::new("/"))
    }

    #[test]
    fn a_missing_fsync_is_found_out() {
        let disk = ForgettingDisk::new();
        write_carelessly(&disk).unwrap();
        assert_eq!(disk.read(Path::new(FILE), 10).unwrap(), b"text");
        disk.restart(Loss::Contents);
        assert_eq!(disk.read(Path::new(FILE), 10).unwrap(), b"");
    }

    #[test]
    fn a_name_is_durable_only_after_an_fsync_of_its_folder() {
        let disk = ForgettingDisk::new();
        disk.crash_at(5);
        assert!(disk.write(Path::new(FILE), b"text", true).is_err());
        assert!(disk.is_down() && disk.read(Path::new(FILE), 10).is_err());
        disk.restart(Loss::Everything);
        assert_eq!(
            disk.read(Path::new(FILE), 10).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
        disk.write(Path::new(FILE), b"text", true).unwrap();
        disk.restart(Loss::Everything);
        assert_eq!(disk.read(Path::new(FILE), 10).unwrap(), b"text");
    }

    #[test]
    fn a_killed_process_leaves_half_a_line() {
        let disk = ForgettingDisk::new();
        disk.append(Path::new(FILE), b"one\n").unwrap();
        disk.crash_at(1);
        assert!(disk.append(Path::new(FILE), b"two\n").is_err());
        disk.restart(Loss::Nothing);
        assert_eq!(disk.read(Path::new(FILE), 10).unwrap(), b"one\ntw");
    }

    #[test]
    fn a_full_disk_is_still_read_and_takes_no_more_until_there_is_room() {
        let disk = ForgettingDisk::new();
        disk.append(Path::new(FILE), b"one\n").unwrap();
        disk.fill_at(1);
        let full = disk.append(Path::new(FILE), b"two\n").unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        assert!(disk.write(Path::new("/other"), b"text", true).is_err());
        assert_eq!(disk.read(Path::new(FILE), 10).unwrap(), b"one\ntw");
        disk.truncate(Path::new(FILE), 4).unwrap();
        assert_eq!(
            disk.list(Path::new("/")).unwrap(),
            ["file"],
            "nothing half written stays"
        );
        disk.make_room();
        disk.append(Path::new(FILE), b"two\n").unwrap();
        assert_eq!(disk.read(Path::new(FILE), 10).unwrap(), b"one\ntwo\n");
    }

    #[test]
    fn one_desk_holds_a_folder_at_a_time() {
        let disk = ForgettingDisk::new();
        let held = disk.hold(Path::new("/a")).unwrap();
        assert_eq!(
            disk.hold(Path::new("/a")).err().unwrap().kind(),
            io::ErrorKind::WouldBlock
        );
        assert!(disk.hold(Path::new("/b")).is_ok());
        drop(held);
        assert!(disk.hold(Path::new("/a")).is_ok());
    }

    #[test]
    fn names_do_not_leave_their_folder() {
        let disk = ForgettingDisk::new();
        disk.create_folder(Path::new("/in")).unwrap();
        disk.write(Path::new(FILE), b"out", true).unwrap();
        for name in ["../file", "/file"] {
            let refused = disk.read_inside(Path::new("/in"), Path::new(name), 10).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        }
    }
}
