//! `abide promise resolve`.

use abide_protocol::SettleState;
use clap::Args;

use super::settle::settle;
use crate::{
    command::Ask,
    exit::Exit,
    fault::Fault,
    output::Output,
    payload::{self, Json},
    server::Server,
};

/// Settle a promise with a value
///
/// Whoever waits for it goes on. A promise settles once: if it was settled otherwise before,
/// that stands, and the exit code is 4.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide promise resolve approval-7
  abide promise resolve approval-7 --value true
  abide promise resolve approval-7 --value '{\"by\": \"the boss\"}'")]
pub(crate) struct Resolve {
    /// The promise
    id: String,
    /// What it settles with
    #[arg(long, value_name = "JSON")]
    value: Option<Json>,
}

impl Ask for Resolve {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let value = payload::encode_option(self.value.as_ref());
        settle(&self.id, SettleState::Resolved, value, server, output).await
    }
}
