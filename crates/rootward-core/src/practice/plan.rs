//! What the practice estate holds: one repository for each thing an officer should have seen before it happens.

use crate::ports::NewKey::{self, EcdsaP256, Ed25519};

/// A TUF repository to be made.
pub(super) struct Repository {
    pub name: &'static str,
    /// Holders of root keys in the first root and in the newest one.
    pub root: &'static [&'static [&'static str]],
    pub root_threshold: u64,
    pub root_days: i64,
    pub targets: &'static [&'static str],
    pub targets_threshold: u64,
    pub targets_days: i64,
    pub online: &'static str,
    pub snapshot_days: i64,
    pub timestamp_days: i64,
    pub files: &'static [&'static str],
    pub delegations: &'static [Delegation],
    /// A delegation whose keys and threshold change at last, without its document being signed again.
    pub unsigned_change: Option<UnsignedChange>,
}

/// A delegation to be made.
pub(super) struct Delegation {
    pub parent: &'static str,
    pub role: &'static str,
    pub keys: &'static [&'static str],
    pub threshold: u64,
    pub patterns: &'static [&'static str],
    pub terminating: bool,
    pub days: i64,
    pub files: &'static [&'static str],
}

/// What happens when a delegation is changed and nobody tells the delegate.
pub(super) struct UnsignedChange {
    pub role: &'static str,
    pub keys: &'static [&'static str],
    pub threshold: u64,
}

/// Everybody who holds a key, by the name of the key file.
pub(super) const HOLDERS: &[(&str, NewKey)] = &[
    ("officer-1", Ed25519),
    ("officer-2", Ed25519),
    ("officer-3", EcdsaP256),
    ("officer-4", EcdsaP256),
    ("officer-5", EcdsaP256),
    ("build-07", Ed25519),
    ("build-12", EcdsaP256),
    ("build-19", Ed25519),
    ("build-23", EcdsaP256),
];

/// Keys that are in no role yet, to rotate in.
pub(super) const SPARE: &[(&str, NewKey)] = &[("spare-1", Ed25519), ("spare-2", EcdsaP256)];

pub(super) const REPOSITORIES: &[Repository] = &[
    Repository {
        name: "platform",
        root: &[
            &["officer-1", "officer-2", "officer-5"],
            &["officer-1", "officer-2", "officer-3"],
        ],
        root_threshold: 2,
        root_days: 320,
        targets: &["officer-1", "officer-2", "officer-3"],
        targets_threshold: 2,
        targets_days: 210,
        online: "build-07",
        snapshot_days: 180,
        timestamp_days: 60,
        files: &["catalog.json", "policy.json"],
        delegations: &[
            Delegation {
                parent: "targets",
                role: "services",
                keys: &["officer-4", "officer-5"],
                threshold: 1,
                patterns: &["services/*", "services/*/*", "services/*/*/*"],
                terminating: false,
                days: 150,
                files: &["services/index.json"],
            },
            Delegation {
                parent: "services",
                role: "payments",
                keys: &["build-12", "build-19"],
                threshold: 2,
                patterns: &["services/payments/*", "services/payments/*/*"],
                terminating: false,
                days: 120,
                files: &["services/payments/ledger.tar", "services/payments/gateway.tar"],
            },
            Delegation {
                parent: "payments",
                role: "payments-eu",
                keys: &["build-23"],
                threshold: 1,
                patterns: &["services/payments/eu/*"],
                terminating: true,
                days: 90,
                files: &["services/payments/eu/clearing.tar"],
            },
            Delegation {
                parent: "services",
                role: "search",
                keys: &["build-12"],
                threshold: 1,
                patterns: &["services/search/*"],
                terminating: false,
                days: 100,
                files: &["services/search/index.tar"],
            },
            Delegation {
                parent: "targets",
                role: "web",
                keys: &["build-19", "build-23"],
                threshold: 1,
                patterns: &["web/*"],
                terminating: true,
                days: 110,
                files: &["web/site.tar"],
            },
        ],
        unsigned_change: None,
    },
    Repository {
        name: "firmware",
        root: &[&["officer-1", "officer-2", "officer-3"]],
        root_threshold: 2,
        root_days: 300,
        targets: &["officer-4"],
        targets_threshold: 1,
        targets_days: 190,
        online: "build-07",
        snapshot_days: 170,
        timestamp_days: 60,
        files: &["manifest.json"],
        delegations: &[
            Delegation {
                parent: "targets",
                role: "devices",
                keys: &["build-19"],
                threshold: 1,
                patterns: &["devices/*"],
                terminating: false,
                days: 130,
                files: &["devices/boot.bin", "devices/radio.bin"],
            },
            Delegation {
                parent: "targets",
                role: "tools",
                keys: &["build-12"],
                threshold: 1,
                patterns: &["tools/*"],
                terminating: false,
                days: 140,
                files: &["tools/flash.tar"],
            },
        ],
        unsigned_change: Some(UnsignedChange {
            role: "devices",
            keys: &["build-12", "build-23"],
            threshold: 2,
        }),
    },
    Repository {
        name: "edge-agents",
        root: &[&["officer-2", "officer-3", "officer-4"]],
        root_threshold: 2,
        root_days: 12,
        targets: &["officer-2"],
        targets_threshold: 1,
        targets_days: 95,
        online: "build-19",
        snapshot_days: 80,
        timestamp_days: 60,
        files: &["agent-1.4.2.tar"],
        delegations: &[Delegation {
            parent: "targets",
            role: "nightly",
            keys: &["build-23"],
            threshold: 1,
            patterns: &["nightly/*"],
            terminating: false,
            days: 45,
            files: &["nightly/agent.tar"],
        }],
        unsigned_change: None,
    },
    Repository {
        name: "archive",
        root: &[&["officer-1", "officer-5"]],
        root_threshold: 1,
        root_days: 200,
        targets: &["officer-5"],
        targets_threshold: 1,
        targets_days: 60,
        online: "build-23",
        snapshot_days: 40,
        timestamp_days: -4,
        files: &["2024.tar", "2025.tar"],
        delegations: &[],
        unsigned_change: None,
    },
];

/// The repository in Notary's dialect.
pub(super) mod notary {
    pub const NAME: &str = "gateway-images";
    pub const GUN: &str = "registry.practice/edge/gateway";
    pub const ROOT: &str = "officer-3";
    pub const TARGETS: &str = "officer-4";
    pub const ONLINE: &str = "build-12";
    pub const DELEGATE: &str = "build-23";
    pub const TAGS: &[&str] = &["1.8.0", "1.8.1"];
}
