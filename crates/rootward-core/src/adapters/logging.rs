//! The log: one JSON object a line in `logs/` of the data folder, a file a day, the last fourteen kept.
//!
//! What is logged is decided where it is logged: keyids, roles, versions and ids, never a secret.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::fs::OFlags;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::ports::{Clock, Failure};

/// Days of logs that are kept.
const KEPT: usize = 14;
/// Bytes of one day's log; what comes after them is dropped, so that a loop cannot fill the disk.
const LONGEST: u64 = 64 << 20;

/// Keeps the log going; what is still on its way is written when it is dropped.
pub struct Logging(#[expect(dead_code, reason = "dropping it flushes")] WorkerGuard);

/// Starts the log of this process. `ROOTWARD_LOG` is `error`, `warn`, `info` (the default), `debug` or `trace`.
///
/// Fails with `data-folder-unusable` when the folder cannot be made. A second call in one process logs nowhere.
pub fn start(data: &Path, clock: Arc<dyn Clock>) -> Result<Logging, Failure> {
    let folder = data.join("logs");
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.map_err(|error| {
        Failure::fault(
            "data-folder-unusable",
            format!("the folder for logs cannot be made: {error}"),
        )
        .with("folder", folder.display().to_string())
    })?;
    let (writer, guard) = NonBlocking::new(Daily::new(folder, clock));
    let level = std::env::var("ROOTWARD_LOG").ok().and_then(|level| level.parse().ok());
    let _ = subscriber(writer, level.unwrap_or(LevelFilter::INFO)).try_init();
    Ok(Logging(guard))
}

/// Logs our own crates at `level` and others' warnings only: what they say beyond is not ours to vouch for.
fn subscriber(
    writer: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
    level: LevelFilter,
) -> impl Subscriber + Send + Sync {
    let filter = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("rootward", level);
    let lines = fmt::layer().json().with_span_list(true).with_writer(writer);
    tracing_subscriber::registry().with(filter).with(lines)
}

/// Writes to the file of the day.
struct Daily {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    open: Option<(String, File, u64)>,
}

impl Daily {
    fn new(folder: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Daily {
            folder,
            clock,
            open: None,
        }
    }

    fn today(&mut self) -> io::Result<&mut (String, File, u64)> {
        let day = self.clock.now().to_seconds_text().chars().take(10).collect::<String>();
        let current = self.open.take().filter(|(open, ..)| *open == day);
        let today = match current {
            Some(today) => today,
            None => {
                let file = open(&self.folder.join(file_name(&day)))?;
                let length = file.metadata()?.len();
                self.forget_old();
                (day, file, length)
            }
        };
        Ok(self.open.insert(today))
    }

    /// Best effort: a log that cannot be tidied is still a log.
    fn forget_old(&self) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return;
        };
        let mut names: Vec<_> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.starts_with("rootward-") && name.ends_with(".jsonl"))
            .collect();
        names.sort_unstable();
        let old = names.len().saturating_sub(KEPT);
        for name in &names[..old] {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
    }
}

impl Write for Daily {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let (_, file, length) = self.today()?;
        if *length < LONGEST {
            file.write_all(line)?;
            *length += line.len() as u64;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open.as_mut().map_or(Ok(()), |(_, file, _)| file.flush())
    }
}

fn file_name(day: &str) -> String {
    format!("rootward-{day}.jsonl")
}

fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW.bits() as i32;
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(flags)
        .open(path)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, sync::Mutex};

    use rootward_tuf::time::Instant;

    use super::*;

    struct Calendar(Mutex<Instant>);

    impl Clock for Calendar {
        fn now(&self) -> Instant {
            *self.0.lock().unwrap()
        }
    }

    #[test]
    fn a_day_has_its_file_and_only_the_last_fourteen_stay() {
        let place = tempfile::tempdir().unwrap();
        let first = Instant::parse("2026-11-01T23:59:59Z").unwrap();
        let calendar = Arc::new(Calendar(Mutex::new(first)));
        let mut daily = Daily::new(place.path().to_owned(), calendar.clone());
        std::fs::write(place.path().join("foreign"), "").unwrap();
        for day in 0..20 {
            *calendar.0.lock().unwrap() = first.plus_seconds(day * 86_400);
            daily.write_all(b"{}\n").unwrap();
            daily.write_all(b"{}\n").unwrap();
        }
        let mut names: Vec<_> = place
            .path()
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names.len(), KEPT + 1);
        assert_eq!(
            (names[0].as_str(), names[1].as_str()),
            ("foreign", "rootward-2026-11-07.jsonl")
        );
        let newest = place.path().join(&names[KEPT]);
        assert_eq!(std::fs::read(&newest).unwrap(), b"{}\n{}\n");
        assert_eq!(newest.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_line_is_json_with_its_spans_and_others_chatter_is_left_out() {
        let place = tempfile::tempdir().unwrap();
        let clock = Arc::new(Calendar(Mutex::new(Instant::parse("2026-11-22T10:00:00Z").unwrap())));
        let (writer, guard) = NonBlocking::new(Daily::new(place.path().to_owned(), clock));
        tracing::subscriber::with_default(subscriber(writer, LevelFilter::INFO), || {
            let _span = tracing::info_span!(target: "rootward_core", "refresh", repository = "r1").entered();
            tracing::info!(target: "rootward_core", role = "timestamp", version = 7, "proven");
            tracing::debug!(target: "rootward_core", "detail");
            tracing::info!(target: "hyper", "chatter");
        });
        drop(guard);
        let text = std::fs::read_to_string(place.path().join("rootward-2026-11-22.jsonl")).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 1, "{text}");
        assert_eq!(
            (&lines[0]["fields"]["version"], &lines[0]["spans"][0]["repository"]),
            (&7.into(), &"r1".into())
        );
    }
}
