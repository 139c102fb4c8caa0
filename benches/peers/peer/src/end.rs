//! How a driver ends.

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

/// Runs a driver until it ends or is told to: then it is dropped, and all that it has started
/// with it.
pub async fn or_signal(driver: impl Future<Output = ExitCode>) -> ExitCode {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        eprintln!("signals cannot be listened to");
        return ExitCode::FAILURE;
    };
    tokio::select! {
        code = driver => code,
        _ = terminate.recv() => ExitCode::FAILURE,
        _ = interrupt.recv() => ExitCode::FAILURE,
    }
}
