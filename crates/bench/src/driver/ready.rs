use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a system says of itself when it is up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Its name.
    pub system: String,
    /// Its version.
    pub version: String,
    /// How commits are synced, in words.
    pub durability: String,
    /// Its processes by what they are for, usually `server` and `worker`. Their descendants belong
    /// to them. A process of the driver that is not listed is the load generator alone.
    pub pids: BTreeMap<String, Vec<u32>>,
}

impl Ready {
    /// A system without processes so far.
    pub fn new(
        system: impl Into<String>,
        version: impl Into<String>,
        durability: impl Into<String>,
    ) -> Self {
        let (system, version, durability) = (system.into(), version.into(), durability.into());
        Ready { system, version, durability, pids: BTreeMap::new() }
    }

    /// Adds a process.
    #[must_use]
    pub fn with(mut self, role: &str, pid: u32) -> Self {
        self.pids.entry(role.to_owned()).or_default().push(pid);
        self
    }
}
