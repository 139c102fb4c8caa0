//! Every command, run as people and programs run it: the real binary against a real server.

#![allow(unreachable_pub, reason = "nobody uses a test as a library")]

mod check;
mod completions;
mod errors;
mod invoke;
mod promise;
mod properties;
mod schedule;
mod serve;
#[path = "../support/mod.rs"]
mod support;
mod task;
mod tree;
mod worker;
