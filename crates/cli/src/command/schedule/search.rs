//! `abide schedule search`.

use abide_protocol::{Body, Request, ScheduleSearch, Tags};
use clap::Args;

use crate::{
    command::{Ask, search::Paging},
    exit::Exit,
    fault::Fault,
    output::Output,
    server::{Server, unexpected},
    tags::{self, Tag},
};

/// List schedules
///
/// In the order of their ids.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide schedule search
  abide schedule search --tag team=billing --json")]
pub(crate) struct Search {
    /// Only schedules whose calls have this tag; repeat it for more
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = tags::read)]
    tags: Vec<Tag>,
    #[command(flatten)]
    paging: Paging,
}

impl Ask for Search {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let tags = tags::with(Tags::default(), &self.tags);
        self.paging
            .show(output, async |limit, cursor| {
                let search = ScheduleSearch { tags: tags.clone(), limit: Some(limit), cursor };
                match server.ask(Request::ScheduleSearch(search), "such schedule").await?.body {
                    Body::Schedules { schedules, cursor } => Ok((schedules, cursor)),
                    _ => Err(unexpected("schedules")),
                }
            })
            .await?;
        Ok(Exit::Done)
    }
}
