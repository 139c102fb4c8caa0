//! Trials of the real files and the real server.
//!
//! [`process`] is what happens to processes, [`proxy`] a bad network. [`shim`] is what makes them
//! possible: it records what a process writes, lets its calls fail and moves its clock. The rest is used through the command `abide-trials`.

pub mod process;
pub mod proxy;
#[cfg(target_os = "linux")]
pub mod shim;
