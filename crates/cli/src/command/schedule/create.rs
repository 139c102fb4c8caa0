//! `abide schedule create`.

use std::{sync::Arc, time::Duration};

use abide_protocol::{Request, ScheduleCreate, Tags, tag};
use clap::Args;

use super::schedule_of;
use crate::{
    call::{self, Call},
    clock,
    command::Ask,
    exit::Exit,
    fault::Fault,
    output::{Output, note},
    server::Server,
    tags::{self, Tag},
};

/// Call a function at every occurrence of a cron expression
///
/// The expression has five fields (minute, hour, day of month, month, day of week) or six with
/// seconds in front or seven with a year at the end, in UTC. Days of the week count from 1,
/// Sunday: names such as `Mon-Fri` are clearer. Occurrences that a server slept through are
/// made up for when it is back.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide schedule create nightly --cron '0 3 * * *' --func report --on workers
  abide schedule create pulse --cron '*/10 * * * * *' --func pulse --arg '\"eu\"' --timeout 5s")]
pub(crate) struct Create {
    /// The schedule
    id: String,
    /// When
    #[arg(long, value_name = "EXPRESSION")]
    cron: String,
    #[command(flatten)]
    call: Call,
    /// The group of workers that executes the calls, or an address
    #[arg(long, value_name = "GROUP", default_value = "default")]
    on: String,
    /// How long each call may take
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = clock::span)]
    timeout: Duration,
    /// The ids of the calls
    #[arg(long, value_name = "TEMPLATE", default_value = "{{.id}}-{{.timestamp}}")]
    promise_id: String,
    /// A tag of the calls; repeat it for more
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = tags::read)]
    tags: Vec<Tag>,
}

impl Ask for Create {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let target = call::address(&self.on);
        let base = Tags::from_iter([(tag::TARGET, target.as_str()), (tag::SCOPE, "global")]);
        let create = ScheduleCreate {
            id: self.id.as_str().into(),
            cron: self.cron,
            promise_id: self.promise_id,
            promise_timeout: clock::millis(self.timeout),
            promise_param: Arc::new(self.call.payload()),
            promise_tags: Arc::new(tags::with(base, &self.tags)),
        };
        let request = Request::ScheduleCreate(create.clone());
        let response = server.ask(request, &format!("schedule {:?}", self.id)).await?;
        let schedule = schedule_of(response)?;
        output.show(&schedule)?;
        let same = schedule.cron == create.cron
            && schedule.promise_id == create.promise_id
            && schedule.promise_timeout == create.promise_timeout
            && schedule.promise_param == create.promise_param
            && schedule.promise_tags == create.promise_tags;
        if same {
            return Ok(Exit::Done);
        }
        note("another schedule has this id: nothing was changed; delete it first to replace it");
        Ok(Exit::Conflict)
    }
}
