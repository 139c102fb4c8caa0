//! Accepting connections and serving them until the end.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};

use crate::{
    connection,
    event_loops::EventLoops,
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
    /// Where they are served.
    pub(crate) loops: Arc<EventLoops>,
}

impl Connections {
    /// Accepts until `closing`; then gives the requests in progress `grace` to end.
    pub(crate) async fn run(self, mut closing: watch::Receiver<bool>, grace: Duration) {
        let Connections { listener, routes, limit, open, loops } = self;
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
                Ok((stream, _)) => match serve(stream, &routes, &closing, (permit, open.hold())) {
                    Ok(connection) => loops.serve(connection),
                    Err(error) => tracing::debug!(%error, "a connection broke at once"),
                },
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

/// Serves one connection, whose events go to whatever thread this is carried out on; `held` is let
/// go of when it ends.
fn serve(
    stream: TcpStream,
    routes: &Arc<Routes>,
    closing: &watch::Receiver<bool>,
    held: (OwnedSemaphorePermit, Held),
) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    // An answer is one write; holding it back to fill a packet would only delay it.
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let (routes, closing) = (routes.clone(), closing.clone());
    Ok(async move {
        let served =
            async { connection::serve(TcpStream::from_std(stream)?, routes, closing).await };
        if let Err(error) = served.await {
            tracing::debug!(error, "a connection broke");
        }
        drop(held);
    })
}
