//! A server for the tests that need one.

use std::time::Duration;

use abide_server::{Data, Options, Server};
use tokio::sync::oneshot;

/// A server in a task of its own; it ends when the sender is dropped.
pub(crate) async fn server() -> (String, oneshot::Sender<()>) {
    let options = Options {
        port: 0,
        metrics_port: None,
        retry_interval: Duration::from_millis(100),
        ..Options::new(Data::Memory)
    };
    let server = Server::bind(options).await.unwrap();
    let url = server.url().to_owned();
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(server.serve(async {
        let _ = stopped.await;
    }));
    (url, stop)
}
