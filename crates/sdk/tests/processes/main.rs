//! Workers as processes of their own: frozen, canceled, drained and killed.
#![cfg(unix)]

mod child;
mod drained;
mod frozen;
mod functions;
mod log;
mod process;
mod restarted;
mod server;
#[cfg(target_os = "linux")]
mod soak;
