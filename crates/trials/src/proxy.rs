//! A bad network between clients and a server: an HTTP proxy that resets, delays, cuts and repeats.
//!
//! It stands where the published clients expect the server, so that what they meet is what a
//! network does to them, and the server stays as it is shipped.

mod connection;
mod events;
mod faults;
mod request;
mod tally;

use std::{io, net::SocketAddr, sync::Arc};

use http::uri::Authority;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::net::TcpListener;

pub use faults::{Delay, Faults};
pub use tally::{Count, Tally};

/// The most connections at a time; further ones wait to be accepted.
const CONNECTIONS: usize = 4_096;

/// Largest body that is passed on, as the server's own limit is 4 MiB.
const BODY_BYTES: usize = 16 << 20;

/// A proxy that listens.
pub struct Proxy {
    listener: TcpListener,
    relay: Arc<Relay>,
}

/// What all connections share.
struct Relay {
    server: Authority,
    client: Client<HttpConnector, http_body_util::Full<bytes::Bytes>>,
    faults: Faults,
    tally: Tally,
    chance: std::sync::Mutex<fastrand::Rng>,
}

impl Relay {
    /// Whether something with this probability happens.
    fn happens(&self, probability: f64) -> bool {
        probability > 0.0 && self.chance().f64() < probability
    }

    fn chance(&self) -> std::sync::MutexGuard<'_, fastrand::Rng> {
        self.chance.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Proxy {
    /// Listens, and will pass on to `server`.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn bind(
        address: SocketAddr,
        server: Authority,
        faults: Faults,
        seed: u64,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let chance = std::sync::Mutex::new(fastrand::Rng::with_seed(seed));
        let relay = Relay { server, client, faults, tally: Tally::default(), chance };
        Ok(Proxy { listener, relay: Arc::new(relay) })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What it has done so far.
    pub fn tally(&self) -> impl Fn() -> String + use<> {
        let relay = self.relay.clone();
        move || relay.tally.to_string()
    }

    /// Passes on until it is dropped.
    pub async fn run(self) {
        let open = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS));
        loop {
            let Ok(permit) = open.clone().acquire_owned().await else { return };
            // A connection that ends before it is accepted is none.
            let Ok((stream, _)) = self.listener.accept().await else { continue };
            let relay = self.relay.clone();
            tokio::spawn(async move {
                connection::serve(stream, relay).await;
                drop(permit);
            });
        }
    }
}
