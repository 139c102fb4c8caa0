//! One connection. What is posted to it is answered here; with the first request that is anything
//! else it goes to hyper, for the rest of its life.

use std::{error::Error, io::Cursor, pin::pin, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{self, AsyncRead, AsyncReadExt, AsyncWrite},
    sync::watch,
};

use crate::{intake::Intake, posts, routes::Routes};

/// How long a connection may stay open without a request, or with half of a request's head.
/// Longer than clients keep theirs, so that they are the ones to close.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// The most that is buffered of what a connection sends ahead; also the longest head of a request.
pub(crate) const MAX_BUFFER: usize = 64 << 10;

/// Serves a connection until its end. After `closing` a request in progress is its last.
pub(crate) async fn serve<R, W>(
    mut reader: R,
    writer: W,
    routes: Arc<Routes>,
    intake: Intake,
    closing: watch::Receiver<bool>,
) -> Result<(), Box<dyn Error + Send + Sync>>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (writer, read) = match &routes.app {
        Some(app) => match posts::answer(app, &intake, &mut reader, writer, &closing).await? {
            Some(other) => other,
            None => return Ok(()),
        },
        None => (writer, Vec::new()),
    };
    let stream = io::join(Cursor::new(read.into_boxed_slice()).chain(reader), writer);
    // In a box: most connections never need the room that this takes.
    Box::pin(with_hyper(stream, routes, intake, closing)).await
}

async fn with_hyper<S>(
    stream: S,
    routes: Arc<Routes>,
    intake: Intake,
    mut closing: watch::Receiver<bool>,
) -> Result<(), Box<dyn Error + Send + Sync>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| routes.clone().answer(intake.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        ended = &mut connection => return Ok(ended?),
        _ = closing.wait_for(|closing| *closing) => {}
    }
    connection.as_mut().graceful_shutdown();
    Ok(connection.await?)
}

#[cfg(test)]
mod tests;
