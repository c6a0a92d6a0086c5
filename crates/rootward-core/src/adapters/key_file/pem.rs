//! PEM blocks, with the headers Notary puts before the key (`role`, `gun`, `path`).

use rootward_tuf::encoding::{base64, from_base64};
use zeroize::Zeroizing;

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// PKCS#8 with a passphrase.
    Encrypted,
    /// PKCS#8 without one.
    Private,
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
        if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("DEK-Info")) {
            return Err(old_form(label));
        }
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

fn kind(label: &str) -> Result<Kind, String> {
    match label {
        "ENCRYPTED PRIVATE KEY" => Ok(Kind::Encrypted),
        "PRIVATE KEY" => Ok(Kind::Private),
        "PUBLIC KEY" => Ok(Kind::Public),
        "CERTIFICATE" => Ok(Kind::Certificate),
        label if label.ends_with("PRIVATE KEY") || label.ends_with("PARAMETERS") => Err(old_form(label)),
        _ => Err("expected a private key, a public key or a certificate in PEM".into()),
    }
}

fn old_form(label: &str) -> String {
    let label: String = label.chars().take(40).collect();
    format!("{label} is an older form; `openssl pkcs8 -topk8 -scrypt -in OLD -out NEW` makes a readable one")
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
        let cases: [(&[u8], &str); 8] = [
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
                b"-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----",
                "EC PRIVATE KEY is an older form",
            ),
            (b"-----BEGIN PGP MESSAGE-----\n", "expected a private key"),
        ];
        for (text, expected) in cases {
            let why = read(text).err().unwrap();
            assert!(why.starts_with(expected), "{why}");
        }
    }
}
