//! Measures DBOS: its Rust crate in this process, on a PostgreSQL server of its own. The lines it
//! speaks are those of `abide_bench::driver`.

mod account;
mod invocation;
mod postgres;
mod subject;
mod workflows;

use std::{path::PathBuf, process::ExitCode};

use abide_bench::driver;
use clap::Parser;

use crate::{account::Account, postgres::Postgres, subject::Dbos};

/// Measures DBOS: reads orders from stdin, one JSON a line, and answers each on stdout.
#[derive(Parser)]
struct Arguments {
    /// An empty directory for the database and its log
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The directory of PostgreSQL's programs; without it, the newest that is installed
    #[arg(long, value_name = "DIR")]
    bin: Option<PathBuf>,
    /// Who runs PostgreSQL if the driver is run by root
    #[arg(long, value_name = "NAME", default_value = "postgres")]
    user: String,
    /// How many connections DBOS may have to the database: its own default
    #[arg(long, value_name = "N", default_value_t = 10)]
    connections: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { bin, user, connections, .. } = Arguments::parse();
    let driver = driver::run(async |directory| {
        let programs = bin.map_or_else(postgres::installed, Ok)?;
        let account = Account::find(&user)?;
        let postgres = Postgres::start(programs, &directory, account).await?;
        Ok(Dbos::start(postgres, connections).await?)
    });
    peer::or_signal(driver).await
}
