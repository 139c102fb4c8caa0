//! Counts the instructions of fixed scripts through the machine, the engine, the codecs and the SDK,
//! and compares them with the recorded ones: `scripts/instructions`.

mod command;
mod comparison;
mod record;
mod requests;
mod script;
mod scripts;
mod systems;
mod valgrind;

use std::process::ExitCode;

/// An allocator whose version is pinned like everything else's: that of a machine's C library
/// differs from machine to machine.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\n{why}");
            ExitCode::FAILURE
        }
    }
}
