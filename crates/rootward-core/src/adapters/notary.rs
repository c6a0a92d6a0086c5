//! Notary servers: one GUN as a source and a place to publish to, the keys the server holds for it, and the changefeed that
//! tells which GUNs there are.
//!
//! Over HTTPS; without TLS only on this machine. A server that cannot be asked is a failure, never a silent step back to
//! what is known already.

mod accounts;
mod answers;
mod changefeed;
mod publish;
mod server_keys;
mod sign_in;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use reqwest::{Url, header::HeaderValue};
use rootward_tuf::{
    RoleName,
    encoding::hex,
    walk::{Request, Select},
};

pub use self::accounts::Accounts;
use self::{
    accounts::Account,
    sign_in::{Challenge, Pass},
};
use crate::{
    adapters::web::{Answer, Ask, Carrier, Network, Plain, Unanswered, Web, Wish},
    ports::{Disk, Failure, Fetched, LimitsView, NotaryServer, Source},
};

/// One Notary server.
pub struct Notary {
    carrier: Arc<dyn Carrier>,
    base: Url,
    /// Where a server says whether it is one, and whom it lets in.
    ping: Url,
    pass: Pass,
    account: Option<Account>,
    page_bytes: u64,
}

/// One GUN of a Notary server.
pub struct NotaryRepository {
    server: Notary,
    metadata: Url,
}

impl Notary {
    /// Opens a server and connects to nothing. Fails with `bad-source`.
    pub fn open(
        network: &Arc<Network>,
        disk: &dyn Disk,
        url: &str,
        ca_file: Option<&Path>,
        limits: &LimitsView,
    ) -> Result<Self, Failure> {
        let web = Web::open(network, disk, ca_file, limits, Plain::Loopback)?;
        let base = web.base(url)?;
        let ping = base.join("v2/").map_err(|error| {
            Failure::fault("bad-source", format!("{base} cannot be a Notary server: {error}"))
                .with("url", base.as_str())
        })?;
        Ok(Notary {
            ping,
            base,
            carrier: Arc::new(web),
            pass: Pass::default(),
            account: None,
            page_bytes: limits.document_bytes,
        })
    }

    /// Opens a server inside this program, to which `carrier` brings every request. Fails with `bad-source`.
    pub fn in_process(carrier: Arc<dyn Carrier>, url: &str, limits: &LimitsView) -> Result<Self, Failure> {
        let bad =
            |why: String| Failure::fault("bad-source", format!("{url} cannot be a server: {why}")).with("url", url);
        let base = Url::parse(&format!("{}/", url.trim_end_matches('/'))).map_err(|why| bad(why.to_string()))?;
        Ok(Notary {
            ping: base.join("v2/").map_err(|why| bad(why.to_string()))?,
            base,
            carrier,
            pass: Pass::default(),
            account: None,
            page_bytes: limits.document_bytes,
        })
    }

    /// Signs in as `user` wherever the server wants somebody.
    pub fn signing_in(mut self, accounts: &Arc<Accounts>, user: &str, repository: &str) -> Self {
        self.account = Some(Account::new(accounts, &self.base, user, repository));
        self
    }

    /// Names one repository on it. Fails with `bad-source` when the GUN cannot be part of a URL as it is.
    pub fn repository(self, gun: &str) -> Result<NotaryRepository, Failure> {
        let bad = || {
            Failure::fault(
                "bad-source",
                format!("{gun} cannot be a GUN: expected a name such as host/team/image"),
            )
            .with("gun", gun)
        };
        // Notary sends GUNs unescaped, so nothing may be in one that a URL would read as something else.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:@+".contains(&byte);
        let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(is_plain);
        if !gun.split('/').all(is_part) {
            return Err(bad());
        }
        let metadata = self.base.join(&format!("v2/{gun}/_trust/tuf/")).map_err(|_| bad())?;
        Ok(NotaryRepository { server: self, metadata })
    }

    async fn get(&self, url: &Url, limit: u64) -> Result<Answer, Failure> {
        Ok(self.ask(Wish::Read, url, limit).await?)
    }

    /// Sends a request; when the server wants somebody, finds out what it wants, signs in, and sends it again.
    ///
    /// What only reads is tried as nobody in particular first. The answer may still be a 401: then the account has too
    /// few rights.
    async fn ask(&self, wish: Wish<'_>, url: &Url, limit: u64) -> Result<Answer, Unanswered> {
        let send = async |authorization: Option<&HeaderValue>| {
            let ask = Ask {
                wish,
                url,
                authorization,
                limit,
            };
            self.carrier.carry(&ask).await
        };
        let mut answer = send(self.pass.shown().as_ref()).await?;
        let reads = matches!(wish, Wish::Read | Wish::ReadFresh);
        if let Some(challenge) = Challenge::of(&answer)
            && (reads || self.account.is_none())
            && let Some(pass) = challenge.as_nobody(&*self.carrier).await.map_err(never_sent)?
        {
            self.pass.keep(&pass);
            answer = send(Some(&pass)).await?;
        }
        if let Some(challenge) = Challenge::of(&answer)
            && let Some(account) = &self.account
        {
            let signed_in = challenge.as_account(&*self.carrier, account, !reads, &self.ping).await;
            let pass = signed_in.map_err(never_sent)?;
            self.pass.keep(&pass);
            answer = send(Some(&pass)).await?;
        }
        Ok(answer)
    }
}

/// The request itself did not get as far as being sent with what it needs.
fn never_sent(failure: Failure) -> Unanswered {
    Unanswered {
        failure,
        may_have_arrived: false,
    }
}

#[async_trait]
impl NotaryServer for Notary {
    async fn guns(&self) -> Result<Vec<String>, Failure> {
        changefeed::guns(self).await
    }
}

impl NotaryRepository {
    fn url(&self, name: &str) -> Result<Url, Failure> {
        self.metadata.join(name).map_err(|error| {
            Failure::fault("bad-source", format!("{name} cannot be part of a URL: {error}")).with("name", name)
        })
    }

    async fn document(
        &self,
        wish: Wish<'_>,
        role: &RoleName,
        name: &str,
        limit: u64,
    ) -> Result<Option<Fetched>, Failure> {
        let url = self.url(name)?;
        let answer = self.server.ask(wish, &url, limit).await?;
        if answer.status == 200 {
            let origin = answer.url.into();
            let bytes = answer.body;
            return Ok(Some(Fetched { bytes, origin }));
        }
        if answers::says_missing(&answer, role) {
            Ok(None)
        } else {
            Err(answers::failure(&answer))
        }
    }
}

#[async_trait]
impl Source for NotaryRepository {
    async fn fetch(&self, request: &Request) -> Result<Option<Fetched>, Failure> {
        let Some(name) = name(&request.role, request.select) else {
            return Ok(None);
        };
        self.document(Wish::Read, &request.role, &name, request.limit_bytes)
            .await
    }

    async fn newest_root(&self, limit_bytes: u64) -> Result<Option<Fetched>, Failure> {
        self.document(Wish::Read, &RoleName::root(), "root.json", limit_bytes)
            .await
    }

    async fn listed_root_versions(&self) -> Result<Vec<u64>, Failure> {
        Ok(Vec::new())
    }
}

/// The name below `_trust/tuf/`; a digest is a suffix of the role's name. `None` when the role cannot be a path.
fn name(role: &RoleName, select: Select) -> Option<String> {
    let parts = role
        .as_str()
        .split('/')
        .map(|part| RoleName::new(part).ok()?.file_stem().ok());
    let path = parts.collect::<Option<Vec<_>>>()?.join("/");
    // Only the last part gets `.json` and stays harmless by it; a URL would read the others as steps upwards.
    if path
        .split('/')
        .any(|part| part.eq_ignore_ascii_case("%2e%2e") || part.eq_ignore_ascii_case("%2e"))
    {
        return None;
    }
    Some(match select {
        Select::Version(version) | Select::Consistent { version } => format!("{version}.{path}.json"),
        Select::Sha256(digest) => format!("{path}.{}.json", hex(&digest)),
        Select::Current => format!("{path}.json"),
    })
}

#[cfg(test)]
mod tests;
