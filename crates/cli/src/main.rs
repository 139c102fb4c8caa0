//! The `abide` command.

use std::process::ExitCode;

/// A server allocates and frees much on several threads: see decision 25.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    abide_cli::main()
}
