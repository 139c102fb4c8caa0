//! The Rust side of the interop suite: a worker, and whoever checks what came of a call.
//!
//! ```text
//! interop worker                     serve the group rust until killed
//! interop check FROM TO              have FROM make all calls of TO, and judge what it got
//! interop judge FROM TO FILE         judge what another program says that it got
//! ```
//!
//! A verdict is a line: `ok NAME` or `wrong NAME: WHY`.

mod calls;
mod functions;
mod judge;
mod values;

use abide::prelude::*;
use serde_json::Value;

/// The group, and the language, of this program.
const RUST: &str = "rust";

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["worker"] => {
            let abide = Abide::from_env().await?.group(RUST);
            println!("ready");
            abide.serve().await
        }
        ["check", from, to] => {
            let abide = Abide::from_env().await?.group("judge");
            let call = rpc::<Value>("calls", (to,)).on(from);
            let got = abide.run(&format!("calls-{from}-{to}"), call).await?;
            judge::all(from, to, &got);
            Ok(())
        }
        ["judge", from, to, file] => {
            judge::all(from, to, &serde_json::from_str(&std::fs::read_to_string(file)?)?);
            Ok(())
        }
        _ => Err(Error::application("interop worker | check FROM TO | judge FROM TO FILE")),
    }
}
