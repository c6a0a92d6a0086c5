//! A desk in a folder of its own, with a fixed clock and a person who knows the practice passphrase.

use std::{path::Path, sync::Arc};

use rootward_core::{
    Rootward,
    adapters::{DeskConfig, desk_ports},
    border::{Query, View},
    keyring::attestation,
    ports::{Failure, Instant, Ports, Prompt, PromptRequest, Secret, TouchRequest, Touching},
};

/// The clock of every desk in the tests.
pub const NOW: &str = "2026-11-22T10:58:00Z";

/// Answers every question with the practice passphrase.
pub struct Practised;

impl Prompt for Practised {
    fn ask(&self, _request: &PromptRequest) -> Result<Secret, Failure> {
        Ok(Secret::new(b"practice".to_vec().into()))
    }

    fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}

/// What a desk in `data` is plugged into at the moment `at`.
pub fn ports(data: &Path, at: &str) -> Ports {
    let config = DeskConfig {
        key_folders: Vec::new(),
        data: data.to_owned(),
        prompt: Arc::new(Practised),
        at: Some(Instant::parse(at).expect("a test's clock is a moment")),
        holder: "a test".to_owned(),
    };
    desk_ports(config).expect("a desk opens in an empty folder")
}

/// Runs what is async to its end.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("the system gives threads").block_on(work)
}

/// Lets the desk in `data` take a root of somebody's own for one that vouches for devices.
pub fn trusting(data: &Path, root: &[u8]) {
    let ports = ports(data, NOW);
    attestation::add_root(&*ports.vault, root, ports.clock.now()).expect("the desk takes the root");
}

/// A desk with the practice estate on it.
pub fn practised(data: &Path) -> Rootward {
    let desk = Rootward::open(ports(data, NOW)).expect("a new desk opens");
    run(desk.ensure_practice()).expect("the practice estate can be made");
    desk
}

/// Asks and must be answered.
pub fn ask(desk: &Rootward, query: Query) -> View {
    run(desk.query(query)).expect("the desk answers")
}
