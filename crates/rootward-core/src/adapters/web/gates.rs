//! What all requests of this process share: the gates that keep them few, and the clients with their connections.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use reqwest::{Client, Url};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::ports::LimitsView;

/// The process' way into the network.
#[derive(Default)]
pub struct Network {
    gates: Mutex<HashMap<Gate, Arc<Semaphore>>>,
    clients: Mutex<HashMap<ClientKey, Client>>,
}

/// The limit is part of the name: changing it opens a new gate, and the old one empties.
#[derive(PartialEq, Eq, Hash)]
enum Gate {
    All(u32),
    Host(String, u32),
}

/// Whose certificates a client believes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Trust {
    System,
    /// One CA file, named by its digest.
    Own([u8; 32]),
    /// For plain HTTP, which needs none.
    Nobody,
}

/// Requests with one key can share a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ClientKey {
    pub(super) trust: Trust,
    pub(super) is_direct: bool,
    pub(super) connect_seconds: u32,
    pub(super) idle_seconds: u32,
}

/// The right to run one request.
pub(super) struct Permits {
    _host: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

impl Network {
    /// Waits until a request to this host may run.
    ///
    /// The host's gate comes first, so that a slow host's queue does not stand in the way of the others. A host that is
    /// only reached by a redirect is not counted.
    pub(super) async fn enter(&self, url: &Url, limits: &LimitsView) -> Permits {
        let host = format!(
            "{}:{}",
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or(0)
        );
        let per_host = limits.requests_per_host.max(1);
        let in_all = limits.requests.max(1);
        let host = self.gate(Gate::Host(host, per_host), per_host).acquire_owned().await;
        let all = self.gate(Gate::All(in_all), in_all).acquire_owned().await;
        // Gates are never closed, so both are there.
        Permits {
            _host: host.ok(),
            _all: all.ok(),
        }
    }

    fn gate(&self, gate: Gate, width: u32) -> Arc<Semaphore> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Semaphore::new(width as usize));
        gates.entry(gate).or_insert_with(new).clone()
    }

    pub(super) fn client(
        &self,
        key: ClientKey,
        build: impl FnOnce() -> reqwest::Result<Client>,
    ) -> reqwest::Result<Client> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let client = build()?;
        clients.insert(key, client.clone());
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, pin::pin, task};

    use super::*;

    fn is_ready(future: impl Future) -> bool {
        let mut context = task::Context::from_waker(task::Waker::noop());
        pin!(future).poll(&mut context).is_ready()
    }

    #[tokio::test]
    async fn a_full_host_waits_and_the_others_do_not() {
        let network = Network::default();
        let limits = LimitsView {
            requests: 3,
            requests_per_host: 2,
            ..LimitsView::default()
        };
        let url = |host: &str| Url::parse(&format!("https://{host}/")).unwrap();
        let first = network.enter(&url("a"), &limits).await;
        let _second = network.enter(&url("a"), &limits).await;
        assert!(!is_ready(network.enter(&url("a"), &limits)), "a has two already");
        let _third = network.enter(&url("b"), &limits).await;
        assert!(!is_ready(network.enter(&url("c"), &limits)), "three run in all");
        drop(first);
        assert!(is_ready(network.enter(&url("a"), &limits)));
    }
}
