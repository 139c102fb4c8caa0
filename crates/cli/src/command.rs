//! The commands, one file each.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod dev;
pub(crate) mod invoke;
pub(crate) mod promise;
pub(crate) mod schedule;
pub(crate) mod search;
pub(crate) mod serve;
pub(crate) mod task;
pub(crate) mod tree;

use clap::Args;

use crate::{
    exit::Exit,
    fault::Fault,
    output::Output,
    server::{Server, ServerArgs},
};

/// A command that talks to a server.
pub(crate) trait Ask: Args {
    /// Carries it out.
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault>;
}

// A command and the server it talks to. (A doc comment here would become the help of all.)
#[derive(Args, Debug)]
pub(crate) struct At<C: Ask> {
    #[command(flatten)]
    command: C,
    #[command(flatten)]
    server: ServerArgs,
}

impl<C: Ask> At<C> {
    /// Carries it out.
    pub(crate) async fn run(self) -> Result<Exit, Fault> {
        let server = Server::new(&self.server)?;
        self.command.ask(&server, &mut Output::new(self.server.json)).await
    }
}
