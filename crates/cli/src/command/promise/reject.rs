//! `abide promise reject`.

use abide_protocol::SettleState;
use clap::Args;
use serde::Serialize;

use super::settle::settle;
use crate::{
    command::Ask,
    exit::Exit,
    fault::Fault,
    output::Output,
    payload::{self, Json},
    server::Server,
};

/// Settle a promise with an error
///
/// Whoever waits for it gets the error. A promise settles once: if it was settled otherwise
/// before, that stands, and the exit code is 4.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide promise reject approval-7 --message \"too expensive\"
  abide promise reject approval-7 --value '{\"code\": 17}'")]
pub(crate) struct Reject {
    /// The promise
    id: String,
    /// The error's message, as workers of every language read it
    #[arg(long, value_name = "TEXT", conflicts_with = "value")]
    message: Option<String>,
    /// What it settles with, exactly
    #[arg(long, value_name = "JSON")]
    value: Option<Json>,
}

/// An error as it travels.
#[derive(Serialize)]
struct Error<'a> {
    __type: &'static str,
    message: &'a str,
}

impl Ask for Reject {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let error =
            self.message.as_deref().map(|message| Json::of(&Error { __type: "error", message }));
        let value = payload::encode_option(error.or(self.value).as_ref());
        settle(&self.id, SettleState::Rejected, value, server, output).await
    }
}
