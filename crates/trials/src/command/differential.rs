use abide_trials::differential;
use clap::Args;

use super::{Fault, dials::Dials, scratch};

/// Puts the same random traffic to everything that keeps promises.
///
/// Stores in memory, on files and on a slow disk, limits so small that everything is evicted and
/// paged, a node without threads and with them, and servers over HTTP, with the extensions and
/// without: requests, batches, searches, time that passes, restarts. After each step all answers
/// and all snapshots must be the same. A script for which they differ is made smaller and printed.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    dials: Dials,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let scratch = scratch();
        self.dials.run("differential", |seed| differential::check(seed, &scratch))
    }
}
