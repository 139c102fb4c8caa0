//! Servers that are killed.

use abide::prelude::*;

use crate::{
    child::{DATA, PORT},
    functions::{follow, hold_then_follow},
    log::{FILE, Log},
    process::{Process, Workers},
};

/// Starts the server, and waits until it listens.
async fn serve(port: u16, data: &std::path::Path, log: &Log) -> Process {
    let server = Process::start("child::server", |command| {
        command.env(PORT, port.to_string()).env(DATA, data).env(FILE, &log.0);
    });
    log.first("listens", &[server.pid()]).await;
    server
}

#[tokio::test]
async fn a_worker_outlives_its_server() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let (data, log) = (directory.path().join("data"), Log(directory.path().join("log")));
    let free = std::net::TcpListener::bind("127.0.0.1:0")?;
    let port = free.local_addr()?.port();
    drop(free);
    let server = serve(port, &data, &log).await;
    let url = format!("http://127.0.0.1:{port}");

    // Its heartbeats fail, its stream breaks, and it goes on.
    let workers = Workers::new(&url, "steadfast", 30_000);
    let worker = workers.start().await;
    let gate = workers.gate("gate");
    let client = Abide::connect(&url).await?;
    let held = client.start("held", hold_then_follow(gate.clone()).on("steadfast")).await?;
    workers.log.first("holds", &[worker.pid()]).await;
    server.signal("-KILL");
    drop(server);
    std::fs::write(&gate, "")?;
    // Its step ends while there is no server, and is recorded when there is one again.
    workers.log.first("went on", &[worker.pid()]).await;
    let _server = serve(port, &data, &log).await;
    assert_eq!(held.await?, (worker.pid(), worker.pid()));
    assert_eq!(client.run("after", follow().on("steadfast")).await?, worker.pid());
    Ok(())
}
