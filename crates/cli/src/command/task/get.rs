//! `abide task get`.

use clap::Args;

use crate::{command::Ask, exit::Exit, fault::Fault, output::Output, server::Server};

/// Show a task
///
/// A task is the claim to execute the promise of the same id.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  abide task get order-7")]
pub(crate) struct Get {
    /// The task
    id: String,
}

impl Ask for Get {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        output.show(&super::task(server, &self.id).await?)?;
        Ok(Exit::Done)
    }
}
