//! What every adapter that speaks HTTP stands on: one way to get a document, with all limits in one place.
//!
//! - At most so many requests at once, and so many to one host; seconds to connect, without a byte, and for the whole
//!   document; bytes that are read.
//! - At most five redirects, and never one from HTTPS to HTTP.
//! - No cookies, no referrer, no passwords in URLs, and no compression, so that a small answer cannot become a huge one.
//! - A proxy is used when the environment names one (`HTTPS_PROXY`, `NO_PROXY`…), as officers' networks often ask for;
//!   never for loopback.
//! - Certificates are checked against the system's authorities, or against the one CA file given and nothing else.
//!
//! Dropping the future ends the request at once.

mod gates;

use std::{error::Error as _, net::IpAddr, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use reqwest::{
    Certificate, Client, Response, StatusCode, Url,
    header::{
        ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, WWW_AUTHENTICATE,
    },
    multipart::{Form, Part},
    redirect,
};
use tokio::time::timeout;

pub use self::gates::Network;
use self::gates::{ClientKey, Trust};
use crate::ports::{Disk, Failure, LimitsView};

const REDIRECTS: usize = 5;
const LONGEST_CA_FILE: u64 = 4 << 20;

/// Where HTTP without TLS may be spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    Anywhere,
    /// Only to this machine.
    Loopback,
}

/// What carries requests to a server and brings its answers: the network, or a server inside this program.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Sends a request and reads the answer, whatever its status; fails as [`Web::ask`] does.
    async fn carry(&self, ask: &Ask<'_>) -> Result<Answer, Unanswered>;
}

#[async_trait]
impl Carrier for Web {
    async fn carry(&self, ask: &Ask<'_>) -> Result<Answer, Unanswered> {
        self.ask(ask).await
    }
}

/// Gets documents from one source.
pub struct Web {
    network: Arc<Network>,
    authorities: Option<(Trust, Vec<Certificate>)>,
    limits: LimitsView,
    plain: Plain,
}

/// What a request wants.
#[derive(Debug, Clone, Copy)]
pub enum Wish<'a> {
    /// A document.
    Read,
    /// A document as it is now, whatever caches on the way hold.
    ReadFresh,
    /// Something done that needs no words.
    Do,
    /// These files taken, each with its name.
    Take(&'a [(String, Vec<u8>)]),
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub wish: Wish<'a>,
    pub url: &'a Url,
    /// Goes to the URL's own origin and no further.
    pub authorization: Option<&'a HeaderValue>,
    /// Bytes of the answer that are read at most.
    pub limit: u64,
}

/// A request without an answer.
#[derive(Debug)]
pub struct Unanswered {
    pub failure: Failure,
    /// Whether the other side may have got it all the same.
    pub may_have_arrived: bool,
}

impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        unanswered.failure
    }
}

impl Ask<'_> {
    fn is_read(&self) -> bool {
        matches!(self.wish, Wish::Read | Wish::ReadFresh)
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// After redirects.
    pub url: Url,
    pub body: Vec<u8>,
    /// `WWW-Authenticate`.
    pub challenge: Option<String>,
}

impl Web {
    /// Reads the CA file, if there is one, and connects to nothing. Fails with `bad-source`.
    pub fn open(
        network: &Arc<Network>,
        disk: &dyn Disk,
        ca_file: Option<&Path>,
        limits: &LimitsView,
        plain: Plain,
    ) -> Result<Self, Failure> {
        Ok(Web {
            network: network.clone(),
            authorities: ca_file.map(|file| authorities(disk, file)).transpose()?,
            limits: *limits,
            plain,
        })
    }

    /// Reads a URL as the base of documents: HTTPS, or HTTP where allowed, ending in a slash. Fails with `bad-source`.
    pub fn base(&self, text: &str) -> Result<Url, Failure> {
        let bad = |expected: &str| {
            Failure::fault("bad-source", format!("{text} cannot be a source: expected {expected}")).with("url", text)
        };
        let mut url = Url::parse(text).map_err(|error| bad(&format!("a URL ({error})")))?;
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            return Err(bad("https://host/ or http://host/"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Failure::fault(
                "bad-source",
                "expected a URL without a user name or password in it",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("a URL without ? and #"));
        }
        if url.scheme() == "http" && self.plain == Plain::Loopback && !is_loopback(&url) {
            return Err(bad("https:// for a host other than this machine"));
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(url)
    }

    /// Gets a document of at most `limit` bytes, whatever the status. Fails with `network-failed` and `too-large`.
    pub async fn get(&self, url: &Url, limit: u64) -> Result<Answer, Failure> {
        let ask = Ask {
            wish: Wish::Read,
            url,
            authorization: None,
            limit,
        };
        Ok(self.ask(&ask).await?)
    }

    /// Sends a request and reads the answer, whatever its status.
    ///
    /// Fails with `network-failed` and `too-large`. Only what is read follows redirects.
    pub async fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Unanswered> {
        let _permits = self.network.enter(ask.url, &self.limits).await;
        let whole = Duration::from_secs(self.limits.document_seconds.max(1).into());
        match timeout(whole, self.follow(ask)).await {
            Ok(answer) => answer,
            Err(_) => {
                let why = format!("it was not whole after {} s", whole.as_secs());
                Err(maybe_arrived(failed(ask.url, &why)))
            }
        }
    }

    async fn follow(&self, ask: &Ask<'_>) -> Result<Answer, Unanswered> {
        let mut url = ask.url.clone();
        for _ in 0..=REDIRECTS {
            let authorization = ask.authorization.filter(|_| url.origin() == ask.url.origin());
            let response = self.send(&url, ask, authorization).await?;
            let location = redirected_to(&response).filter(|_| ask.is_read());
            let Some(location) = location else {
                return self.read(url, response, ask.limit).await.map_err(maybe_arrived);
            };
            let next = self.next_hop(&url, &location);
            url = next.map_err(|why| maybe_arrived(failed(ask.url, &why)))?;
        }
        let why = format!("it redirects more than {REDIRECTS} times");
        Err(maybe_arrived(failed(ask.url, &why)))
    }

    /// Where a redirect may lead.
    fn next_hop(&self, from: &Url, location: &str) -> Result<Url, String> {
        let to = from
            .join(location)
            .map_err(|error| format!("it redirects to no URL ({error})"))?;
        match to.scheme() {
            "https" => Ok(to),
            "http" if from.scheme() == "https" => Err(format!("it redirects from HTTPS to HTTP ({to})")),
            "http" if self.plain == Plain::Loopback && !is_loopback(&to) => Err(format!("it redirects to HTTP ({to})")),
            "http" => Ok(to),
            other => Err(format!("it redirects to {other}:")),
        }
    }

    async fn send(
        &self,
        url: &Url,
        ask: &Ask<'_>,
        authorization: Option<&HeaderValue>,
    ) -> Result<Response, Unanswered> {
        let never_left = |failure| Unanswered {
            failure,
            may_have_arrived: false,
        };
        let client = self
            .client(url)
            .map_err(|error| never_left(failed(url, &cause(&error))))?;
        let mut request = match ask.wish {
            Wish::Read => client.get(url.clone()),
            Wish::ReadFresh => client.get(url.clone()).header(CACHE_CONTROL, "no-cache"),
            Wish::Do => client.post(url.clone()),
            Wish::Take(files) => client.post(url.clone()).multipart(form(files)),
        };
        request = request.header(ACCEPT_ENCODING, "identity");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        request.send().await.map_err(|error| Unanswered {
            may_have_arrived: !error.is_connect() && !error.is_builder(),
            failure: self.went_wrong(url, &error),
        })
    }

    async fn read(&self, url: Url, mut response: Response, limit: u64) -> Result<Answer, Failure> {
        let too_large =
            || Failure::fault("too-large", format!("{url} is larger than {limit} bytes")).with("url", url.as_str());
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.went_wrong(&url, &error))? {
            if (body.len() + chunk.len()) as u64 > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let challenge = response
            .headers()
            .get(WWW_AUTHENTICATE)
            .and_then(|value| value.to_str().ok());
        Ok(Answer {
            status: response.status().as_u16(),
            challenge: challenge.map(str::to_owned),
            url,
            body,
        })
    }

    /// One client for all sources that are reached the same way, so that connections are shared.
    fn client(&self, url: &Url) -> reqwest::Result<Client> {
        let is_direct = is_loopback(url);
        let trust = match &self.authorities {
            _ if url.scheme() == "http" => Trust::Nobody,
            Some((trust, _)) => *trust,
            None => Trust::System,
        };
        let key = ClientKey {
            trust,
            is_direct,
            connect_seconds: self.limits.connect_seconds.max(1),
            idle_seconds: self.limits.idle_seconds.max(1),
        };
        self.network.client(key, || {
            let mut builder = Client::builder()
                .user_agent(concat!("rootward/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(Duration::from_secs(key.connect_seconds.into()))
                .read_timeout(Duration::from_secs(key.idle_seconds.into()))
                .redirect(redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false);
            if is_direct {
                builder = builder.no_proxy();
            }
            let own = self
                .authorities
                .iter()
                .flat_map(|(_, certificates)| certificates.clone());
            match trust {
                Trust::System => builder,
                Trust::Own(_) => builder.tls_certs_only(own),
                Trust::Nobody => builder.tls_certs_only([]),
            }
            .build()
        })
    }

    fn went_wrong(&self, url: &Url, error: &reqwest::Error) -> Failure {
        let (connect, idle) = (self.limits.connect_seconds, self.limits.idle_seconds);
        let why = match (error.is_timeout(), error.is_connect()) {
            (true, true) => format!("no connection within {connect} s"),
            (true, false) => format!("not a byte within {idle} s"),
            (false, true) => format!("no connection: {}", cause(error)),
            (false, false) => cause(error),
        };
        failed(url, &why)
    }
}

/// Whether a host is this machine.
pub fn is_loopback(url: &Url) -> bool {
    let host = url
        .host_str()
        .unwrap_or_default()
        .trim_start_matches('[')
        .trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A fault for an answer nobody expected.
pub fn answered(answer: &Answer, why: &str) -> Failure {
    Failure::fault(
        "server-answered",
        format!("{} answered {}: {why}", answer.url, answer.status),
    )
    .with("url", answer.url.as_str())
    .with("status", answer.status.to_string())
}

/// What a status means, for people.
pub fn meaning(status: u16) -> &'static str {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    reason.unwrap_or("an unknown status")
}

fn redirected_to(response: &Response) -> Option<String> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).filter(|_| redirects)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
}

/// The files as a form sends them, each part named `files`.
fn form(files: &[(String, Vec<u8>)]) -> Form {
    // Servers take the name as it is written; none of ours has anything in it that would need to be escaped.
    files
        .iter()
        .fold(Form::new().percent_encode_noop(), |form, (name, bytes)| {
            let octets = (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
            let part = Part::bytes(bytes.clone()).file_name(name.clone());
            form.part("files", part.headers(HeaderMap::from_iter([octets])))
        })
}

fn maybe_arrived(failure: Failure) -> Unanswered {
    Unanswered {
        failure,
        may_have_arrived: true,
    }
}

fn failed(url: &Url, why: &str) -> Failure {
    Failure::fault("network-failed", format!("{url} cannot be read: {why}"))
        .with("url", url.as_str())
        .with("cause", why)
}

/// The innermost cause, which says most.
fn cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(|error| error.source()) {
        cause = Some(deeper);
    }
    cause.map_or_else(|| error.to_string(), |cause| cause.to_string())
}

fn authorities(disk: &dyn Disk, file: &Path) -> Result<(Trust, Vec<Certificate>), Failure> {
    let bad = |why: String| {
        Failure::fault(
            "bad-source",
            format!("the CA file {} cannot be used: {why}", file.display()),
        )
        .with("file", file.display().to_string())
    };
    let bytes = disk
        .read(file, LONGEST_CA_FILE)
        .map_err(|error| bad(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&bytes).map_err(|error| bad(cause(&error)))?;
    if certificates.is_empty() {
        return Err(bad("expected at least one certificate in PEM".into()));
    }
    Ok((Trust::Own(rootward_tuf::encoding::sha256(&bytes)), certificates))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(plain: Plain) -> Web {
        Web {
            network: Arc::default(),
            authorities: None,
            limits: LimitsView::default(),
            plain,
        }
    }

    #[test]
    fn redirects_lead_only_where_they_may() {
        let cases = [
            ("https://a/x", "/y", Ok("https://a/y")),
            ("https://a/x", "https://b/", Ok("https://b/")),
            ("http://a/x", "https://b/", Ok("https://b/")),
            ("http://a/x", "http://b/", Ok("http://b/")),
            (
                "https://a/x",
                "http://a/x",
                Err("it redirects from HTTPS to HTTP (http://a/x)"),
            ),
            (
                "https://a/x",
                "http://127.0.0.1/",
                Err("it redirects from HTTPS to HTTP (http://127.0.0.1/)"),
            ),
            ("https://a/x", "file:///etc/passwd", Err("it redirects to file:")),
        ];
        for (from, location, expected) in cases {
            let hop = web(Plain::Anywhere).next_hop(&Url::parse(from).unwrap(), location);
            assert_eq!(
                hop.as_ref().map(Url::as_str).map_err(String::as_str),
                expected,
                "{from} {location}"
            );
        }
        let local = web(Plain::Loopback);
        let here = Url::parse("http://127.0.0.1:1/").unwrap();
        assert!(local.next_hop(&here, "http://localhost:2/").is_ok());
        assert!(local.next_hop(&here, "http://example.org/").is_err());
    }

    #[test]
    fn only_a_plain_url_can_be_a_base() {
        let base = |text, plain| web(plain).base(text).map(String::from).map_err(|failure| failure.code);
        assert_eq!(base("https://a/b", Plain::Loopback).unwrap(), "https://a/b/");
        assert_eq!(base("http://[::1]:8/", Plain::Loopback).unwrap(), "http://[::1]:8/");
        assert_eq!(base("http://a", Plain::Anywhere).unwrap(), "http://a/");
        let bad = [
            "",
            "a",
            "ftp://a/",
            "https://u:p@a/",
            "https://u@a/",
            "https://a/?q",
            "https://a/#f",
            "data:x",
            "http:///",
        ];
        for text in bad {
            assert_eq!(base(text, Plain::Anywhere).unwrap_err(), "bad-source", "{text}");
        }
        assert_eq!(base("http://a/", Plain::Loopback).unwrap_err(), "bad-source");
        assert_eq!(
            base("http://127.0.0.1.example.org/", Plain::Loopback).unwrap_err(),
            "bad-source"
        );
    }
}
