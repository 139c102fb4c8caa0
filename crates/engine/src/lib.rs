//! The shard: a sans-io, single-threaded driver around the machine.
