//! A client with a folder of trusted metadata: init, refresh, download.

use std::{
    fmt::{self, Display},
    path::{Path, PathBuf},
    sync::Arc,
};

use rootward_core::{
    adapters::{Http, Network, SystemClock, SystemDisk},
    ports::{Clock, Disk, LimitsView, Source},
    repositories::download::Downloads,
};
use rootward_tuf::{
    Dialect, Extent, Floors, Next, Outcome, Reply, Request, RoleName, Seek, Seeker, Sought, WalkInput, WalkLimits,
    Walker,
};

/// Why a command failed, for whoever reads the suite's output.
#[derive(Debug)]
pub struct Trouble(pub String);

pub struct Client {
    metadata: PathBuf,
    disk: SystemDisk,
    limits: LimitsView,
    network: Arc<Network>,
}

impl Client {
    pub fn new(metadata: PathBuf) -> Self {
        Client {
            metadata,
            disk: SystemDisk::new(),
            limits: LimitsView::default(),
            network: Arc::default(),
        }
    }

    /// Takes a root on trust.
    pub fn init(&self, trusted_root: &Path) -> Result<(), Trouble> {
        let root = self
            .disk
            .read(trusted_root, self.limits.document_bytes)
            .map_err(trouble)?;
        self.write(&RoleName::root(), &root)
    }

    /// Walks root, timestamp, snapshot and targets, and stores what was proven before it says whether that was enough.
    pub async fn refresh(&self, url: &str) -> Result<(Walker, Http), Trouble> {
        let source = self.open(url)?;
        let root = self
            .read(&RoleName::root())
            .ok_or_else(|| trouble("there is no trusted root"))?;
        let input = WalkInput {
            extent: Extent::TopLevel,
            reuse_floors: true,
            floors: self.floors(),
            limits: WalkLimits {
                timestamp_bytes: self.limits.timestamp_bytes,
                document_bytes: self.limits.document_bytes,
                ..WalkLimits::default()
            },
            ..WalkInput::new(Dialect::Tuf1, root, SystemClock.now())
        };
        let mut walker = Walker::begin(input).map_err(trouble)?;
        let outcome = loop {
            match walker.next() {
                Next::Fetch(request) => walker.supply(ask(&source, &request).await),
                Next::Finished(outcome) => break outcome,
            }
        };
        self.keep(&outcome)?;
        match outcome.first_refusal() {
            Some(why) => Err(trouble(why)),
            None => Ok((walker, source)),
        }
    }

    /// Refreshes, then looks for each target and downloads it.
    pub async fn download(&self, url: &str, base: &str, folder: &Path, names: &[String]) -> Result<(), Trouble> {
        let (walker, source) = self.refresh(url).await?;
        let files = self.open(base)?;
        let mut seeker = walker.into_seeker().map_err(|_| trouble("the walk was not accepted"))?;
        let root = seeker.outcome().root.clone();
        let downloads = Downloads {
            files: &files,
            disk: &self.disk,
            folder,
            consistent_snapshot: root.is_some_and(|root| root.body().consistent_snapshot),
        };
        for name in names {
            let sought = seek(&mut seeker, &source, name).await;
            self.keep(seeker.outcome())?;
            match sought {
                Sought::Found { target, .. } => downloads
                    .download(name, &target)
                    .await
                    .map_err(|why| trouble(why.message))?,
                Sought::Refused(why) => return Err(trouble(why)),
                Sought::Nowhere => return Err(trouble(format!("no role vouches for {name:?}"))),
            };
        }
        Ok(())
    }

    fn open(&self, url: &str) -> Result<Http, Trouble> {
        Http::open(&self.network, &self.disk, url, None, &self.limits).map_err(|why| trouble(why.message))
    }

    /// Stores what a walk proved, after forgetting what a new root took back.
    fn keep(&self, outcome: &Outcome) -> Result<(), Trouble> {
        let newest = |role: &RoleName| outcome.keep.iter().any(|(kept, _)| kept == role);
        for role in outcome.forget.iter().filter(|role| !newest(role)) {
            self.disk.remove(&self.file(role)?).map_err(trouble)?;
        }
        for (role, file) in &outcome.keep {
            if self.read(role).as_deref() != Some(file) {
                self.write(role, file)?;
            }
        }
        Ok(())
    }

    fn floors(&self) -> Floors {
        let names = self.disk.list(&self.metadata).unwrap_or_default();
        let roles = names
            .iter()
            .filter_map(|name| RoleName::from_file_stem(name.strip_suffix(".json")?));
        Floors {
            timestamp: self.read(&RoleName::timestamp()).map(Into::into),
            snapshot: self.read(&RoleName::snapshot()).map(Into::into),
            targets: self.read(&RoleName::targets()).map(Into::into),
            delegated: roles
                .filter(|role| !role.is_top_level())
                .filter_map(|role| Some((role.clone(), self.read(&role)?.into())))
                .collect(),
        }
    }

    fn read(&self, role: &RoleName) -> Option<Vec<u8>> {
        self.disk.read(&self.file(role).ok()?, self.limits.document_bytes).ok()
    }

    fn write(&self, role: &RoleName, file: &[u8]) -> Result<(), Trouble> {
        self.disk.write(&self.file(role)?, file, false).map_err(trouble)
    }

    fn file(&self, role: &RoleName) -> Result<PathBuf, Trouble> {
        let stem = role.file_stem().map_err(trouble)?;
        Ok(self.metadata.join(format!("{stem}.json")))
    }
}

async fn seek(seeker: &mut Seeker, source: &Http, name: &str) -> Sought {
    seeker.look_for(name);
    loop {
        match seeker.next() {
            Seek::Fetch(request) => seeker.supply(ask(source, &request).await),
            Seek::Finished(sought) => return sought,
        }
    }
}

async fn ask(source: &Http, request: &Request) -> Reply {
    match source.fetch(request).await {
        Ok(Some(fetched)) => Reply::Found(fetched.bytes),
        Ok(None) => Reply::Missing,
        Err(failure) if failure.code == "too-large" => Reply::TooLarge,
        Err(failure) => Reply::Failed(failure.message),
    }
}

impl Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn trouble(why: impl Display) -> Trouble {
    Trouble(why.to_string())
}
