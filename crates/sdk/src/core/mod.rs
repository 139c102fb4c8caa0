//! The execution core: turns, replay and the order of durability, with no I/O in it.
//!
//! An [`Execution`](execution::Execution) owns the futures of one execution tree. It takes
//! [`Event`](event::Event)s (records were loaded, a creation is durable, a promise is settled) and
//! gives out [`Intent`](intent::Intent)s (create this promise, settle that one, suspend on these).
//! Whoever drives it decides what a network, a clock or a crash is.
//!
//! The rules it keeps are those of `docs/adr/0005-turns.md`; the numbers in the comments below are
//! the numbers of those rules. The proof is the property test in `proof`: random programs, random
//! orders, a crash after any durable write, an independent oracle.

pub(crate) mod ambient;
pub(crate) mod ask;
pub(crate) mod attempt;
mod awaited;
pub(crate) mod base;
pub(crate) mod calls;
pub(crate) mod cancellation;
pub(crate) mod children;
pub(crate) mod delivery;
pub(crate) mod divergence;
pub(crate) mod draining;
pub(crate) mod durable;
pub(crate) mod event;
pub(crate) mod execution;
pub(crate) mod fault;
pub(crate) mod fingerprint;
pub(crate) mod halting;
pub(crate) mod intent;
pub(crate) mod limits;
pub(crate) mod matching;
pub(crate) mod operation;
pub(crate) mod order;
pub(crate) mod outcome;
pub(crate) mod poll;
mod ready;
pub(crate) mod reclaim;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod rest;
pub(crate) mod rule;
pub(crate) mod scope;
pub(crate) mod site;
mod slots;
pub(crate) mod trace;
pub(crate) mod turn;
pub(crate) mod wake;
pub(crate) mod weight;

#[cfg(any(test, feature = "sim"))]
pub(crate) mod proof;
