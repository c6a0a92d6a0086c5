//! A look at any source without a window, and without a desk where none is needed: what `rootwardctl` asks.

use std::{path::PathBuf, sync::Arc};

use rootward_tuf::{
    blast,
    time::{Expiry, Instant},
};

use crate::{
    adapters::{
        Connections, DeskConfig, FixedClock, PracticeServers, SystemClock, SystemDisk, data_folder, desk_ports,
    },
    border::{BlastReport, HistoryReport, Subject, TreeReport},
    ports::{
        AnchorHow, Clock as _, Connect, Disk, Failure, LimitsView, Ports, Prompt, PromptRequest, Secret, SourceSpec,
        TouchRequest, Touching,
    },
    repositories::{
        absolute, days_left,
        history::History,
        is_same,
        known::Memory,
        look::{Footing, Look, Looked, NOBODY_ASKED},
        place_of,
        roles::{Facts, RoleKey},
        stolen::{Shown, find_keys},
    },
};

/// Looks at sources by one clock.
pub struct Lookout {
    connect: Arc<dyn Connect>,
    limits: LimitsView,
    now: Instant,
    data: Option<PathBuf>,
}

/// What a look showed, ready to be reported.
pub struct LookedAt {
    looked: Looked,
    source: String,
    spec: SourceSpec,
    now: Instant,
    notes: Vec<String>,
}

impl Lookout {
    /// Looks by the system's clock, or by the one given as RFC 3339. `data` is the desk's folder, for stored trust.
    ///
    /// Fails with `bad-usage` when the clock cannot be read.
    pub fn new(data: Option<PathBuf>, at: Option<&str>) -> Result<Self, Failure> {
        let now = match at {
            None => SystemClock.now(),
            Some(text) => Instant::parse(text).map_err(|_| {
                let expected = "expected a moment such as 2030-01-31T00:00:00Z after --at";
                Failure::fault("bad-usage", expected).with("at", text)
            })?,
        };
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk::default());
        let connections = Connections::new(disk.clone());
        // Without a data folder nobody has practised.
        let connections = match data_folder(data.clone()) {
            Ok(data) => connections.with_practice(PracticeServers::of(disk, Arc::new(FixedClock(now)), &data)),
            Err(_) => connections,
        };
        Ok(Lookout {
            connect: Arc::new(connections),
            limits: LimitsView::default(),
            now,
            data,
        })
    }

    /// The moment it looks at.
    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    /// The moment it looks at, RFC 3339.
    pub fn moment(&self) -> String {
        self.now.to_string()
    }

    /// Opens the desk, where nobody is asked for anything; made when there is none.
    ///
    /// Fails when another program holds it.
    pub(crate) fn desk(&self) -> Result<Ports, Failure> {
        self.open(data_folder(self.data.clone())?)
    }

    fn open(&self, data: PathBuf) -> Result<Ports, Failure> {
        desk_ports(DeskConfig {
            key_folders: Vec::new(),
            data,
            prompt: Arc::new(Nobody),
            at: Some(self.now),
            holder: "rootwardctl".to_owned(),
        })
    }

    /// Walks from a root file somebody vouches for.
    pub async fn from_root(&self, spec: &SourceSpec, bytes: Vec<u8>) -> Result<LookedAt, Failure> {
        let proven = Default::default();
        let how = AnchorHow::Given;
        self.look(spec, Footing::Root { how, bytes, proven }, Vec::new()).await
    }

    /// Walks from the root the source shows now.
    pub async fn from_first_use(&self, spec: &SourceSpec) -> Result<LookedAt, Failure> {
        self.look(spec, Footing::FirstUse, Vec::new()).await
    }

    /// Walks from the root this desk trusts for the source.
    ///
    /// Fails with `no-anchor` when it trusts none.
    pub async fn from_stored(&self, spec: &SourceSpec) -> Result<LookedAt, Failure> {
        match self.stored(spec)? {
            Some(footing) => self.look(spec, footing, Vec::new()).await,
            None => Err(no_anchor(spec)),
        }
    }

    /// Walks from the root this desk trusts; shows the source unanchored when it trusts none or cannot be asked.
    pub async fn from_stored_or_nothing(&self, spec: &SourceSpec) -> Result<LookedAt, Failure> {
        match self.stored(spec) {
            Ok(Some(footing)) => self.look(spec, footing, Vec::new()).await,
            Ok(None) => self.look(spec, Footing::Nothing, Vec::new()).await,
            Err(failure) => self.look(spec, Footing::Nothing, vec![failure.message]).await,
        }
    }

    /// Every root version that the source still has.
    ///
    /// Fails with `metadata-not-found` when there is no root.
    pub async fn history(&self, spec: &SourceSpec) -> Result<HistoryReport, Failure> {
        let looked = self.looking(true).at(spec, Footing::Nothing).await?;
        let roots: Vec<&[u8]> = looked.reading.roots().map(|(_, root)| root.bytes.as_slice()).collect();
        let history = History::of(roots, looked.tree.dialect);
        if history.versions.is_empty() {
            let place = place_of(spec);
            let message = format!("expected a root at {place}, found none that can be read");
            return Err(Failure::fault("metadata-not-found", message).with("source", place));
        }
        Ok(HistoryReport::of(&history, place_of(spec)))
    }

    async fn look(&self, spec: &SourceSpec, footing: Footing, notes: Vec<String>) -> Result<LookedAt, Failure> {
        Ok(LookedAt {
            looked: self.looking(false).at(spec, footing).await?,
            source: place_of(spec),
            spec: spec.clone(),
            now: self.now,
            notes,
        })
    }

    fn looking(&self, with_history: bool) -> Look<'_> {
        Look {
            connect: self.connect.as_ref(),
            limits: self.limits,
            now: self.now,
            with_history,
        }
    }

    /// What this desk trusts of a source; `None` when there is no desk, or none of its repositories is this one.
    ///
    /// Fails when another program holds the desk.
    fn stored(&self, spec: &SourceSpec) -> Result<Option<Footing>, Failure> {
        let data = data_folder(self.data.clone())?;
        // Looking makes no desk where there is none.
        if !data.join("desk.sqlite").exists() {
            return Ok(None);
        }
        let ports = self.open(data)?;
        let spec = absolute(spec.clone())?;
        let record = ports
            .vault
            .repositories()?
            .into_iter()
            .find(|record| is_same(&record.source, &spec));
        let Some(record) = record else { return Ok(None) };
        let memory = Memory::of(record, ports.vault.as_ref())?;
        let Some(root) = memory.trusted_root() else {
            return Ok(None);
        };
        let how = match memory.anchor.as_ref().map(|anchor| anchor.how) {
            Some(AnchorHow::FirstUse) => AnchorHow::FirstUse,
            _ => AnchorHow::Stored,
        };
        Ok(Some(Footing::Root {
            how,
            bytes: root.to_vec(),
            proven: memory.proven.clone(),
        }))
    }
}

/// Nobody is asked anything while something is only shown.
struct Nobody;

impl Prompt for Nobody {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        let message = format!("nobody can be asked for the secret of {} here", request.key);
        Err(Failure::interruption("prompt-closed", message))
    }

    fn touch(&self, request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        let message = format!("nobody can be asked to touch {} here", request.device);
        Err(Failure::interruption("prompt-closed", message))
    }
}

impl LookedAt {
    /// The tree.
    pub fn tree_report(&self) -> TreeReport {
        TreeReport::of(&self.looked, &self.source, self.now)
    }

    /// The tree and the walk's verdict.
    pub fn verify_report(&self) -> TreeReport {
        self.tree_report().with_verdict(&self.looked)
    }

    /// What whoever holds these keys could do.
    ///
    /// Fails with `key-not-found` for a word that means no key of the repository, and with `metadata-not-found` when it has
    /// no root.
    pub fn blast(&self, keys: &[String]) -> Result<BlastReport, Failure> {
        let looked = &self.looked;
        let proven = Default::default();
        let facts = Facts {
            dialect: looked.tree.dialect,
            reading: &looked.reading,
            proven: &proven,
            anchored: looked.anchor.is_some(),
            outcome: None,
            server_held: &NOBODY_ASKED,
            way: Vec::new(),
            now: self.now,
        };
        let shown = Shown::of(&facts, looked.gun.as_ref(), &self.spec)?;
        let stolen = find_keys(&looked.tree, keys)?;
        let subject = Subject {
            tree: &looked.tree,
            gun: looked.gun.as_ref(),
        };
        let found = blast(shown.ground(), &stolen);
        Ok(BlastReport::of(self.source.clone(), &subject, &found))
    }

    /// How the root was come by that the walk started from.
    pub fn anchor(&self) -> Option<AnchorHow> {
        self.looked.anchor
    }

    /// The GUN, if nobody named it and a certificate had to tell.
    pub fn gun_from_certificate(&self) -> Option<&str> {
        match &self.looked.gun {
            Some(crate::repositories::Gun::FromCertificate(gun)) => Some(gun),
            _ => None,
        }
    }

    /// What else a person should know: why stored trust could not be asked, what kept the visit from going on.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        let failure = self
            .looked
            .reading
            .failure
            .iter()
            .map(|failure| failure.message.as_str());
        self.notes.iter().map(String::as_str).chain(failure)
    }

    /// Every key with the role that lists it.
    pub(crate) fn roles_of_keys(&self) -> impl Iterator<Item = (&str, &RoleKey)> {
        let roles = self.looked.tree.nodes.iter();
        roles.flat_map(|node| node.keys.iter().map(|key| (node.role.as_str(), key)))
    }

    /// Whole days from this look's clock to a signed end; `None` when it is no date.
    pub fn days_left(&self, expires: &str) -> Option<i32> {
        Some(days_left(&Expiry::parse(expires).ok()?, self.now))
    }
}

pub(crate) fn no_anchor(spec: &SourceSpec) -> Failure {
    let place = place_of(spec);
    let message =
        format!("this desk trusts no root of {place}: give one with --root, or take it on faith with --first-use");
    Failure::fault("no-anchor", message).with("source", place)
}
