//! The outside world behind the ports. Adapters know ports, never use cases or each other.

mod certifying;
mod clock;
mod disk;
mod folder;
mod home;
mod http;
mod key_file;
mod keys;
mod lock;
pub mod logging;
#[cfg(test)]
mod no_modules;
#[cfg(test)]
mod no_tokens;
mod notary;
mod piv;
mod pkcs11;
pub(crate) mod practice;
mod private_key;
pub mod process;
mod random;
mod signing;
mod sqlite;
mod tokens;
pub(crate) mod web;
mod yubikey;

pub use self::{
    clock::{FixedClock, SystemClock},
    disk::{ForgettingDisk, Loss, SystemDisk},
    folder::Folder,
    home::{data_folder, folders_of_keys},
    http::Http,
    key_file::{KeyFiles, Keychain, KeychainKey},
    keys::EveryKey,
    lock::DataLock,
    notary::{Accounts, Notary, NotaryRepository},
    pkcs11::{Patience, Pkcs11Tokens},
    practice::{PracticeServers, PracticeTokens},
    random::SystemRandom,
    sqlite::SqliteVault,
    tokens::EveryToken,
    web::Network,
    yubikey::YubiKeys,
};
#[cfg(test)]
pub use self::{no_modules::NoModules, no_tokens::NoTokens};

use std::{
    ffi::OsString,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use rootward_tuf::Instant;

use crate::ports::{
    Clock, Connect, Disk, Failure, LimitsView, Modules, NotaryServer, Ports, Prompt, Publisher, Random, ServerKeys,
    Source, SourceSpec, Tokens, is_practice_server,
};

/// Keeps a vendor's PKCS#11 module, if this process was started for that. Every program with a desk asks first thing.
pub fn keep_module(arguments: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let library = pkcs11::library_to_keep(arguments)?;
    process::disable_core_dumps();
    Some(pkcs11::keep(&library))
}

/// What a program says to get its desk.
pub struct DeskConfig {
    /// The data folder; made when it is absent.
    pub data: PathBuf,
    pub prompt: Arc<dyn Prompt>,
    /// Stops the clock at this moment.
    pub at: Option<Instant>,
    /// The name of the program, for whoever finds the data folder locked.
    pub holder: String,
    /// Where other programs keep keys; see [`folders_of_keys`].
    pub key_folders: Vec<PathBuf>,
}

/// Plugs a desk into this machine, and takes the data folder's lock for as long as its vault is open.
///
/// Fails with `data-folder-locked`, `data-folder-newer` and `data-folder-unusable`.
pub fn desk_ports(config: DeskConfig) -> Result<Ports, Failure> {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk::new());
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let clock: Arc<dyn Clock> = match config.at {
        Some(at) => Arc::new(FixedClock(at)),
        None => Arc::new(SystemClock),
    };
    let data = private_folder(&*disk, &config.data)?;
    // The lock tells since when it is held by the machine's clock, whatever the desk's says.
    let lock = DataLock::take(&data, &config.holder, SystemClock.now())?;
    let vault = SqliteVault::open(&data.join("desk.sqlite"))?.holding(lock);
    let keychain = Arc::new(Keychain::of_system(disk.clone(), random.clone(), &data));
    let files = Arc::new(KeyFiles::new(disk.clone(), random.clone()));
    let modules: Arc<dyn Modules> = Arc::new(Pkcs11Tokens::new(config.prompt.clone(), random.clone()));
    let to_practise = PracticeTokens::of(disk.clone(), config.prompt.clone(), &data);
    let devices = Arc::new(YubiKeys::new(config.prompt.clone()));
    let tokens: Arc<dyn Tokens> = Arc::new(EveryToken::new(devices, Arc::new(to_practise)));
    let servers = PracticeServers::of(disk.clone(), clock.clone(), &data);
    let connections = Connections::new(disk.clone()).asking(config.prompt.clone());
    Ok(Ports {
        vault: Arc::new(vault),
        clock,
        connect: Arc::new(connections.with_practice(servers)),
        prompt: config.prompt,
        keys: Arc::new(EveryKey::new(files, tokens.clone(), modules.clone(), keychain)),
        tokens,
        modules,
        disk,
        random,
        data,
        key_folders: config.key_folders,
    })
}

/// Makes the data folder, or checks that the one there is ours alone: whoever can write in it owns the desk.
fn private_folder(disk: &dyn Disk, data: &Path) -> Result<PathBuf, Failure> {
    let unusable = |why: String| {
        Failure::fault(
            "data-folder-unusable",
            format!("the data folder {} cannot be used: {why}", data.display()),
        )
        .with("folder", data.display().to_string())
    };
    disk.create_folder(data).map_err(|error| unusable(error.to_string()))?;
    let data = data.canonicalize().map_err(|error| unusable(error.to_string()))?;
    let mode = |data: &Path| data.metadata().map(|found| found.permissions().mode() & 0o777);
    let mut found = mode(&data).map_err(|error| unusable(error.to_string()))?;
    let is_empty = disk.list(&data).is_ok_and(|names| names.is_empty());
    if found & 0o077 != 0 && is_empty {
        // Somebody made it for us just now, as folders are made by default.
        let private = std::fs::set_permissions(&data, PermissionsExt::from_mode(0o700));
        found = private
            .and_then(|()| mode(&data))
            .map_err(|error| unusable(error.to_string()))?;
    }
    if found & 0o077 != 0 {
        return Err(unusable(format!(
            "others may look into it (mode {found:o}, expected 700); chmod 700 makes it private"
        )));
    }
    Ok(data)
}

/// Opens every kind of source there is. All of them share one way into the network, and with it the limits.
pub struct Connections {
    disk: Arc<dyn Disk>,
    network: Arc<Network>,
    accounts: Arc<Accounts>,
    practice: Option<Arc<PracticeServers>>,
}

impl Connections {
    /// Folders are read and written through `disk`. Nobody can be asked for a password.
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Connections {
            disk,
            network: Arc::default(),
            accounts: Arc::default(),
            practice: None,
        }
    }

    /// Servers to practise with are reached, too; without this, nobody answers for them.
    pub fn with_practice(self, servers: PracticeServers) -> Self {
        Connections {
            practice: Some(Arc::new(servers)),
            ..self
        }
    }

    /// Whoever signs in is asked for their password through `prompt`, once per account.
    pub fn asking(self, prompt: Arc<dyn Prompt>) -> Self {
        Connections {
            accounts: Arc::new(Accounts::asking(prompt)),
            ..self
        }
    }

    fn repository(
        &self,
        url: &str,
        gun: &str,
        ca_file: Option<&str>,
        user: Option<&str>,
        limits: &LimitsView,
    ) -> Result<NotaryRepository, Failure> {
        let server = self.notary(url, ca_file.map(Path::new), limits)?;
        let server = match user {
            Some(user) => server.signing_in(&self.accounts, user, gun),
            None => server,
        };
        server.repository(gun)
    }

    fn notary(&self, url: &str, ca_file: Option<&Path>, limits: &LimitsView) -> Result<Notary, Failure> {
        if is_practice_server(url)
            && let Some(servers) = &self.practice
        {
            return Notary::in_process(servers.clone(), url, limits);
        }
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
            SourceSpec::Notary {
                url,
                gun,
                ca_file,
                user,
            } => Arc::new(self.repository(url, gun, ca_file.as_deref(), user.as_deref(), limits)?),
        })
    }

    fn publisher(&self, spec: &SourceSpec, limits: &LimitsView) -> Result<Arc<dyn Publisher>, Failure> {
        match spec {
            SourceSpec::Folder { path, .. } => Ok(Arc::new(Folder::new(self.disk.clone(), path.into()))),
            SourceSpec::Notary {
                url,
                gun,
                ca_file,
                user,
            } => Ok(Arc::new(self.repository(
                url,
                gun,
                ca_file.as_deref(),
                user.as_deref(),
                limits,
            )?)),
            SourceSpec::Http { url, .. } => {
                let message = format!("{url} can be read but not written: publish in the folder it is served from");
                Err(Failure::refusal("not-publishable-there", message).with("url", url))
            }
        }
    }

    fn server_keys(&self, spec: &SourceSpec, limits: &LimitsView) -> Result<Arc<dyn ServerKeys>, Failure> {
        match spec {
            SourceSpec::Notary {
                url,
                gun,
                ca_file,
                user,
            } => Ok(Arc::new(self.repository(
                url,
                gun,
                ca_file.as_deref(),
                user.as_deref(),
                limits,
            )?)),
            SourceSpec::Folder { path: place, .. } | SourceSpec::Http { url: place, .. } => {
                let message = format!("{place} is no Notary server: nobody there holds keys");
                Err(Failure::refusal("no-server-keys", message).with("source", place))
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

#[cfg(test)]
mod tests;
