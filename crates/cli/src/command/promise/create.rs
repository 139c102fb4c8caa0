//! `abide promise create`.

use std::{sync::Arc, time::Duration};

use abide_protocol::{PromiseCreate, Request, Tags, tag};
use clap::Args;

use crate::{
    call, clock,
    command::Ask,
    exit::Exit,
    fault::Fault,
    output::{Output, note},
    payload::{self, Json},
    server::{Server, promise_of},
    tags::{self, Tag},
};

/// Create a promise that somebody settles later
///
/// Creating it again changes nothing and shows what is there.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide promise create approval-7 --timeout 24h
  abide promise create approval-7 --param '{\"amount\": 42}' --tag team=billing
  abide promise resolve approval-7 --value true")]
pub(crate) struct Create {
    /// The promise
    id: String,
    /// How long it may stay pending: then it times out
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = clock::span)]
    timeout: Duration,
    /// What it is created with
    #[arg(long, value_name = "JSON")]
    param: Option<Json>,
    /// A tag; repeat it for more
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = tags::read)]
    tags: Vec<Tag>,
}

impl Ask for Create {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        // Nobody executes it: somebody outside settles it, and its deadline fires by itself.
        let base = Tags::from_iter([(tag::EXTERNAL, "true")]);
        let create = PromiseCreate {
            id: self.id.as_str().into(),
            timeout_at: clock::now().saturating_add(clock::millis(self.timeout)),
            param: Arc::new(payload::encode_option(self.param.as_ref())),
            tags: Arc::new(tags::with(base, &self.tags)),
        };
        let request = Request::PromiseCreate(create.clone());
        let response = server.ask(request, &format!("promise {:?}", self.id)).await?;
        let promise = promise_of(&response)?;
        output.show(&promise)?;
        if promise.timeout_at != create.timeout_at
            || call::differs(&create, &promise.param, &promise.tags)
        {
            note("it was there already: nothing was changed");
        }
        Ok(Exit::Done)
    }
}
