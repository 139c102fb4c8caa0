//! Waiting behaves as in ordinary async code: every program here is written once and compiled
//! twice, with ordinary async functions and with durable ones, and both have to agree, whatever
//! crashes.

mod durable;
mod memory;
mod plain;
mod programs;
mod twins;
