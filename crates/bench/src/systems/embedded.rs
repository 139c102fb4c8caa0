//! The SDK with an engine in its own process.

use std::path::PathBuf;

use abide::Abide;
use abide_bench::driver::Ready;

use super::sdk::{Sdk, fault, worker};
use crate::Fault;

pub(crate) async fn start(path: PathBuf) -> Result<Sdk, Fault> {
    let abide = worker(Abide::open(&path).await.map_err(fault)?);
    let durability = "fdatasync before each answer; waiting commits share one";
    let ready = Ready::new("abide embedded", env!("CARGO_PKG_VERSION"), durability)
        .with("worker", std::process::id());
    Ok(Sdk::new(abide, ready, path, None))
}
