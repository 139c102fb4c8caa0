//! `abide schedule delete`.

use abide_protocol::{Id, Request, ScheduleDelete};
use clap::Args;

use crate::{
    command::Ask,
    exit::Exit,
    fault::Fault,
    output::{Output, note},
    server::Server,
};

/// End a schedule
///
/// The calls that it made already go on.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  abide schedule delete nightly")]
pub(crate) struct Delete {
    /// The schedule
    id: String,
}

impl Ask for Delete {
    async fn ask(self, server: &Server, _output: &mut Output) -> Result<Exit, Fault> {
        let request = Request::ScheduleDelete(ScheduleDelete { id: Id::from(self.id.as_str()) });
        server.ask(request, &format!("schedule {:?}", self.id)).await?;
        note(&format!("deleted the schedule {:?}", self.id));
        Ok(Exit::Done)
    }
}
