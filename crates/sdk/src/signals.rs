//! Being asked to end.

use std::io;

/// What asks a process to end: SIGTERM and Ctrl-C.
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on, these signals end nothing by themselves.
    pub(crate) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The next time this process is asked to end.
    pub(crate) async fn next(&mut self) {
        #[cfg(feature = "test")]
        if crate::clock::virtual_time::now().is_some() {
            // In a world, a process ends with it or by a crash.
            return std::future::pending().await;
        }
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    /// From now on, Ctrl-C ends nothing by itself.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// The next time this process is asked to end.
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
