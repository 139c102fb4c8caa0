/// Completes when the process is asked to end: by an interrupt from the keyboard, or by a
/// termination signal. From the call on, such a request no longer kills the process.
///
/// # Panics
/// Outside of a tokio runtime.
#[cfg(unix)]
pub fn signalled() -> impl Future<Output = ()> + Send {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    async fn received(signal: Option<Signal>) {
        match signal {
            Some(mut signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
    // A signal that cannot be listened for keeps doing what it always did.
    let interrupt = signal(SignalKind::interrupt()).ok();
    let terminate = signal(SignalKind::terminate()).ok();
    async {
        tokio::select! {
            () = received(interrupt) => {}
            () = received(terminate) => {}
        }
    }
}

/// Completes when the process is asked to end, by an interrupt from the keyboard.
#[cfg(not(unix))]
pub async fn signalled() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
