//! Accepting connections and serving them until the end.

use std::{sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};

use crate::{
    metrics::{Gauge, Held},
    routes::Routes,
};

/// How long a connection may stay open without a request, or with half of a request's head.
/// Longer than clients keep theirs, so that they are the ones to close.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// The most that is buffered of what a connection sends ahead; also the longest head of a request.
const MAX_BUFFER: usize = 64 << 10;

/// The pause when the system has no file left for a connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

/// A listener and what answers there.
pub(crate) struct Connections {
    pub(crate) listener: TcpListener,
    pub(crate) routes: Arc<Routes>,
    /// How many connections there may be at a time; further ones wait in the listener's queue.
    pub(crate) limit: usize,
    pub(crate) open: Arc<Gauge>,
}

impl Connections {
    /// Accepts until `closing`; then gives the requests in progress `grace` to end.
    pub(crate) async fn run(self, mut closing: watch::Receiver<bool>, grace: Duration) {
        let Connections { listener, routes, limit, open } = self;
        let graceful = GracefulShutdown::new();
        let limit = Arc::new(Semaphore::new(limit));
        loop {
            let accepted = async {
                let permit = limit.clone().acquire_owned().await.expect("it is never closed");
                (permit, listener.accept().await)
            };
            let (permit, accepted) = tokio::select! {
                biased;
                _ = closing.wait_for(|closing| *closing) => break,
                accepted = accepted => accepted,
            };
            match accepted {
                Ok((stream, _)) => serve(stream, &routes, &graceful, (permit, open.hold())),
                Err(error) => {
                    // Only this connection is lost, or the system has no file left for it, which
                    // passes when others close.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(EXHAUSTED_PAUSE).await;
                }
            }
        }
        drop(listener);
        if timeout(grace, graceful.shutdown()).await.is_err() {
            tracing::warn!("requests still in progress after {grace:?} were cut off");
        }
    }
}

/// Serves one connection on a task of its own; `held` is let go of when it ends.
fn serve(
    stream: TcpStream,
    routes: &Arc<Routes>,
    graceful: &GracefulShutdown,
    held: (tokio::sync::OwnedSemaphorePermit, Held),
) {
    // An answer is one write; holding it back to fill a packet would only delay it.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection broke at once");
        return;
    }
    let routes = routes.clone();
    let service = service_fn(move |request| routes.clone().answer(request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection broke");
        }
        drop(held);
    });
}
