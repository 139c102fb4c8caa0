//! The campaigns against real files and real processes.

mod command;

fn main() {
    command::run();
}
