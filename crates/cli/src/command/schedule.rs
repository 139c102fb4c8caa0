//! `abide schedule`.

mod create;
mod delete;
mod get;
mod search;

use abide_protocol::{Body, Response, ScheduleRecord};
use clap::Subcommand;

use super::At;
use crate::{exit::Exit, fault::Fault, server::unexpected};

/// Call functions by the clock
#[derive(Debug, Subcommand)]
pub(crate) enum Schedule {
    /// Call a function at every occurrence of a cron expression
    Create(At<create::Create>),
    /// Show a schedule
    Get(At<get::Get>),
    /// End a schedule
    Delete(At<delete::Delete>),
    /// List schedules
    Search(At<search::Search>),
}

impl Schedule {
    /// Carries it out.
    pub(crate) async fn run(self) -> Result<Exit, Fault> {
        match self {
            Schedule::Create(command) => command.run().await,
            Schedule::Get(command) => command.run().await,
            Schedule::Delete(command) => command.run().await,
            Schedule::Search(command) => command.run().await,
        }
    }
}

/// The schedule in a response.
fn schedule_of(response: Response) -> Result<std::sync::Arc<ScheduleRecord>, Fault> {
    match response.body {
        Body::Schedule { schedule } => Ok(schedule),
        _ => Err(unexpected("a schedule")),
    }
}
