//! A server for the tests that need one.

// Each test uses what it needs.
#![allow(dead_code)]

use std::time::Duration;

use abide_server::{Data, Options, Server};
use tokio::sync::oneshot;

/// A server in a task of its own; it ends when the sender is dropped.
pub(crate) async fn server() -> (String, oneshot::Sender<()>) {
    server_with(options()).await
}

/// A server that forgets everything, on a free port.
pub(crate) fn options() -> Options {
    Options {
        port: 0,
        metrics_port: None,
        retry_interval: Duration::from_millis(100),
        ..Options::new(Data::Memory)
    }
}

/// A server with these options.
pub(crate) async fn server_with(options: Options) -> (String, oneshot::Sender<()>) {
    let server = Server::bind(options).await.unwrap();
    let url = server.url().to_owned();
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(server.serve(async {
        let _ = stopped.await;
    }));
    (url, stop)
}
