//! `abide task halt`.

use abide_protocol::{Id, Request, TaskHalt};
use clap::Args;

use crate::{command::Ask, exit::Exit, fault::Fault, output::Output, server::Server};

/// Stop an execution until it is continued
///
/// Its worker finds out before it can record anything more. Halting it again changes nothing.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide task halt order-7
  abide task continue order-7")]
pub(crate) struct Halt {
    /// The task
    id: String,
}

impl Ask for Halt {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let request = Request::TaskHalt(TaskHalt { id: Id::from(self.id.as_str()) });
        server.ask(request, &format!("task {:?}", self.id)).await?;
        output.show(&super::task(server, &self.id).await?)?;
        Ok(Exit::Done)
    }
}
