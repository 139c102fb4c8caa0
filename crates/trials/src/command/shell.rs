use abide_trials::shell;
use clap::Args;

use super::{Fault, dials::Dials};

/// Runs the node's own threads and tasks under schedules that a seed decides.
///
/// Callers, members that listen, whoever posts messages, a store that takes time and fails, time
/// that passes and the end of it all, in any order. What is looked for: a call that is never
/// answered, something acknowledged that is gone, a message that nobody hears, a thread that waits
/// for ever, a node that is closed and still holds its store. Each seed decides eight schedules.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    dials: Dials,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Fault> {
        // The checker tells of a failure as a panic, which is told of here.
        std::panic::set_hook(Box::new(|_| {}));
        self.dials.run("shell", shell::check)
    }
}
