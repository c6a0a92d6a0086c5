//! The outside world behind the ports. Adapters know ports, never use cases or each other.

mod clock;
mod disk;
mod folder;
mod home;
mod http;
mod lock;
pub mod logging;
mod notary;
mod random;
mod sqlite;
mod web;

pub use self::{
    clock::{FixedClock, SystemClock},
    disk::{ForgettingDisk, Loss, SystemDisk},
    folder::Folder,
    home::data_folder,
    http::Http,
    lock::DataLock,
    notary::{Notary, NotaryRepository},
    random::SystemRandom,
    sqlite::SqliteVault,
    web::Network,
};

use std::{path::Path, sync::Arc};

use crate::ports::{Connect, Disk, Failure, LimitsView, NotaryServer, Publisher, Source, SourceSpec};

/// Opens every kind of source there is. All of them share one way into the network, and with it the limits.
pub struct Connections {
    disk: Arc<dyn Disk>,
    network: Arc<Network>,
}

impl Connections {
    /// Folders are read and written through `disk`.
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Connections {
            disk,
            network: Arc::default(),
        }
    }

    fn notary(&self, url: &str, ca_file: Option<&Path>, limits: &LimitsView) -> Result<Notary, Failure> {
        Notary::open(&self.network, &*self.disk, url, ca_file, limits)
    }
}

impl Connect for Connections {
    fn source(&self, spec: &SourceSpec, limits: &LimitsView) -> Result<Arc<dyn Source>, Failure> {
        Ok(match spec {
            SourceSpec::Folder { path, .. } => Arc::new(Folder::new(self.disk.clone(), path.into())),
            SourceSpec::Http { url, ca_file } => {
                let ca_file = ca_file.as_deref().map(Path::new);
                Arc::new(Http::open(&self.network, &*self.disk, url, ca_file, limits)?)
            }
            SourceSpec::Notary { url, gun, ca_file } => {
                let server = self.notary(url, ca_file.as_deref().map(Path::new), limits)?;
                Arc::new(server.repository(gun)?)
            }
        })
    }

    fn publisher(&self, spec: &SourceSpec, _limits: &LimitsView) -> Result<Arc<dyn Publisher>, Failure> {
        match spec {
            SourceSpec::Folder { path, .. } => Ok(Arc::new(Folder::new(self.disk.clone(), path.into()))),
            SourceSpec::Http { url, .. } | SourceSpec::Notary { url, .. } => {
                let message = format!("{url} can be read but not written: publish in the folder it is served from");
                Err(Failure::refusal("not-publishable-there", message).with("url", url))
            }
        }
    }

    fn notary_server(
        &self,
        url: &str,
        ca_file: Option<&Path>,
        limits: &LimitsView,
    ) -> Result<Arc<dyn NotaryServer>, Failure> {
        Ok(Arc::new(self.notary(url, ca_file, limits)?))
    }
}
