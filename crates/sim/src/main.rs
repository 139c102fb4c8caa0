//! The campaigns that need no machine but this one: every run is decided by its seed.

mod command;

fn main() {
    command::run();
}
