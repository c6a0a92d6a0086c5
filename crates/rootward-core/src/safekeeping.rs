//! Backups without a window: what `rootwardctl backup` and `rootwardctl restore` ask.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rootward_tuf::Instant;

use crate::{
    adapters::{DeskConfig, data_folder, desk_ports, folders_of_keys},
    backup,
    border::{BackupReport, RestoreReport},
    ports::{Failure, Ports, Prompt, PromptRequest, Secret, TouchRequest, Touching},
};

/// Writes a backup of the desk. Private key files go with it only when `with_keys` says so, encrypted as they are.
///
/// Fails as `desk_ports` and [`backup::make`] do.
pub fn back_up(data: Option<PathBuf>, at: Option<&str>, to: &Path, with_keys: bool) -> Result<BackupReport, Failure> {
    backup::make(&ports(data, at)?, to, with_keys).map(|made| BackupReport::of(&made))
}

/// Takes a backup into the desk, which is made where there is none. The higher of two versions stays.
///
/// Fails as `desk_ports` and [`backup::restore`] do.
pub fn restore(data: Option<PathBuf>, at: Option<&str>, from: &Path) -> Result<RestoreReport, Failure> {
    backup::restore(&ports(data, at)?, from).map(|restored| RestoreReport::of(&restored))
}

fn ports(data: Option<PathBuf>, at: Option<&str>) -> Result<Ports, Failure> {
    let at = at
        .map(Instant::parse)
        .transpose()
        .map_err(|_| Failure::fault("bad-usage", "expected a moment such as 2030-01-31T00:00:00Z after --at"))?;
    let ports = desk_ports(DeskConfig {
        key_folders: folders_of_keys(),
        data: data_folder(data)?,
        prompt: Arc::new(Nobody),
        at,
        holder: "rootwardctl".into(),
    })?;
    backup::finish(&ports)?;
    Ok(ports)
}

/// Nothing here wants a secret.
struct Nobody;

impl Prompt for Nobody {
    fn ask(&self, _: &PromptRequest) -> Result<Secret, Failure> {
        Err(Failure::interruption(
            "prompt-closed",
            "nobody is asked while a desk is copied",
        ))
    }

    fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Err(Failure::interruption(
            "prompt-closed",
            "nobody is asked while a desk is copied",
        ))
    }
}
