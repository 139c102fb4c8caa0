//! `abide invoke`.

use std::{sync::Arc, time::Duration};

use abide_protocol::{PromiseCreate, PromiseRecord, PromiseState, Request};
use clap::Args;

use super::Ask;
use crate::{
    call::{self, Call},
    clock,
    exit::Exit,
    fault::Fault,
    output::{Output, note},
    payload,
    render::{promise::outcome, style},
    server::{Server, promise_of},
    tags::{self, Tag},
};

/// Call a durable function
///
/// The id names the call: calling again with the same id attaches to it instead of calling
/// twice.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide invoke order-7 --func order --arg 7 --arg '\"express\"' --on workers
  abide invoke order-7 --func order --arg 7 --on workers --wait
  abide tree order-7 --watch")]
pub(crate) struct Invoke {
    /// The id of the call
    id: String,
    #[command(flatten)]
    call: Call,
    /// The group of workers that executes it, or an address
    #[arg(long, value_name = "GROUP", default_value = "default")]
    on: String,
    /// How long it may take
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = clock::span)]
    timeout: Duration,
    /// A tag; repeat it for more
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = tags::read)]
    tags: Vec<Tag>,
    /// Wait for the result and print it; the exit code is 6 if there is none
    #[arg(long)]
    wait: bool,
}

impl Ask for Invoke {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let create = PromiseCreate {
            id: self.id.as_str().into(),
            timeout_at: clock::now().saturating_add(clock::millis(self.timeout)),
            param: Arc::new(self.call.payload()),
            tags: Arc::new(tags::with(call::root_tags(&self.id, &self.on), &self.tags)),
        };
        let request = Request::PromiseCreate(create.clone());
        let response = server.ask(request, &format!("call {:?}", self.id)).await?;
        let promise = promise_of(&response)?;
        if call::differs(&create, &promise.param, &promise.tags) {
            output.show(&promise)?;
            note("another call has this id: nothing was called; choose another id");
            return Ok(Exit::Conflict);
        }
        if !self.wait {
            output.show(&promise)?;
            if promise.is_pending() {
                note(&format!("follow it by: abide tree {} --watch", promise.id));
            }
            return Ok(Exit::Done);
        }
        let promise = if promise.is_pending() { server.settled(&self.id).await? } else { promise };
        result(&promise, output)
    }
}

/// Prints the result: the bare value for people, the record for programs.
fn result(promise: &Arc<PromiseRecord>, output: &mut Output) -> Result<Exit, Fault> {
    let value = payload::decode(&promise.value);
    let resolved = promise.state == PromiseState::Resolved;
    if output.is_json() {
        output.show(promise)?;
    } else if resolved && !value.to_string().is_empty() {
        output.line(&value.to_string())?;
    }
    if resolved {
        return Ok(Exit::Done);
    }
    let word = style::promise_word(promise.state);
    let said = outcome(&value);
    let colon = if said.is_empty() { "" } else { ": " };
    Err(Fault::new(Exit::Rejected, format!("{}: {word}{colon}{said}", promise.id)))
}
