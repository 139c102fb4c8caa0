//! The server over real sockets.

mod access;
mod bad_data;
mod bad_envelopes;
mod batch;
mod delivery;
mod hostile;
mod lifecycle;
mod record;
mod support;
