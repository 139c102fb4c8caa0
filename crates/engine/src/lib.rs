//! The shard: a sans-io, single-threaded driver around the machine.
//!
//! Inputs go in, outputs are polled out, and time is an argument, so every schedule of events can
//! be replayed in a test. The shard holds the hot records, gathers steps into batches, fires the
//! timers and offers the messages. It performs no I/O and reads no clock.

#[macro_use]
extern crate abide_faults;

mod batch;
mod cache;
mod call;
mod claim;
mod debug;
mod delivery;
mod due;
mod family;
mod gate;
mod io;
mod job;
mod limits;
mod load;
mod outbox;
mod overlay;
mod owed;
mod part;
mod range;
mod reclaim;
mod ring;
mod scan;
mod search;
mod shard;
mod siblings;
mod step;
mod table;
#[cfg(feature = "testing")]
mod testing;
mod weight;
mod window;

pub use io::{
    Addresses, Batch, Commit, Found, Input, Output, Page, Position, Range, Receiver, Ticket,
};
pub use limits::Limits;
pub use shard::Shard;
#[cfg(feature = "testing")]
pub use testing::Renamed;
