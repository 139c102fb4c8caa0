//! Counts the messages between an SDK and the server, and how many of them wait for each other.
//!
//! ```text
//! round-trips worker GROUP                     serve a group until killed
//! round-trips measure GROUP COMMAND...         measure the programs of GROUP, which COMMAND serves
//! round-trips table FILE...                    what was measured, as a table
//! ```
//!
//! `ABIDE_URL` names the server. `measure` puts a proxy between it and the worker, gives the worker
//! the proxy's address, has it run each program, and prints what it counted as JSON. `SHOW=1` lists
//! the messages on standard error.

mod measure;
mod message;
mod program;
mod programs;
mod proxy;
mod table;

use abide::prelude::*;

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["worker", group] => {
            let abide = Abide::from_env().await?.group(group);
            println!("ready");
            abide.serve().await
        }
        ["measure", group, command, args @ ..] => measure::all(group, command, args).await,
        ["table", files @ ..] => table::print(files),
        _ => Err(Error::application("round-trips worker | measure | table")),
    }
}
