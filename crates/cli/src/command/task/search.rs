//! `abide task search`.

use abide_protocol::{Body, Request, TaskSearch, TaskState};
use clap::{Args, ValueEnum};

use crate::{
    command::{Ask, search::Paging},
    exit::Exit,
    fault::Fault,
    output::Output,
    server::{Server, unexpected},
};

/// List tasks
///
/// In the order of their ids.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide task search --state pending       # what waits for a worker
  abide task search --state halted --all")]
pub(crate) struct Search {
    /// Only tasks in this state
    #[arg(long)]
    state: Option<State>,
    #[command(flatten)]
    paging: Paging,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    Pending,
    Acquired,
    Suspended,
    Halted,
    Fulfilled,
}

impl From<State> for TaskState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => TaskState::Pending,
            State::Acquired => TaskState::Acquired,
            State::Suspended => TaskState::Suspended,
            State::Halted => TaskState::Halted,
            State::Fulfilled => TaskState::Fulfilled,
        }
    }
}

impl Ask for Search {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let state = self.state.map(TaskState::from);
        self.paging
            .show(output, async |limit, cursor| {
                let search = TaskSearch { state, limit: Some(limit), cursor };
                match server.ask(Request::TaskSearch(search), "such task").await?.body {
                    Body::Tasks { tasks, cursor } => Ok((tasks, cursor)),
                    _ => Err(unexpected("tasks")),
                }
            })
            .await?;
        Ok(Exit::Done)
    }
}
