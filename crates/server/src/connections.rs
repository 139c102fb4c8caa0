//! Accepting connections and serving them until the end.

use std::{sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};

use crate::{
    connection,
    metrics::{Gauge, Held},
    routes::Routes,
};

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
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let free = Arc::new(Semaphore::new(limit as usize));
        loop {
            let accepted = async {
                let permit = free.clone().acquire_owned().await.expect("it is never closed");
                (permit, listener.accept().await)
            };
            let (permit, accepted) = tokio::select! {
                biased;
                _ = closing.wait_for(|closing| *closing) => break,
                accepted = accepted => accepted,
            };
            match accepted {
                Ok((stream, _)) => serve(stream, &routes, &closing, (permit, open.hold())),
                Err(error) => {
                    // Only this connection is lost, or the system has no file left for it, which
                    // passes when others close.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(EXHAUSTED_PAUSE).await;
                }
            }
        }
        drop(listener);
        // All are free when no connection is left.
        if timeout(grace, free.acquire_many(limit)).await.is_err() {
            tracing::warn!("requests still in progress after {grace:?} were cut off");
        }
    }
}

/// Serves one connection on a task of its own; `held` is let go of when it ends.
fn serve(
    stream: TcpStream,
    routes: &Arc<Routes>,
    closing: &watch::Receiver<bool>,
    held: (tokio::sync::OwnedSemaphorePermit, Held),
) {
    // An answer is one write; holding it back to fill a packet would only delay it.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection broke at once");
        return;
    }
    let served = connection::serve(stream, routes.clone(), closing.clone());
    tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::debug!(error, "a connection broke");
        }
        drop(held);
    });
}
