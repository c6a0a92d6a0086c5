//! Downloads target files: asks for one by the name metadata gives it, checks it, and only then writes it (TUF 5.7).
//!
//! What vouches for a target is decided by the walk and its search; this begins where they end.

use std::path::{Path, PathBuf};

use rootward_tuf::{Target, TargetPath};

use crate::ports::{Disk, Failure, Fetched, TargetFiles};

/// Where target files come from and go to.
pub struct Downloads<'a> {
    pub files: &'a dyn TargetFiles,
    pub disk: &'a dyn Disk,
    /// The folder files are written to, each under its whole path as one name.
    pub folder: &'a Path,
    /// Whether names begin with a digest, as the root in force says.
    pub consistent_snapshot: bool,
}

/// A target that is on disk now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    pub file: PathBuf,
    /// Whether it was fetched; false when the file was there already and is the target.
    pub is_new: bool,
}

impl Downloads<'_> {
    /// Brings `target`, listed as `path` by a proven role, into the folder. A file there that is the target already is
    /// left alone, any other is replaced as a whole.
    ///
    /// Fails with `target-path-unsafe`, `target-missing`, `target-refused`, `disk-failed`, and as [`TargetFiles::target`]
    /// does. Nothing is written then.
    pub async fn download(&self, path: &str, target: &Target) -> Result<Downloaded, Failure> {
        let unsafe_path = |why: String| {
            let message = format!("the target {path:?} cannot be written: {why}");
            Failure::refusal("target-path-unsafe", message).with("target", path)
        };
        let name = TargetPath::new(path).map_err(|why| unsafe_path(why.to_string()))?;
        let file = self
            .folder
            .join(name.file_name().map_err(|why| unsafe_path(why.to_string()))?);
        // One byte more than expected is enough to see that there are too many.
        let limit = target.length.saturating_add(1);
        if let Ok(there) = self.disk.read(&file, limit)
            && target.check(&there).is_ok()
        {
            return Ok(Downloaded { file, is_new: false });
        }
        let Some(parts) = name.served(target, self.consistent_snapshot) else {
            return Err(refused(path, "the metadata gives no digest of it that can be checked"));
        };
        let found = match self.files.target(&parts, limit).await {
            Err(failure) if failure.code == "too-large" => {
                return Err(refused(path, &format!("expected {} bytes, found more", target.length)));
            }
            other => other?,
        };
        let Some(Fetched { bytes, .. }) = found else {
            let message = format!("{path:?} is not there, though the metadata vouches for it");
            return Err(Failure::fault("target-missing", message).with("target", path));
        };
        target.check(&bytes).map_err(|why| refused(path, &why.to_string()))?;
        self.disk.write(&file, &bytes, false).map_err(|error| {
            Failure::fault("disk-failed", format!("{} cannot be written: {error}", file.display()))
                .with("file", file.display().to_string())
        })?;
        Ok(Downloaded { file, is_new: true })
    }
}

fn refused(path: &str, why: &str) -> Failure {
    let message = format!("what came for {path:?} is not the target: {why}");
    Failure::refusal("target-refused", message)
        .with("target", path)
        .with("why", why)
}
