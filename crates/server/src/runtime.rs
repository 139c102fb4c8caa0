use std::{io, thread::available_parallelism};

use tokio::runtime::{Builder, Runtime};

/// The most threads that serve connections. Beyond a few, they only wait for the same shard.
const MAX_THREADS: usize = 8;

/// How many threads there may be at a time for what blocks, such as looking up a host's name.
const MAX_BLOCKING_THREADS: usize = 16;

/// The stack of each thread, in bytes.
const STACK_BYTES: usize = 1 << 20;

/// A runtime of the size that a server needs.
///
/// # Errors
/// When the system grants no threads.
pub fn runtime() -> io::Result<Runtime> {
    let cores = available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .worker_threads(cores.min(MAX_THREADS))
        .max_blocking_threads(MAX_BLOCKING_THREADS)
        .thread_stack_size(STACK_BYTES)
        .thread_name("abide")
        .enable_all()
        .build()
}
