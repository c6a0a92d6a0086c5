//! What the form offers by which a repository is begun: four roles without a key, ends that are usual, keys at hand.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::form::server_role;
use super::plan::kind;
use crate::border::{
    BeginningFormView, DialectView, FormRole, KeyFileView, KeyHolder, ServerRole, SlotView, TokenKeyKind,
};
use crate::ceremony::{usual_days, vouches};
use crate::keyring::KeyAtHand;
use crate::repositories::DAY;

impl BeginningFormView {
    /// The form of a dialect by the clock `now`.
    pub fn of(dialect: Dialect, files: &[KeyAtHand], slots: Vec<SlotView>, now: Instant) -> Self {
        let roles = [
            RoleName::root(),
            RoleName::targets(),
            RoleName::snapshot(),
            RoleName::timestamp(),
        ];
        BeginningFormView {
            dialect: dialect.into(),
            roles: roles.iter().map(|role| first_role(role, dialect, now)).collect(),
            key_files: files.iter().map(KeyFileView::of).collect(),
            slots,
            kinds: vec![TokenKeyKind::P256, TokenKeyKind::P384],
        }
    }
}

impl From<DialectView> for Dialect {
    fn from(dialect: DialectView) -> Self {
        match dialect {
            DialectView::Tuf1 => Dialect::Tuf1,
            DialectView::Notary => Dialect::Notary,
        }
    }
}

fn first_role(role: &RoleName, dialect: Dialect, now: Instant) -> FormRole {
    let days = usual_days(role, dialect);
    let server = server_role(role.as_str(), dialect);
    FormRole {
        role: role.as_str().to_owned(),
        by: "root".to_owned(),
        kind: kind(role.as_str()),
        version: None,
        expires: Some(now.plus_seconds(days * DAY).to_seconds_text()),
        days_left: i32::try_from(days).ok(),
        threshold: 1,
        keys: Vec::new(),
        holder: match server {
            ServerRole::Never => KeyHolder::People,
            ServerRole::Either | ServerRole::Always => KeyHolder::Server,
        },
        server,
        vouches: vouches(role.as_str()),
        targets: None,
        paths: Vec::new(),
        hash_prefixes: Vec::new(),
        terminating: false,
        place: None,
        siblings: 0,
        succinct: false,
    }
}
