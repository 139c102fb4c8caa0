//! `abide task continue`.

use abide_protocol::{Id, Request, TaskContinue};
use clap::Args;

use crate::{command::Ask, exit::Exit, fault::Fault, output::Output, server::Server};

/// Let a halted execution go on
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  abide task continue order-7")]
pub(crate) struct Continue {
    /// The task
    id: String,
}

impl Ask for Continue {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let request = Request::TaskContinue(TaskContinue { id: Id::from(self.id.as_str()) });
        server.ask(request, &format!("task {:?}", self.id)).await?;
        output.show(&super::task(server, &self.id).await?)?;
        Ok(Exit::Done)
    }
}
