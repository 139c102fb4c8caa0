//! `abide task`.

mod r#continue;
mod get;
mod halt;
mod search;

use abide_protocol::{Id, Request, TaskGet, TaskRecord};
use clap::Subcommand;

use super::At;
use crate::{
    exit::Exit,
    fault::Fault,
    server::{Server, unexpected},
};

/// Look at executions, stop them and let them go on
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Show a task
    Get(At<get::Get>),
    /// List tasks
    Search(At<search::Search>),
    /// Stop an execution until it is continued
    Halt(At<halt::Halt>),
    /// Let a halted execution go on
    Continue(At<r#continue::Continue>),
}

impl Task {
    /// Carries it out.
    pub(crate) async fn run(self) -> Result<Exit, Fault> {
        match self {
            Task::Get(command) => command.run().await,
            Task::Search(command) => command.run().await,
            Task::Halt(command) => command.run().await,
            Task::Continue(command) => command.run().await,
        }
    }
}

/// Reads a task.
async fn task(server: &Server, id: &str) -> Result<TaskRecord, Fault> {
    let request = Request::TaskGet(TaskGet { id: Id::from(id) });
    let response = server.ask(request, &format!("task {id:?}")).await?;
    response.task().cloned().ok_or_else(|| unexpected("a task"))
}
