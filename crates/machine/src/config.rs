use abide_protocol::{Extensions, Millis};

/// How many of the promises that have woken a task are remembered by name, so that a task for which
/// thousands settle while it is held costs no more than this with each. Beyond it they are counted,
/// and whoever takes the task has to ask for all.
pub const RESUMED_LIMIT: usize = 128;

/// What an operator may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How long a pending task waits before it is offered again, in milliseconds.
    pub retry_interval: Millis,
    /// How many promises a claim or a refused suspension tells of at most. A missing entry only
    /// costs the worker one idempotent create.
    pub preload_limit: usize,
    /// What is offered beyond the protocol. Without an extension its requests are of an unknown
    /// kind, its fields are ignored, and its tags mean nothing.
    pub extensions: Extensions,
}

impl Default for Config {
    fn default() -> Self {
        Config { retry_interval: 5_000, preload_limit: 1_000, extensions: Extensions::all() }
    }
}
