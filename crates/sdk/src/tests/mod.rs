//! Tests of the whole SDK on the real engine, with what only the inside can do.

mod census;
mod codec;
mod counting;
mod diverged;
mod dropped;
mod early;
mod faults;
mod groups;
mod heartbeat;
mod limits;
mod link;
mod memory;
mod retries;
mod saved;
mod settled;
mod spawned;
mod versions;
mod waits;
mod warm;
mod wide;
mod woken;
