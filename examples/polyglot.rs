//! Rust calls TypeScript, and TypeScript calls Rust.
//!
//! ```sh
//! abide dev &                                        # a server, in this or another terminal
//! cd examples/polyglot && npm install     # the published Resonate SDK, once
//! node worker.mjs &                                  # Node 22 or newer
//! cargo run --example polyglot
//! ```
//!
//! It prints `HELLO ADA, from TypeScript (via Rust)`. What happens: `welcome`, here, calls `greet`
//! in TypeScript by its name, and that calls `shout`, here again. Start the programs in any order;
//! kill either and start it again: the other one waits for it. `node call.mjs` begins at the other
//! end: a TypeScript program runs the durable function `welcome`, in a process started by
//! `cargo run --example polyglot worker`.

use abide::prelude::*;

#[durable]
async fn welcome(name: String) -> Result<String> {
    rpc::<String>("greet", (name,)).on("typescript").await
}

#[durable]
async fn shout(text: String) -> Result<String> {
    Ok(text.to_uppercase())
}

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("ABIDE_URL").unwrap_or_else(|_| "http://localhost:8001".to_owned());
    let abide = Abide::connect(&url).await?.group("rust");
    if std::env::args().nth(1).as_deref() == Some("worker") {
        return abide.serve().await;
    }
    println!("{}", abide.run("welcome/ada", welcome("Ada".to_owned())).await?);
    Ok(())
}
