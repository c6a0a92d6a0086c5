//! Map files that an officer chooses: read, shown, and never followed.

use std::path::Path;

use super::Rootward;
use crate::{
    border::{MapReport, MapView, visible},
    ports::Failure,
};

/// No map is longer.
const LONGEST: u64 = 16 << 20;

impl Rootward {
    /// Reads a map file, and says who is asked for `target`.
    ///
    /// Fails with `source-unreadable`, and refuses with `map-unreadable`, which names the place.
    pub(super) fn map(&self, path: &str, target: Option<&str>) -> Result<MapView, Failure> {
        let bytes = self.desk.ports.disk.read(Path::new(path), LONGEST).map_err(|why| {
            let message = format!("the map file {} cannot be read: {why}", visible(path));
            Failure::fault("source-unreadable", message).with("file", path)
        })?;
        Ok(MapView::of(&MapReport::read(&bytes, target)?))
    }
}
