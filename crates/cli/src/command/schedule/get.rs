//! `abide schedule get`.

use abide_protocol::{Id, Request, ScheduleGet};
use clap::Args;

use super::schedule_of;
use crate::{command::Ask, exit::Exit, fault::Fault, output::Output, server::Server};

/// Show a schedule
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  abide schedule get nightly")]
pub(crate) struct Get {
    /// The schedule
    id: String,
}

impl Ask for Get {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let request = Request::ScheduleGet(ScheduleGet { id: Id::from(self.id.as_str()) });
        let response = server.ask(request, &format!("schedule {:?}", self.id)).await?;
        output.show(&schedule_of(response)?)?;
        Ok(Exit::Done)
    }
}
