//! The service's side of the conversation with the server.

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use restate_sdk::{endpoint::Endpoint, hyper::HyperEndpoint};
use tokio::net::TcpListener;

/// Serves as the SDK's `HttpServer` does, but without Nagle's algorithm, which costs an idle
/// workflow up to 40 ms a step: the SDK does not turn it off.
pub(crate) async fn serve(endpoint: Endpoint, listener: TcpListener) {
    let endpoint = HyperEndpoint::new(endpoint);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                eprintln!("a connection of the server was not accepted: {error}");
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("a connection of the server stays slow: {error}");
        }
        let connection = http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), endpoint.clone());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("a connection of the server has ended: {error}");
            }
        });
    }
}
