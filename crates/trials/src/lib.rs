//! Trials of the real files and the real server.
//!
//! [`process`] is what happens to processes, [`proxy`] a bad network. [`shim`] records what a process
//! writes, lets its calls fail and moves its clock. [`power`] cuts the power on a [`disk`], [`damage`]
//! changes what is on it; [`images`] is what both have in common. [`shell`] is what threads may do to
//! each other, [`differential`] compares all that keeps promises. The rest is used through the command
//! `abide-trials`.

mod campaign;
#[cfg(target_os = "linux")]
pub mod damage;
pub mod differential;
#[cfg(target_os = "linux")]
pub mod disk;
#[cfg(target_os = "linux")]
pub mod images;
pub mod panics;
#[cfg(target_os = "linux")]
pub mod power;
pub mod process;
pub mod proxy;
pub mod shell;
#[cfg(target_os = "linux")]
pub mod shim;

pub use campaign::Campaign;
