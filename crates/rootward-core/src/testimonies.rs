//! Transcripts without a window: what `rootwardctl transcript` and `rootwardctl witness` ask. Checking one needs no desk.

use std::path::{Path, PathBuf};

use rootward_tuf::encoding::from_hex;
use rootward_tuf::statement::{Testimony, Transcript};

use crate::adapters::SystemDisk;
use crate::border::{TestimonyReport, TestimonyWritten, TranscriptReport, visible};
use crate::ceremony::{Checked, Digest, Enclosed, LARGEST_HANDOFF};
use crate::keyring;
use crate::ports::{Disk, Failure, SourceSpec};
use crate::repositories::{absolute, is_same};
use crate::rotations::{LONGEST_ROOT, Rotations};

/// No testimony is longer.
const LONGEST_TESTIMONY: u64 = 64 << 10;

/// Computes a transcript again. `head` is the head read from another copy, `root` a root file somebody vouches for,
/// `testimonies` what others say of this transcript.
///
/// Refuses as [`Checked::of`] and [`Checked::descends_from`] do, and with `testimony-refused` a testimony that does not hold or
/// is about another transcript; fails with `metadata-not-found` when a file cannot be read.
pub fn check_transcript(
    file: &Path,
    head: Option<&str>,
    root: Option<&Path>,
    testimonies: &[PathBuf],
) -> Result<TranscriptReport, Failure> {
    let checked = checked(file, head)?;
    let trusted_from = match root {
        Some(root) => Some(checked.descends_from(read(root, LONGEST_ROOT)?)?),
        None => None,
    };
    let mut heard = Vec::new();
    for testimony in testimonies {
        heard.push(hear(&checked, testimony)?);
    }
    Ok(TranscriptReport::of(&checked, trusted_from, heard))
}

impl Rotations {
    /// Has a key of this machine stand by a transcript that was computed again here; writes the signed testimony.
    pub fn stand_by(
        &self,
        file: &Path,
        head: Option<&str>,
        key: &str,
        out: &Path,
    ) -> Result<TestimonyWritten, Failure> {
        let checked = checked(file, head)?;
        let testimony = Testimony {
            recorded: checked.recorded(),
            saw: None,
            at: self.desk.desk.ports.clock.now(),
        };
        self.give(&checked, testimony, Some(key), out)
    }

    /// Computes a transcript again, looks at its source through the public door and writes what was met: signed by a key of
    /// this machine, or by nobody.
    ///
    /// Trusts `root`, else what this desk trusts of the source; fails with `no-anchor` when that is nothing.
    pub async fn witness(
        &self,
        spec: SourceSpec,
        file: &Path,
        head: Option<&str>,
        root: Option<&Path>,
        key: Option<&str>,
        out: &Path,
    ) -> Result<TestimonyWritten, Failure> {
        let checked = checked(file, head)?;
        let spec = absolute(spec)?;
        let trusted = match root {
            Some(root) => read(root, LONGEST_ROOT)?,
            None => self.trusted(&spec)?,
        };
        let testimony = Testimony {
            recorded: checked.recorded(),
            saw: Some(self.ceremonies.witness(&spec, &checked, trusted).await?),
            at: self.desk.desk.ports.clock.now(),
        };
        // A person may be asked, which must not hold the network's threads up.
        let (rotations, key, out) = (self.clone(), key.map(str::to_owned), out.to_owned());
        let given =
            tokio::task::spawn_blocking(move || rotations.give(&checked, testimony, key.as_deref(), &out)).await;
        given.unwrap_or_else(|error| Err(Failure::fault("panicked", error.to_string())))
    }

    /// Writes the evidence pack of a ceremony: transcript, report, the given testimonies and a script that checks them.
    ///
    /// Refuses with `testimony-refused` a testimony that does not hold or is about another transcript.
    pub fn save_evidence(&self, id: &str, testimonies: &[PathBuf], out: &Path) -> Result<(), Failure> {
        let checked = Checked::of(&self.ceremonies.transcript(id)?, None)?;
        let mut enclosed = Vec::new();
        for path in testimonies {
            hear(&checked, path)?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            enclosed.push(Enclosed {
                name: name.unwrap_or_default(),
                bytes: read(path, LONGEST_TESTIMONY)?,
            });
        }
        let pack = self.ceremonies.evidence(id, enclosed)?;
        self.write(out, &pack)
    }

    fn write(&self, out: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.desk.desk.ports.disk.write(out, bytes, false);
        written.map_err(|why| {
            let shown = out.display().to_string();
            Failure::fault("disk-failed", format!("could not write {}: {why}", visible(&shown))).with("path", shown)
        })
    }

    fn give(
        &self,
        checked: &Checked,
        testimony: Testimony,
        key: Option<&str>,
        out: &Path,
    ) -> Result<TestimonyWritten, Failure> {
        let practice = checked.ceremony()?.begun.repository.practice;
        let bytes = match key {
            Some(key) => self
                .ceremonies
                .testify(&keyring::parse(key)?, testimony.clone(), practice)?,
            None => testimony.unsigned(),
        };
        self.write(out, &bytes)?;
        let physical = Transcript::read(&bytes).ok().map(|read| read.physical());
        Ok(TestimonyWritten::of(
            &testimony,
            physical.as_ref(),
            &Digest::of(&bytes),
            out,
        ))
    }

    /// The newest root that this desk has proven of a source.
    fn trusted(&self, spec: &SourceSpec) -> Result<Vec<u8>, Failure> {
        let vault = &self.desk.desk.ports.vault;
        let known = vault
            .repositories()?
            .into_iter()
            .find(|record| is_same(&record.source, spec));
        let record = known.ok_or_else(|| crate::lookout::no_anchor(spec))?;
        let anchor = vault
            .anchor(&record.id)?
            .ok_or_else(|| crate::lookout::no_anchor(spec))?;
        let proven = vault.proven(&record.id)?.roots.into_iter();
        let newest = proven
            .chain([(anchor.version, anchor.bytes)])
            .max_by_key(|(version, _)| *version);
        newest
            .map(|(_, file)| file)
            .ok_or_else(|| crate::lookout::no_anchor(spec))
    }
}

fn checked(file: &Path, head: Option<&str>) -> Result<Checked, Failure> {
    let head = head.map(digest).transpose()?;
    Checked::of(&read(file, LARGEST_HANDOFF)?, head)
}

/// Reads a testimony, which must be about this very transcript.
fn hear(checked: &Checked, path: &Path) -> Result<TestimonyReport, Failure> {
    let bytes = read(path, LONGEST_TESTIMONY)?;
    let refused = |why: String| {
        let message = format!("{}: {why}", visible(&path.display().to_string()));
        Failure::refusal("testimony-refused", message)
    };
    let (testimony, physical) = match Testimony::of_unsigned(&bytes) {
        Some(testimony) => (testimony, None),
        None => {
            let read = Transcript::read(&bytes).map_err(|why| refused(why.to_string()))?;
            (read.testimony().clone(), Some(read.physical()))
        }
    };
    if testimony.recorded != checked.recorded() {
        return Err(refused(
            "it is about another transcript, or another version of this file".into(),
        ));
    }
    Ok(TestimonyReport::of(checked, &testimony, physical.as_ref()))
}

/// 64 digits, as they are printed in groups or in one piece.
fn digest(text: &str) -> Result<Digest, Failure> {
    let digits: String = text.split_whitespace().collect();
    let bytes = from_hex(&digits.to_ascii_lowercase()).and_then(|bytes| bytes.try_into().ok());
    let wrong = || Failure::fault("bad-usage", "expected a head as 64 hexadecimal digits, blanks allowed");
    bytes.map(Digest).ok_or_else(wrong)
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    SystemDisk::default().read(path, limit).map_err(|why| {
        let shown = path.display().to_string();
        Failure::fault(
            "metadata-not-found",
            format!("{} cannot be read: {why}", visible(&shown)),
        )
        .with("path", shown)
    })
}
