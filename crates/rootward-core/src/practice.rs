//! The practice estate: repositories with throw-away keys to look at, to rotate and to break, made on this machine.
//!
//! Made by the same drafts, keys and publishers as anything real, so it can be walked, rotated and judged like anything
//! real. It is always labelled practice and never colours the real estate.

pub mod double;
pub mod drill;
mod holders;
mod notary;
mod plan;
mod tuf;
mod workbench;

use std::path::{Path, PathBuf};

use rootward_tuf::{Envelope, Instant, Root};

use crate::ports::{Disk, Failure, Ports, Publication, SourceSpec};

use self::holders::Holders;

/// Opens every practice key file. No secret: it is printed on the practice estate's screens.
pub const PASSPHRASE: &str = "practice";

/// Where the estate lies in the desk's data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("practice")
}

/// Where its key files lie.
pub fn key_folder(data: &Path) -> PathBuf {
    folder(data).join("keys")
}

/// A practice repository that was made.
#[derive(Debug)]
pub struct Made {
    pub name: String,
    pub source: SourceSpec,
    /// The first root, which anchors it: whoever made it knows it.
    pub first_root: Envelope<Root>,
}

/// Makes the whole estate, ends of roles counted from the clock's now.
///
/// Whatever lay in its folder, of an earlier estate or one cut off half-way, is removed first. Fails as disk and keys do.
pub async fn make(ports: &Ports) -> Result<Vec<Made>, Failure> {
    remove(ports)?;
    let now = ports.clock.now();
    let mut holders = Holders::make(ports, plan::HOLDERS)?;
    for (name, kind) in plan::SPARE {
        holders::create(ports, name, *kind)?;
    }
    let mut made = Vec::new();
    for repository in plan::REPOSITORIES {
        made.push(tuf::make(ports, &mut holders, repository, now).await?);
    }
    made.push(notary::make(ports, &mut holders, now).await?);
    Ok(made)
}

/// What lies beside the estate in the practice folder and stays when it is made anew.
const BESIDE: [&str; 4] = ["drills", "clones", "servers", "tokens"];

/// Whether a source is one of the estate's repositories, and no drill or clone.
pub fn is_of_the_estate(data: &Path, source: &SourceSpec) -> bool {
    matches!(source, SourceSpec::Folder { path, .. } if Path::new(path).parent() == Some(&folder(data)))
}

/// Removes the estate's files. What its repositories' records say is the desk's to forget.
pub fn remove(ports: &Ports) -> Result<(), Failure> {
    let folder = folder(&ports.data);
    let names = ports.disk.list(&folder).unwrap_or_default();
    let estate = names.iter().filter(|name| !BESIDE.contains(&name.as_str()));
    let removed = estate.map(|name| remove_at(&*ports.disk, &folder, Path::new(name)));
    removed
        .collect::<std::io::Result<()>>()
        .map_err(|error| Failure::fault("disk-failed", format!("the practice estate cannot be removed: {error}")))
}

/// Removes a folder of practice with everything in it, as far as folders can be: empty ones stay.
pub fn remove_folder(ports: &Ports, kind: &str, name: &str) -> Result<(), Failure> {
    let below = Path::new(kind).join(name);
    remove_at(&*ports.disk, &folder(&ports.data), &below)
        .map_err(|error| Failure::fault("disk-failed", format!("what was practised cannot be removed: {error}")))
}

/// Removes a file, or everything below a folder.
fn remove_at(disk: &dyn Disk, folder: &Path, inside: &Path) -> std::io::Result<()> {
    match disk.list_inside(folder, inside) {
        Ok(_) => remove_below(disk, folder, inside),
        Err(_) => disk.remove(&folder.join(inside)),
    }
}

/// Removes every file below `inside`; folders stay, empty. Links are removed and never followed.
fn remove_below(disk: &dyn Disk, folder: &Path, inside: &Path) -> std::io::Result<()> {
    let names = match disk.list_inside(folder, inside) {
        Ok(names) => names,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for name in names {
        remove_at(disk, folder, &inside.join(name))?;
    }
    Ok(())
}

/// Writes documents through the publisher that real repositories use.
async fn publish(ports: &Ports, source: &SourceSpec, publication: Publication) -> Result<(), Failure> {
    let limits = crate::ports::LimitsView::default();
    ports.connect.publisher(source, &limits)?.publish(&publication).await
}

/// The folder of a practice repository as a source.
fn source(ports: &Ports, name: &str, gun: Option<&str>) -> SourceSpec {
    SourceSpec::Folder {
        path: folder(&ports.data).join(name).display().to_string(),
        gun: gun.map(str::to_owned),
    }
}

/// So many days after the clock's now.
fn in_days(now: Instant, days: i64) -> Instant {
    now.plus_seconds(days * 24 * 60 * 60)
}

/// The fault of an estate whose own plan breaks the rules.
fn broken_plan(what: &str, why: &dyn std::fmt::Display) -> Failure {
    Failure::fault(
        "draft-refused",
        format!("the practice estate cannot be made: {what}: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        Lookout,
        adapters::{DeskConfig, desk_ports},
        border::Standing,
        ports::{Prompt, PromptRequest, Secret, TouchRequest, Touching},
    };

    struct Nobody;

    impl Prompt for Nobody {
        fn ask(&self, _: &PromptRequest) -> Result<Secret, Failure> {
            Err(Failure::interruption("prompt-closed", "nobody is there"))
        }

        fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
            Ok(Box::new(()))
        }
    }

    /// Each repository with the standing an officer should see in it.
    const PROMISED: &[(&str, Standing)] = &[
        ("platform", Standing::Sound),
        ("firmware", Standing::UnderThreshold),
        ("edge-agents", Standing::Expiring),
        ("archive", Standing::Expired),
        ("gateway-images", Standing::Sound),
    ];

    #[tokio::test(flavor = "multi_thread")]
    async fn the_estate_shows_every_standing_it_promises_and_can_be_made_again() {
        let place = tempfile::tempdir().unwrap();
        let at = "2026-11-22T12:00:00Z";
        let config = DeskConfig {
            key_folders: Vec::new(),
            data: place.path().join("desk"),
            prompt: Arc::new(Nobody),
            at: Some(Instant::parse(at).unwrap()),
            holder: "a test".into(),
        };
        let ports = desk_ports(config).unwrap();
        make(&ports).await.unwrap();
        let made = make(&ports).await.unwrap();
        let names: Vec<&str> = made.iter().map(|made| made.name.as_str()).collect();
        assert_eq!(names, PROMISED.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        for (made, (name, standing)) in made.iter().zip(PROMISED) {
            let lookout = Lookout::new(None, Some(at)).unwrap();
            let root = made.first_root.file_bytes().to_vec();
            let seen = lookout.from_root(&made.source, root).await.unwrap();
            assert_eq!(seen.tree_report().standing, *standing, "{name}");
        }
    }
}
