//! Programs to run, kill and start again. Each one begins with what to type, what to kill and what
//! to watch.
//!
//! | `cargo run --example …` | shows | needs |
//! |---|---|---|
//! | `countdown` | a function that survives its process | nothing |
//! | `order_saga` | compensation when a later step fails | nothing |
//! | `human_approval` | waiting for a person | a server |
//! | `fan_out` | one function over many processes | a server |
//! | `guide_…` | the ten small programs of the guide in `docs/guide` | one a server |
//! | `polyglot` | Rust and TypeScript calling each other | a server, Node 22 |
