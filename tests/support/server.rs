//! A small HTTP server on loopback that serves folders and misbehaves on demand. Ends, with all it left hanging, when dropped.

use crate::tls::Tls;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What to do with one request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// 200 and these bytes.
    Bytes(Vec<u8>),
    /// This status and an empty body.
    Status(u16),
    /// This status, these header lines, and these bytes.
    Says(u16, Vec<String>, Vec<u8>),
    /// The end of the connection, without a word.
    Close,
    /// Nothing at all: the connection stays open and silent.
    Hang,
    /// A head that promises these bytes, then half of them, then silence.
    Stall(Vec<u8>),
    /// A head that promises these bytes, then one byte after each pause.
    Drip(Vec<u8>, Duration),
    /// A head that promises these bytes, then half of them, then the end.
    Cut(Vec<u8>),
    /// 302 to this address.
    Redirect(String),
    /// 200 and bytes without an end; the length is not told.
    Endless,
    /// A head that claims this length, then bytes without an end.
    Claims(u64),
    /// Bytes that are not HTTP.
    Garbage,
}

impl Answer {
    /// The file at `path` (as requested, `/` first) below `folder`, or 404.
    pub fn file_below(folder: &Path, path: &str) -> Self {
        let inside = percent_decoded(path.split('?').next().unwrap_or(path).trim_start_matches('/'));
        if inside.split('/').any(|part| part == "..") {
            return Self::Status(403);
        }
        fs::read(folder.join(inside)).map_or(Self::Status(404), Self::Bytes)
    }
}

/// One request, as far as tests look at it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// `Authorization`.
    pub authorization: Option<String>,
    pub body: Vec<u8>,
}

type Behaviour = dyn Fn(&Asked) -> Answer + Send + Sync;

/// A server that runs until it is dropped.
pub struct Server {
    address: SocketAddr,
    secure: bool,
    shared: Arc<Shared>,
}

struct Shared {
    behaviour: Box<Behaviour>,
    requests: Mutex<Vec<Asked>>,
    ended: AtomicBool,
}

impl Server {
    /// Answers every GET by `behaviour`, which is given the path.
    pub fn start(behaviour: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::listen(None, move |asked| behaviour(&asked.path))
    }

    /// Answers every request by `behaviour`.
    pub fn start_for_all(behaviour: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::listen(None, behaviour)
    }

    /// The same over TLS, with the certificate in `tls`.
    pub fn start_tls(tls: &Tls, behaviour: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let certificates = CertificateDer::pem_file_iter(&tls.certificate).expect("openssl wrote a certificate");
        let key = PrivateKeyDer::from_pem_file(&tls.key).expect("openssl wrote a key");
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider speaks the default versions")
            .with_no_client_auth()
            .with_single_cert(certificates.map(|one| one.expect("openssl wrote PEM")).collect(), key)
            .expect("key and certificate belong together");
        Self::listen(Some(Arc::new(config)), move |asked| behaviour(&asked.path))
    }

    fn listen(tls: Option<Arc<ServerConfig>>, behaviour: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared {
            behaviour: Box::new(behaviour),
            requests: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let (accepting, secure) = (Arc::clone(&shared), tls.is_some());
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.ended.load(Ordering::Relaxed) {
                    break;
                }
                let (shared, tls) = (Arc::clone(&accepting), tls.clone());
                // A client that hangs up early is what half of these tests are about.
                thread::spawn(move || stream.and_then(|stream| serve(stream, tls, &shared)));
            }
        });
        Self {
            address,
            secure,
            shared,
        }
    }

    /// `http://127.0.0.1:PORT/`, or https.
    pub fn url(&self) -> String {
        format!("http{}://{}/", if self.secure { "s" } else { "" }, self.address)
    }

    /// The paths asked for so far, oldest first.
    pub fn requests(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// The requests so far, oldest first.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared
            .requests
            .lock()
            .expect("no holder of this lock panics")
            .clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // Wakes the accepting thread, so that it sees the flag and closes the port.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: TcpStream, tls: Option<Arc<ServerConfig>>, shared: &Shared) -> io::Result<()> {
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    stream.set_nodelay(true)?;
    match tls {
        None => converse(stream, shared),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            converse(StreamOwned::new(connection, stream), shared)
        }
    }
}

/// Answers requests on one connection until an answer ends it.
fn converse(stream: impl Read + Write, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut words = line.split(' ').map(str::to_owned);
        let mut asked = Asked {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_else(|| "/".to_owned()),
            ..Asked::default()
        };
        let mut length = 0;
        while line.trim_end() != "" {
            line.clear();
            if stream.read_line(&mut line)? == 0 {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "authorization" => asked.authorization = Some(value.trim().to_owned()),
                "content-length" => length = value.trim().parse().map_err(io::Error::other)?,
                _ => {}
            }
        }
        (&mut stream).take(length).read_to_end(&mut asked.body)?;
        shared
            .requests
            .lock()
            .map_err(|_| io::Error::other("poisoned"))?
            .push(asked.clone());
        if !answer(stream.get_mut(), (shared.behaviour)(&asked), shared)? {
            return Ok(());
        }
    }
}

/// Carries out one answer. Gives whether the connection can take another request.
fn answer(stream: &mut impl Write, answer: Answer, shared: &Shared) -> io::Result<bool> {
    let head = |stream: &mut dyn Write, status: u16, more: String| {
        write!(
            stream,
            "HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\n{more}\r\n"
        )
    };
    let length = |bytes: &[u8]| format!("Content-Length: {}\r\n", bytes.len());
    match answer {
        Answer::Bytes(bytes) => {
            head(stream, 200, length(&bytes))?;
            stream.write_all(&bytes)?;
            stream.flush()?;
            return Ok(true);
        }
        Answer::Status(status) => {
            head(stream, status, length(&[]))?;
            stream.flush()?;
            return Ok(true);
        }
        Answer::Says(status, headers, bytes) => {
            let more: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
            head(stream, status, format!("{more}{}", length(&bytes)))?;
            stream.write_all(&bytes)?;
            stream.flush()?;
            return Ok(true);
        }
        Answer::Close => {}
        Answer::Redirect(to) => {
            head(stream, 302, format!("Location: {to}\r\n{}", length(&[])))?;
            stream.flush()?;
            return Ok(true);
        }
        Answer::Hang => silence(shared),
        Answer::Stall(bytes) => {
            head(stream, 200, length(&bytes))?;
            stream.write_all(&bytes[..bytes.len() / 2])?;
            stream.flush()?;
            silence(shared);
        }
        Answer::Drip(bytes, pause) => {
            head(stream, 200, length(&bytes))?;
            for byte in bytes {
                stream.write_all(&[byte])?;
                stream.flush()?;
                if wait(shared, pause) {
                    break;
                }
            }
        }
        Answer::Cut(bytes) => {
            head(stream, 200, length(&bytes))?;
            stream.write_all(&bytes[..bytes.len() / 2])?;
        }
        Answer::Endless => {
            head(stream, 200, "Connection: close\r\n".into())?;
            pour(stream, shared)?;
        }
        Answer::Claims(length) => {
            head(stream, 200, format!("Content-Length: {length}\r\n"))?;
            pour(stream, shared)?;
        }
        Answer::Garbage => stream.write_all(b"\x00\xffthis is not HTTP\r\n\r\n")?,
    }
    stream.flush()?;
    Ok(false)
}

fn pour(stream: &mut impl Write, shared: &Shared) -> io::Result<()> {
    let block = [b' '; 1 << 16];
    while !shared.ended.load(Ordering::Relaxed) {
        stream.write_all(&block)?;
    }
    Ok(())
}

fn silence(shared: &Shared) {
    wait(shared, Duration::MAX);
}

/// Waits `pause`, or until the server ends; gives whether it ended.
fn wait(shared: &Shared, pause: Duration) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < pause {
        if shared.ended.load(Ordering::Relaxed) {
            return true;
        }
        thread::sleep(Duration::from_millis(20).min(pause));
    }
    false
}

pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after
            .get(..2)
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
