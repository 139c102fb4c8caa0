//! The campaigns against real files and real processes.

mod command;

fn main() -> std::process::ExitCode {
    command::run()
}
