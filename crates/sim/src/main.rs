//! The campaigns that need no machine but this one: every run is decided by its seed.

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run()
}
