//! The server.

use std::time::Duration;

use abide_server::{Data, Options, Server};

/// What a server is started with here: offered tasks are offered again soon.
pub(crate) fn options(data: Data) -> Options {
    let retry_interval = Duration::from_millis(100);
    Options { port: 0, metrics_port: None, retry_interval, ..Options::new(data) }
}

/// A server in memory that lives as long as the test; its URL.
pub(crate) async fn start() -> String {
    let server = Server::bind(options(Data::Memory)).await.unwrap();
    let url = server.url().to_owned();
    tokio::spawn(server.serve(std::future::pending()));
    url
}
