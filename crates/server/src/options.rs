use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use abide_protocol::Extensions;

/// The port of the API unless said otherwise.
pub const DEFAULT_PORT: u16 = 8001;

/// The port of the metrics unless said otherwise.
pub const DEFAULT_METRICS_PORT: u16 = 9090;

/// How often a pending task is offered again unless said otherwise.
pub const DEFAULT_RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// What a server is started with.
///
/// ```
/// use abide_server::{Data, Options};
/// let options = Options { port: 0, debug: true, ..Options::new(Data::Memory) };
/// assert!(options.bind.is_loopback());
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the records are kept.
    pub data: Data,
    /// The address of the network interface to listen on.
    pub bind: IpAddr,
    /// The port of the API; 0 takes any free one.
    pub port: u16,
    /// The port of the metrics; 0 takes any free one, `None` serves none.
    pub metrics_port: Option<u16>,
    /// Whether the `debug.*` requests are served.
    pub debug: bool,
    /// Whether only the protocol as published is served, with none of Abide's extensions.
    pub plain: bool,
    /// How often a pending task is offered again to a worker that does not acquire it.
    pub retry_interval: Duration,
    /// The token that every request must carry; `None` admits everybody.
    pub token: Option<String>,
    /// The URL under which workers reach this server, told to them with each task; by default
    /// the address it listens on.
    pub server_url: Option<String>,
    /// Which web pages may use this server.
    pub origins: Origins,
    /// How large and how many things may be.
    pub limits: Limits,
    /// How long a shutdown waits for requests in progress.
    pub grace: Duration,
    /// Added to each sync of the disk, to measure what a slower disk would do. For benchmarks.
    pub sync_delay: Duration,
}

impl Options {
    /// A server on `127.0.0.1:8001` with all defaults.
    pub fn new(data: Data) -> Self {
        Options {
            data,
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: DEFAULT_PORT,
            metrics_port: Some(DEFAULT_METRICS_PORT),
            debug: false,
            plain: false,
            retry_interval: DEFAULT_RETRY_INTERVAL,
            token: None,
            server_url: None,
            origins: Origins::Local,
            limits: Limits::default(),
            grace: Duration::from_secs(10),
            sync_delay: Duration::ZERO,
        }
    }

    /// What is served beyond the protocol.
    pub(crate) fn extensions(&self) -> Extensions {
        if self.plain { Extensions::none() } else { Extensions::all() }
    }

    pub(crate) fn api_address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.port)
    }

    pub(crate) fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_port.map(|port| SocketAddr::new(self.bind, port))
    }
}

/// Where the records are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// In memory: gone when the server ends.
    Memory,
    /// In this directory, which is created if it is missing; durable.
    Directory(PathBuf),
}

/// Which web pages may use the server. A browser names the page's origin with each request that a
/// script makes, so a page that is not allowed is refused; other clients name none and pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Pages served from this machine: `localhost`, `127.0.0.1` and `[::1]`, any port.
    Local,
    /// Pages from anywhere.
    Any,
    /// Pages from these origins, such as `https://console.example.com`.
    Only(Vec<String>),
}

/// How large and how many things may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest request body, in bytes. A larger one is refused with 400.
    pub request_bytes: usize,
    /// The largest param or value of a promise, in bytes. A larger one is refused with 400.
    pub payload_bytes: usize,
    /// The most connections at a time; further ones wait to be accepted.
    pub connections: usize,
}

impl Default for Limits {
    /// 4 MiB a request, 1 MiB a payload, 16,384 connections.
    fn default() -> Self {
        Limits { request_bytes: 4 << 20, payload_bytes: 1 << 20, connections: 16_384 }
    }
}
