//! `abide completions`.

use std::io::{self, Write};

use clap::Args;
use clap_complete::Shell;

use crate::{exit::Exit, fault::Fault};

/// Print a completion script for a shell
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide completions bash > ~/.local/share/bash-completion/completions/abide
  abide completions zsh > \"${fpath[1]}/_abide\"
  abide completions fish > ~/.config/fish/completions/abide.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Carries it out.
    pub(crate) fn run(self) -> Result<Exit, Fault> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut crate::app::command(), "abide", &mut script);
        io::stdout().write_all(&script)?;
        Ok(Exit::Done)
    }
}
