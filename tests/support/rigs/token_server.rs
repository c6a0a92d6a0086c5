//! The place where a registry's clients sign in: gives tokens (JWT, ES256) that the real Notary server accepts.

use crate::server::{Answer, Asked, Server};
use crate::tls::self_signed;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::DecodePrivateKey as _;
use rootward_tuf::encoding::{base64, from_base64};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const NAME: &str = "rig";

/// A token server that runs until it is dropped.
pub struct TokenServer {
    server: Server,
    certificate: PathBuf,
}

impl TokenServer {
    /// Starts it with one account. Anybody gets tokens to read; only `user` gets others.
    pub fn start(folder: &Path, user: &str, password: &str) -> Self {
        let (certificate, key) = (folder.join("tokens.crt"), folder.join("tokens.key"));
        self_signed("token issuer", &certificate, &key);
        let read = |path: &Path| fs::read_to_string(path).expect("openssl wrote a file");
        let signing = SigningKey::from_pkcs8_pem(&read(&key)).expect("openssl wrote a P-256 key");
        let der: String = read(&certificate)
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let pair = format!("Basic {}", base64(format!("{user}:{password}").as_bytes()));
        debug_assert!(from_base64(&der).is_some(), "PEM is base64");
        let server = Server::start_for_all(move |asked| match asked.authorization.as_deref() {
            Some(shown) if shown != pair => Answer::Status(401),
            shown => Answer::Bytes(token(asked, shown.is_some(), &der, &signing)),
        });
        Self { server, certificate }
    }

    /// What the Notary server must be told.
    pub fn settings(&self) -> Value {
        json!({ "type": "token", "options": {
            "realm": format!("{}token", self.server.url()), "service": NAME, "issuer": NAME, "rootcertbundle": self.certificate,
        } })
    }
}

fn token(asked: &Asked, is_known: bool, certificate: &str, key: &SigningKey) -> Vec<u8> {
    let query = asked.path.split_once('?').map_or("", |(_, query)| query);
    let scopes = query.split('&').filter_map(|pair| pair.strip_prefix("scope="));
    let access: Vec<Value> = scopes
        .map(|scope| access(&crate::server::percent_decoded(scope), is_known))
        .collect();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is after 1970")
        .as_secs();
    let head = json!({ "typ": "JWT", "alg": "ES256", "x5c": [certificate] });
    let body = json!({ "iss": NAME, "aud": NAME, "sub": "", "iat": now, "nbf": now - 5, "exp": now + 300,
                       "jti": format!("{now}"), "access": access });
    let signed = format!(
        "{}.{}",
        text(head.to_string().as_bytes()),
        text(body.to_string().as_bytes())
    );
    let signature: Signature = key.sign(signed.as_bytes());
    let token = format!("{signed}.{}", text(&signature.to_bytes()));
    json!({ "token": token, "expires_in": 300 }).to_string().into_bytes()
}

/// `repository:NAME:push,pull`, less what this client may not do.
fn access(scope: &str, is_known: bool) -> Value {
    let (kind, rest) = scope.split_once(':').unwrap_or((scope, ""));
    let (name, actions) = rest.rsplit_once(':').unwrap_or((rest, ""));
    let actions: Vec<_> = actions
        .split(',')
        .filter(|action| is_known || *action == "pull")
        .collect();
    json!({ "type": kind, "name": name, "actions": actions })
}

fn text(bytes: &[u8]) -> String {
    base64(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}
