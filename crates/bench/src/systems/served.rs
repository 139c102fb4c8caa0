//! The SDK as client and worker of a server, over Abide's own way of speaking to it.

use std::path::PathBuf;

use abide::Abide;
use abide_bench::driver::Ready;

use super::sdk::{Sdk, fault, worker};
use crate::{
    Fault,
    server::{Options, Server},
};

pub(crate) async fn start(path: PathBuf, options: Options) -> Result<Sdk, Fault> {
    let server = Server::start(&options, &path).await?;
    let abide = worker(Abide::connect(&server.url()).await.map_err(fault)?);
    let ready = Ready::new("abide server", env!("CARGO_PKG_VERSION"), options.durability())
        .with("server", server.pid())
        .with("worker", std::process::id());
    Ok(Sdk::new(abide, ready, path, Some(server)))
}
