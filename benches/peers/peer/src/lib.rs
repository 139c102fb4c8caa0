//! What the drivers of other systems share: the workload, the servers they start, and how
//! a driver ends.

mod end;
mod ports;
mod rendezvous;
mod server;
mod version;
mod wait;
mod workload;

pub use end::or_signal;
pub use ports::free;
pub use rendezvous::Rendezvous;
pub use server::Server;
pub use version::version;
pub use wait::{SUSPENDED, beyond_sleep};
pub use workload::{ASKED, VALUE, Workload};
