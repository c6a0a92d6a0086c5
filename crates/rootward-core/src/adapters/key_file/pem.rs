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
    /// SubjectPublicKeyInfo.
    Public,
    Certificate,
}

/// One block; wiped when dropped.
pub(super) struct Block {
    pub(super) kind: Kind,
    pub(super) headers: Vec<(String, String)>,
    pub(super) der: Zeroizing<Vec<u8>>,
}

impl Block {
    pub(super) fn is_private(&self) -> bool {
        match self.kind {
            Kind::Encrypted | Kind::Private | Kind::Sec1 | Kind::Pkcs1 => true,
            Kind::Public | Kind::Certificate => false,
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
        let der = from_base64(&encoded)
            .filter(|der| !der.is_empty())
            .ok_or("expected base64 between its lines")?;
        blocks.push(Block {
            kind,
            headers,
            der: Zeroizing::new(der),
        });
    }
    if blocks.is_empty() {
        Err("expected a key in PEM".into())
    } else {
        Ok(blocks)
    }
}

/// Writes a block in lines of 64.
pub(super) fn write(label: &str, der: &[u8]) -> String {
    let encoded = base64(der);
    let mut text = format!("-----BEGIN {label}-----\n");
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
            (&blocks[0].der[..], &blocks[1].der[..]),
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
