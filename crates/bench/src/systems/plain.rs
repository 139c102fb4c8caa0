//! The plain protocol over HTTP, with the requests that any SDK makes: one message for each
//! request, and none of Abide's extensions.

mod children;
mod connection;
mod envelopes;
mod growth;
mod lane;
mod mailbox;
mod pending;
mod start;
mod stored;
mod stream;

use std::{
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use abide_bench::driver::{Answer, Job, Order, Ready, Subject, Unsupported};
use tokio::sync::OnceCell;

use self::{connection::Connection, lane::PlainLane, mailbox::Mailbox};
use crate::{
    Fault,
    server::{Options, Server},
};

/// A server of the plain protocol.
pub(crate) struct Plain {
    address: SocketAddr,
    /// Ids of one run differ from those of another: a server at a URL keeps them.
    run: String,
    /// `None` when the server is somebody else's.
    server: Option<Server>,
    durability: String,
    /// The worker's stream, as soon as a job has tasks.
    mailbox: OnceCell<Arc<Mailbox>>,
}

pub(crate) async fn start(
    path: PathBuf,
    options: Options,
    url: Option<String>,
) -> Result<Plain, Fault> {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    let run = format!("{nanos:x}");
    let mailbox = OnceCell::new();
    if let Some(url) = url {
        let address = resolve(&url)?;
        Connection::open(address).await.map_err(|error| format!("{url}: {error}"))?;
        let durability = "as that server was started".to_owned();
        return Ok(Plain { address, run, server: None, durability, mailbox });
    }
    let server = Server::start(&options, &path).await?;
    let durability = options.durability();
    Ok(Plain { address: server.address, run, server: Some(server), durability, mailbox })
}

/// The address of `http://host:port`.
fn resolve(url: &str) -> Result<SocketAddr, Fault> {
    let place = url.strip_prefix("http://").unwrap_or(url).trim_end_matches('/');
    let mut found = place.to_socket_addrs().map_err(|error| {
        format!("{url} is no http://HOST:PORT of a server of the protocol: {error}")
    })?;
    found.next().ok_or_else(|| format!("{url} has no address").into())
}

impl Plain {
    async fn mailbox(&self) -> Result<Arc<Mailbox>, Fault> {
        let open = || Mailbox::open(self.address, format!("bench-{}", self.run));
        Ok(self.mailbox.get_or_try_init(open).await?.clone())
    }
}

impl Subject for Plain {
    type Lane = PlainLane;

    fn ready(&self) -> Ready {
        let name = if self.server.is_some() { "abide plain" } else { "plain at a URL" };
        let version = if self.server.is_some() { env!("CARGO_PKG_VERSION") } else { "unknown" };
        let ready = Ready::new(name, version, &*self.durability);
        match &self.server {
            Some(server) => ready.with("server", server.pid()),
            None => ready,
        }
    }

    async fn lane(&self, job: &Job, _: usize) -> Result<PlainLane, Fault> {
        if let Job::Replay { .. } | Job::Sleepers { .. } = job {
            return Err(Unsupported::because("only an SDK has executions in memory"));
        }
        let connection = Connection::open(self.address).await?;
        Ok(PlainLane::new(*job, connection, self.mailbox().await?, &self.run))
    }

    async fn measure(&mut self, order: &Order, prefix: &str) -> Result<Option<Answer>, Fault> {
        if let (Job::Stored { count }, Some(_)) = (order.job, &self.server) {
            return stored::measure(self, order, prefix, count).await.map(Some);
        }
        let prefix = format!("{}{prefix}", self.run);
        let answer = match (order.job, &mut self.server) {
            (Job::Start, Some(server)) => start::measure(server).await?,
            (Job::Pending { count }, Some(server)) => {
                pending::measure(server, order, &prefix, count).await?
            }
            (Job::Growth { count }, Some(server)) => {
                growth::measure(server, order, &prefix, count).await?
            }
            (Job::Start | Job::Pending { .. } | Job::Growth { .. } | Job::Stored { .. }, None) => {
                return Err(Unsupported::because("that server is not ours to fill or restart"));
            }
            _ => return Ok(None),
        };
        // It may be another process by now.
        if let Some(server) = &self.server {
            (self.address, self.mailbox) = (server.address, OnceCell::new());
        }
        Ok(Some(answer))
    }

    async fn stop(self) -> Result<(), Fault> {
        if let Some(mut server) = self.server {
            server.end().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn a_url_names_an_address() {
        assert_eq!(resolve("http://127.0.0.1:8001/").unwrap().port(), 8001);
        assert!(resolve("http://127.0.0.1").is_err());
    }
}
