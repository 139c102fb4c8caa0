//! `abide promise get`.

use clap::Args;

use crate::{command::Ask, exit::Exit, fault::Fault, output::Output, server::Server};

/// Show a promise
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide promise get order-7
  abide promise get order-7 --json | jq .value.json
  abide promise get order-7 --wait")]
pub(crate) struct Get {
    /// The promise
    id: String,
    /// Wait until it is settled
    #[arg(long)]
    wait: bool,
}

impl Ask for Get {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let promise = if self.wait {
            server.settled(&self.id).await?
        } else {
            server.promise(&self.id).await?
        };
        output.show(&promise)?;
        Ok(Exit::Done)
    }
}
