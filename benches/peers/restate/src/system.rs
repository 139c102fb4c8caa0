//! Restate, running: the server, the service's endpoint and the way in.

use std::{fmt::Display, net::Ipv4Addr, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use peer::{Rendezvous, Server};
use restate_sdk::prelude::Endpoint;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    endpoint,
    ingress::Ingress,
    service::{Bench, Callee},
};

/// Restate, running.
pub(crate) struct System {
    server: Server,
    endpoint: JoinHandle<()>,
    ingress: Ingress,
    node: Ingress,
    awakeables: Rendezvous<String>,
}

impl System {
    /// Starts the server in this directory, serves the workflows and registers them.
    pub(crate) async fn start(program: &Path, directory: &Path) -> Result<Self> {
        let [node, ingress, admin] = peer::free()?;
        let address = |port: u16| format!("127.0.0.1:{port}");
        let mut command = Command::new(program);
        command
            .current_dir(directory)
            .args(["--listen-mode", "tcp", "--no-logo", "--log-disable-ansi-codes", "true"])
            .args(["--node-name", "bench", "--log-filter", "warn"])
            .arg("--base-dir")
            .arg(directory.join("restate"))
            .args(["--bind-address", &address(node)])
            .args(["--advertised-address", &format!("http://{}/", address(node))])
            .env("RESTATE_INGRESS__BIND_ADDRESS", address(ingress))
            .env("RESTATE_ADMIN__BIND_ADDRESS", address(admin))
            .env("RESTATE_DISABLE_TELEMETRY", "true");
        let mut server = Server::start(&mut command, &directory.join("restate.log"))?;
        let node = Ingress::new(node);
        let ingress = Ingress::new(ingress);
        let admin = Ingress::new(admin);
        server
            .ready(async || {
                ingress.get("/restate/health").await.is_ok() && admin.get("/health").await.is_ok()
            })
            .await?;

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let uri = format!("http://{}", listener.local_addr()?);
        let awakeables = Rendezvous::default();
        let services =
            Endpoint::builder().bind(Callee).bind(Bench { awakeables: awakeables.clone() }).build();
        let endpoint = tokio::spawn(endpoint::serve(services, listener));
        let deployment = json!({ "uri": uri });
        admin.post("/deployments", Some(deployment)).await.context("register the service")?;
        let system = System { server, endpoint, ingress, node, awakeables };
        // The first invocation of all takes long: the server gets to know the service.
        system.call("steps", Some(1)).await?;
        Ok(system)
    }

    /// The id of the server's process.
    pub(crate) fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// How often the server has synced a log so far, as it counts itself.
    pub(crate) async fn syncs(&self) -> Result<f64> {
        let metrics = self.node.get("/metrics").await?;
        let metrics = String::from_utf8_lossy(&metrics);
        // One line a database.
        let counts =
            metrics.lines().filter(|line| line.starts_with("restate_rocksdb_wal_synced_total"));
        let counts: Vec<f64> =
            counts.filter_map(|line| line.rsplit(' ').next()?.parse().ok()).collect();
        ensure!(!counts.is_empty(), "the server does not count its syncs");
        Ok(counts.iter().sum())
    }

    /// Where workflows tell of their awakeables.
    pub(crate) fn awakeables(&self) -> &Rendezvous<String> {
        &self.awakeables
    }

    /// Calls a handler of the workflows' service.
    pub(crate) async fn call(&self, handler: &str, input: Option<impl Display>) -> Result<u64> {
        let path = format!("/Bench/{handler}");
        let body = self.ingress.post(&path, input).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Resolves an awakeable.
    pub(crate) async fn resolve(&self, awakeable: &str, value: u64) -> Result<()> {
        let path = format!("/restate/awakeables/{awakeable}/resolve");
        self.ingress.post(&path, Some(value)).await?;
        Ok(())
    }
}

impl Drop for System {
    fn drop(&mut self) {
        self.endpoint.abort();
    }
}
