//! How long a run may go on.

use std::time::Duration;

/// Limits of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Requests.
    pub(crate) steps: u64,
    /// Virtual time in which nothing changes.
    pub(crate) patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 100_000, patience: Duration::from_secs(24 * 3_600) }
    }
}
