//! The shard: a sans-io, single-threaded driver around the machine.
//!
//! Inputs go in, outputs are polled out, and time is an argument, so every schedule of events can
//! be replayed in a test. The shard holds the hot records, gathers steps into batches, fires the
//! timers and offers the messages. It performs no I/O and reads no clock.

mod io;

pub use io::{
    Addresses, Batch, Commit, Found, Input, Output, Page, Position, Range, Receiver, Ticket,
};
