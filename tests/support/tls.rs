//! A throw-away certificate authority and one server certificate for loopback, made by openssl.

use crate::rigs::must;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const NEW_KEY: [&str; 6] = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-sha256",
];

/// Files in PEM, valid for a day from now.
pub struct Tls {
    pub ca: PathBuf,
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Tls {
    /// Makes the files in `folder`. The certificate serves and authenticates clients, for 127.0.0.1 and localhost.
    pub fn make(folder: &Path) -> Self {
        let file = |name: &str| folder.join(name);
        let (ca, ca_key, key, request) = (file("ca.crt"), file("ca.key"), file("server.key"), file("server.csr"));
        let (certificate, extensions) = (file("server.crt"), file("server.ext"));
        must(
            openssl("req")
                .args(["-x509", "-days", "1", "-subj", "/CN=throw-away authority"])
                .args([
                    "-addext",
                    "basicConstraints=critical,CA:TRUE",
                    "-addext",
                    "keyUsage=critical,keyCertSign",
                ])
                .args(NEW_KEY)
                .arg("-keyout")
                .arg(&ca_key)
                .arg("-out")
                .arg(&ca),
        );
        must(
            openssl("req")
                .args(["-subj", "/CN=localhost"])
                .args(NEW_KEY)
                .arg("-keyout")
                .arg(&key)
                .arg("-out")
                .arg(&request),
        );
        let says = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n\
                    subjectAltName=DNS:localhost,IP:127.0.0.1\n";
        fs::write(&extensions, says).expect("a temporary folder can be written to");
        must(
            openssl("x509")
                .args(["-req", "-days", "1", "-sha256", "-CAcreateserial"])
                .arg("-in")
                .arg(&request)
                .arg("-CA")
                .arg(&ca)
                .arg("-CAkey")
                .arg(&ca_key)
                .arg("-extfile")
                .arg(&extensions)
                .arg("-out")
                .arg(&certificate),
        );
        Self { ca, certificate, key }
    }
}

/// Makes a P-256 key in the clear and a certificate that it signs itself, with `name` as common name.
pub fn self_signed(name: &str, certificate: &Path, key: &Path) {
    let subject = format!("/CN={name}");
    let mut command = openssl("req");
    command
        .args(["-x509", "-days", "30", "-subj", &subject])
        .args(NEW_KEY)
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate);
    must(&mut command);
}

fn openssl(what: &str) -> Command {
    let mut command = Command::new("openssl");
    command.arg(what);
    command
}
