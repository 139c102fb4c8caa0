//! Accepting connections and serving them until the end.

use std::{io, net, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};

use crate::{
    connection,
    event_loops::EventLoops,
    intake::Intake,
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
                Ok((stream, _)) => match plain(stream) {
                    Ok(stream) => {
                        let (routes, closing) = (routes.clone(), closing.clone());
                        let held = (permit, open.hold());
                        loops.serve(|intake| serve(stream, routes, intake, closing, held));
                    }
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

/// A stream whose events no thread is told of yet.
fn plain(stream: TcpStream) -> io::Result<net::TcpStream> {
    // An answer is one write; holding it back to fill a packet would only delay it.
    stream.set_nodelay(true)?;
    stream.into_std()
}

/// Serves one connection, whose events go to whatever thread this is carried out on; `held` is let
/// go of when it ends.
async fn serve(
    stream: net::TcpStream,
    routes: Arc<Routes>,
    intake: Intake,
    closing: watch::Receiver<bool>,
    held: (OwnedSemaphorePermit, Held),
) {
    let served = async {
        let (reader, writer) = TcpStream::from_std(stream)?.into_split();
        connection::serve(reader, writer, routes, intake, closing).await
    };
    if let Err(error) = served.await {
        tracing::debug!(error, "a connection broke");
    }
    drop(held);
}
