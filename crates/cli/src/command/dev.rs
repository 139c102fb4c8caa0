//! `abide dev`.

use std::path::PathBuf;

use abide_server::Data;
use clap::Args;

use super::serve::Listen;
use crate::{exit::Exit, fault::Fault};

/// Serve with the data in memory, to try things out
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide dev
  abide dev --port 8002 --metrics-port off
  abide dev --data ./try")]
pub(crate) struct Dev {
    /// Keep the data in this directory instead of in memory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    listen: Listen,
}

impl Dev {
    /// Carries it out.
    pub(crate) async fn run(self) -> Result<Exit, Fault> {
        self.listen.serve(self.data.map_or(Data::Memory, Data::Directory)).await
    }
}
