//! What threads and tasks wait for each other by. Everything of the kind that this crate uses comes
//! from here, so that the same sources can be built a second time, as `abide-node-shuttle`, over
//! primitives whose schedule a checker decides.

#[cfg(not(shuttle))]
mod system;
#[cfg(not(shuttle))]
pub(crate) use system::*;

#[cfg(shuttle)]
mod checked;
#[cfg(shuttle)]
pub use checked::*;
