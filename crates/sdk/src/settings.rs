//! What a process may choose about itself as a worker.

use std::time::Duration;

use crate::{codec::Layers, error::Result, function::Function, registry::Registry, state::State};

/// The group of a process that names none.
pub(crate) const DEFAULT_GROUP: &str = "default";

/// Executions that a worker runs at one time, unless it says otherwise.
pub(crate) const DEFAULT_CONCURRENCY: usize = 64;

/// How long a task stays with a process that is not heard of.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// The shortest of these: with less, the engine would hear of little else.
pub(crate) const SHORTEST_LEASE: Duration = Duration::from_millis(100);

/// How often a process is heard of: two heartbeats may get lost.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(10);

/// Suspended executions that stay in memory, to go on without a replay. The longest suspended goes
/// first. A suspended one costs what its futures hold, some kilobytes.
pub(crate) const WARM: usize = 1_000;

/// Bytes that they may take together, as far as those can be counted: 64 KiB each would be much.
pub(crate) const WARM_BYTES: usize = 64 << 20;

/// How long a shutdown waits for running executions before it gives them back.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);

/// The choices.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) group: String,
    pub(crate) concurrency: usize,
    pub(crate) lease: Duration,
    pub(crate) heartbeat: Duration,
    pub(crate) warm: usize,
    pub(crate) warm_bytes: usize,
    pub(crate) drain: Duration,
    /// Where messages are posted to, if they are.
    pub(crate) address: Option<String>,
    pub(crate) layers: Layers,
    /// What the functions that run here are given.
    pub(crate) state: State,
    /// Whether all that the functions of this process need must be given before any runs.
    pub(crate) complete: bool,
    /// What a simulated process executes.
    #[cfg(feature = "sim")]
    pub(crate) programs: Option<std::sync::Arc<crate::sim::Programs>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            group: DEFAULT_GROUP.to_owned(),
            concurrency: DEFAULT_CONCURRENCY,
            lease: LEASE,
            heartbeat: HEARTBEAT,
            warm: WARM,
            warm_bytes: WARM_BYTES,
            drain: DRAIN,
            address: None,
            layers: Layers::default(),
            state: State::default(),
            complete: true,
            #[cfg(feature = "sim")]
            programs: None,
        }
    }
}

impl Settings {
    /// Whether this process has what a function needs, whichever group it belongs to.
    pub(crate) fn lacks_nothing_for(&self, function: &Function) -> Result<()> {
        if self.complete { self.state.check(function) } else { Ok(()) }
    }

    /// Whether this process has what its functions need, so that it may execute them.
    pub(crate) fn ready(&self) -> Result<()> {
        match self.complete {
            true => Registry::global().check(&self.state, &self.group),
            false => Ok(()),
        }
    }
}
