//! A world around one shard: a store that does what it is told when the test says so, receivers
//! that keep what they get, and a checker on everything that leaves.

#![allow(dead_code, reason = "every test uses some of it")]

pub(crate) mod crashes;
pub(crate) mod disk;
pub(crate) mod lockstep;
pub(crate) mod model;
pub(crate) mod requests;
pub(crate) mod script;
pub(crate) mod world;

pub(crate) use world::World;
