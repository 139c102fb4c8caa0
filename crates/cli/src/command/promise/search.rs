//! `abide promise search`.

use abide_protocol::{Body, PromiseSearch, PromiseState, Request, Tags};
use clap::{Args, ValueEnum};

use crate::{
    command::{Ask, search::Paging},
    exit::Exit,
    fault::Fault,
    output::Output,
    server::{Server, unexpected},
    tags::{self, Tag},
};

/// List promises
///
/// In the order of their ids.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide promise search --state pending
  abide promise search --tag resonate:origin=order-7
  abide promise search --all --json | jq -r .id")]
pub(crate) struct Search {
    /// Only promises in this state
    #[arg(long)]
    state: Option<State>,
    /// Only promises with this tag; repeat it for more
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = tags::read)]
    tags: Vec<Tag>,
    #[command(flatten)]
    paging: Paging,
}

/// The states as people call them.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    Pending,
    Resolved,
    Rejected,
    Canceled,
    #[value(name = "timedout")]
    TimedOut,
}

impl From<State> for PromiseState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => PromiseState::Pending,
            State::Resolved => PromiseState::Resolved,
            State::Rejected => PromiseState::Rejected,
            State::Canceled => PromiseState::RejectedCanceled,
            State::TimedOut => PromiseState::RejectedTimedout,
        }
    }
}

impl Ask for Search {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let state = self.state.map(PromiseState::from);
        let tags = tags::with(Tags::default(), &self.tags);
        self.paging
            .show(output, async |limit, cursor| {
                let tags = tags.clone();
                let search = PromiseSearch { state, tags, limit: Some(limit), cursor };
                let request = Request::PromiseSearch(search);
                match server.ask(request, "such promise").await?.body {
                    Body::Promises { promises, cursor } => Ok((promises, cursor)),
                    _ => Err(unexpected("promises")),
                }
            })
            .await?;
        Ok(Exit::Done)
    }
}
