//! The server over real sockets.

mod access;
mod bad_data;
mod bad_envelopes;
mod delivery;
mod hostile;
mod lifecycle;
mod support;
