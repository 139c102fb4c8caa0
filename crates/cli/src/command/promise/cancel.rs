//! `abide promise cancel`.

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

/// Settle a promise whose result nobody wants any more
///
/// A promise settles once: if it was settled otherwise before, that stands, and the exit code
/// is 4.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  abide promise cancel order-7")]
pub(crate) struct Cancel {
    /// The promise
    id: String,
    /// What it settles with
    #[arg(long, value_name = "JSON")]
    value: Option<Json>,
}

impl Ask for Cancel {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        let value = payload::encode_option(self.value.as_ref());
        settle(&self.id, SettleState::RejectedCanceled, value, server, output).await
    }
}
