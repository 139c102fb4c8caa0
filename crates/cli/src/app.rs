//! The command line as a whole.

use clap::{CommandFactory, Parser, Subcommand};

use crate::{
    command::{
        At, check::Check, completions::Completions, dev::Dev, invoke::Invoke, promise::Promise,
        schedule::Schedule, serve::Serve, task::Task, tree::Tree,
    },
    exit::{self, Exit},
    fault::Fault,
};

/// Durable functions and promises: async functions that outlive their process
#[derive(Debug, Parser)]
#[command(name = "abide", version, max_term_width = 100,
          after_help = AFTER_HELP)]
pub(crate) struct App {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
A first look:
  abide dev                                          # a server, in one terminal
  abide promise create approval-7 --timeout 1h       # in another: a durable promise
  abide promise resolve approval-7 --value true      # whoever waits for it goes on
  abide invoke order-7 --func order --arg 7 --wait   # call a function of a worker
  abide tree order-7 --watch                         # and see what it does

`abide help COMMAND` explains a command.";

#[derive(Debug, Subcommand)]
enum Command {
    Dev(Dev),
    Serve(Serve),
    Invoke(At<Invoke>),
    Tree(At<Tree>),
    #[command(subcommand)]
    Promise(Promise),
    #[command(subcommand)]
    Task(Task),
    #[command(subcommand)]
    Schedule(Schedule),
    Check(Check),
    Completions(Completions),
}

/// The grammar.
pub(crate) fn command() -> clap::Command {
    let codes = clap::builder::Str::from(exit::TABLE);
    let app = App::command();
    let help = format!("{AFTER_HELP}\n\n{codes}");
    app.after_long_help(help)
}

impl App {
    /// Carries out what the command line says.
    pub(crate) fn run(self) -> Result<Exit, Fault> {
        // A server's connections have threads of their own.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime
            .map_err(|error| Fault::new(Exit::Failed, format!("cannot start threads: {error}")))?;
        runtime.block_on(async {
            match self.command {
                Command::Dev(command) => command.run().await,
                Command::Serve(command) => command.run().await,
                Command::Invoke(command) => command.run().await,
                Command::Tree(command) => command.run().await,
                Command::Promise(command) => command.run().await,
                Command::Task(command) => command.run().await,
                Command::Schedule(command) => command.run().await,
                Command::Check(command) => command.run(),
                Command::Completions(command) => command.run(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn the_grammar_is_sound() {
        command().debug_assert();
    }
}
