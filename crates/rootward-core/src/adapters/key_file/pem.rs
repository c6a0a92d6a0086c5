//! PEM blocks, with the headers before the key: Notary's (`role`, `gun`, `path`) and PEM's own (`DEK-Info`).

use rootward_tuf::encoding::{base64, from_base64};
use zeroize::Zeroizing;

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// PKCS#8 with a passphrase.
    Encrypted,
    /// PKCS#8; like the older forms below it may be encrypted by PEM's own headers.
    Private,
    /// `EC PRIVATE KEY`.
    Sec1,
    /// `RSA PRIVATE KEY`.
    Pkcs1,
    /// What cosign writes: in PEM's lines lies JSON, see `secretbox`.
    Sigstore,
    /// A file of go-tuf with a passphrase: the same JSON, with keys in JSON inside.
    GoTuf,
    /// A file of securesystemslib with a passphrase, see `python`.
    Python,
    /// A private key in JSON, as go-tuf and securesystemslib write them, see `json`.
    Json,
    /// SubjectPublicKeyInfo.
    Public,
    /// A public key in JSON.
    PublicJson,
    Certificate,
}

/// One block; wiped when dropped.
pub(super) struct Block {
    pub(super) kind: Kind,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Zeroizing<Vec<u8>>,
}

impl Block {
    /// A whole file that is no PEM.
    pub(super) fn bare(kind: Kind, body: &[u8]) -> Self {
        Block {
            kind,
            headers: Vec::new(),
            body: Zeroizing::new(body.to_vec()),
        }
    }

    pub(super) fn is_private(&self) -> bool {
        match self.kind {
            Kind::Encrypted
            | Kind::Private
            | Kind::Sec1
            | Kind::Pkcs1
            | Kind::Sigstore
            | Kind::GoTuf
            | Kind::Python
            | Kind::Json => true,
            Kind::Public | Kind::PublicJson | Kind::Certificate => false,
        }
    }

    /// The first header of this name, in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }
}

/// Reads every block of a file; fails saying what was expected.
pub(super) fn read(text: &[u8]) -> Result<Vec<Block>, String> {
    let text = std::str::from_utf8(text).map_err(|_| "expected text in PEM")?;
    let mut lines = text.lines().map(str::trim_end);
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        let Some(label) = marked(line, "BEGIN") else { continue };
        let kind = kind(label)?;
        let mut headers = Vec::new();
        let mut encoded = Zeroizing::new(String::with_capacity(text.len()));
        let mut is_closed = false;
        for line in lines.by_ref() {
            if let Some(end) = marked(line, "END") {
                is_closed = end == label;
                break;
            }
            match line.split_once(':') {
                Some((name, value)) if encoded.is_empty() => {
                    headers.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                _ => encoded.push_str(line.trim()),
            }
        }
        if !is_closed {
            return Err(format!("expected a line -----END {label}-----"));
        }
        let Some(kind) = kind else { continue };
        let body = from_base64(&encoded)
            .filter(|body| !body.is_empty())
            .ok_or("expected base64 between its lines")?;
        blocks.push(Block {
            kind,
            headers,
            body: Zeroizing::new(body),
        });
    }
    if blocks.is_empty() {
        Err("expected a key in PEM, or in the JSON of go-tuf or securesystemslib".into())
    } else {
        Ok(blocks)
    }
}

/// Writes a block in lines of 64.
pub(super) fn write(label: &str, der: &[u8]) -> String {
    write_headed(label, &[], der)
}

/// Writes a block with headers before the key, as Notary does.
pub(super) fn write_headed(label: &str, headers: &[(&str, &str)], der: &[u8]) -> String {
    let encoded = base64(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    if !headers.is_empty() {
        text.push('\n');
    }
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

fn marked<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.strip_prefix("-----")?
        .strip_prefix(mark)?
        .strip_prefix(' ')?
        .strip_suffix("-----")
}

/// `None` for what OpenSSL puts before a key, which says again what the key says.
fn kind(label: &str) -> Result<Option<Kind>, String> {
    Ok(Some(match label {
        "ENCRYPTED PRIVATE KEY" => Kind::Encrypted,
        "PRIVATE KEY" => Kind::Private,
        "EC PRIVATE KEY" => Kind::Sec1,
        "RSA PRIVATE KEY" => Kind::Pkcs1,
        "ENCRYPTED COSIGN PRIVATE KEY" | "ENCRYPTED SIGSTORE PRIVATE KEY" => Kind::Sigstore,
        "PUBLIC KEY" => Kind::Public,
        "CERTIFICATE" => Kind::Certificate,
        "EC PARAMETERS" => return Ok(None),
        label if label.ends_with("PRIVATE KEY") => {
            let label: String = label.chars().take(40).collect();
            return Err(format!(
                "expected an Ed25519, ECDSA or RSA key in a known form, found {label}"
            ));
        }
        _ => return Err("expected a private key, a public key or a certificate in PEM".into()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_with_their_headers() {
        let written = write("PRIVATE KEY", &[7; 100]);
        let with_headers = written
            .replace("KEY-----\n", "KEY-----\nrole: root\ngun: a/b:5\n\n")
            .replace('\n', "\r\n");
        let text = format!("some words\n{with_headers}\n{}", write("PUBLIC KEY", b"public"));
        let blocks = read(text.as_bytes()).unwrap();
        assert_eq!((blocks[0].kind, blocks[1].kind), (Kind::Private, Kind::Public));
        assert_eq!(
            blocks[0].headers,
            [("role".into(), "root".into()), ("gun".into(), "a/b:5".into())]
        );
        assert_eq!(
            (&blocks[0].body[..], &blocks[1].body[..]),
            (&[7; 100][..], &b"public"[..])
        );
    }

    #[test]
    fn what_is_no_key_says_what_was_expected() {
        let cases: [(&[u8], &str); 9] = [
            (b"", "expected a key in PEM"),
            (b"\xff\xfe", "expected text in PEM"),
            (
                b"-----BEGIN PRIVATE KEY-----\nAAAA\n",
                "expected a line -----END PRIVATE KEY-----",
            ),
            (
                b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PUBLIC KEY-----",
                "expected a line -----END PRIVATE KEY-----",
            ),
            (
                b"-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----",
                "expected base64",
            ),
            (
                b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
                "expected base64",
            ),
            (
                b"-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----",
                "expected an Ed25519, ECDSA or RSA key in a known form, found DSA PRIVATE KEY",
            ),
            (
                b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----",
                "expected a key in PEM",
            ),
            (b"-----BEGIN PGP MESSAGE-----\n", "expected a private key"),
        ];
        for (text, expected) in cases {
            let why = read(text).err().unwrap();
            assert!(why.starts_with(expected), "{why}");
        }
    }
}
