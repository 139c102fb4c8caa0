use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::{Relay, request};

/// Why a connection ends in the middle.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset")]
pub(super) struct Reset;

/// A client's connection. Once it is said to be cut, its end is a reset instead of a goodbye.
struct Wire {
    stream: TcpStream,
    cut: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.cut.load(Ordering::Relaxed) {
            // Without it the client sees a clean end, which is a fault too.
            let _ = self.stream.set_zero_linger();
        }
    }
}

pub(super) async fn serve(stream: TcpStream, relay: Arc<Relay>) {
    let _ = stream.set_nodelay(true);
    let cut = Arc::new(AtomicBool::new(false));
    let wire = Wire { stream, cut: cut.clone() };
    let service = service_fn(move |asked| request::pass(asked, relay.clone(), cut.clone()));
    // How a connection ends is what this is about.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(wire), service).await;
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
