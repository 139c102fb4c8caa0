//! Tests of the whole SDK on the real engine, with what only the inside can do.

mod crash;
mod link;
mod programs;
mod warm;
