//! The `abide` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    abide_cli::main()
}
