//! What a process does that a test starts: this very program, with one test selected.

use std::{env, time::Duration};

use abide::{Abide, Result};
use abide_server::{Data, Options, Server};

use crate::{log, server};

/// The variables that tell a child what it is.
pub(crate) const URL: &str = "ABIDE_TEST_URL";
pub(crate) const GROUP: &str = "ABIDE_TEST_GROUP";
pub(crate) const LEASE: &str = "ABIDE_TEST_LEASE";
pub(crate) const DRAIN: &str = "ABIDE_TEST_DRAIN";
pub(crate) const PORT: &str = "ABIDE_TEST_PORT";
pub(crate) const DATA: &str = "ABIDE_TEST_DATA";

/// A worker; nothing at all in the process that runs the tests.
#[tokio::test]
async fn worker() -> Result<()> {
    let Ok(url) = env::var(URL) else { return Ok(()) };
    log::trace();
    let span = |name| Duration::from_millis(env::var(name).unwrap().parse().unwrap());
    let abide = Abide::connect(&url).await?;
    let abide = abide.group(&env::var(GROUP).unwrap()).lease(span(LEASE)).drain(span(DRAIN));
    log::say("serves");
    abide.serve().await
}

/// A server over a directory; nothing at all in the process that runs the tests.
#[tokio::test]
async fn server() {
    let (Ok(port), Ok(data)) = (env::var(PORT), env::var(DATA)) else { return };
    let options =
        Options { port: port.parse().unwrap(), ..server::options(Data::Directory(data.into())) };
    let server = Server::bind(options).await.unwrap();
    log::say("listens");
    server.serve(std::future::pending()).await;
}
