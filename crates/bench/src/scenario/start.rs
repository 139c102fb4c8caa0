//! How a server starts, and what it takes when it does nothing.

use std::time::Duration;

use crate::{Fault, arguments::Arguments, process::Server, report, summary::Summary};

/// How often it is started.
const STARTS: usize = 5;

/// How long it then does nothing.
const IDLE: Duration = Duration::from_secs(2);

pub(crate) async fn run(arguments: &Arguments) -> Result<(), Fault> {
    let (mut starts, mut ends) = (Summary::default(), Summary::default());
    for _ in 0..STARTS {
        let server = Server::start(arguments).await?;
        starts.add(server.start_up);
        ends.add(server.stop().await?);
    }
    let server = Server::start(arguments).await?;
    let before = server.cpu()?;
    tokio::time::sleep(IDLE).await;
    println!(
        "start-up on an empty store, to the first answer: {}",
        report::span(starts.quantile(0.5))
    );
    println!("shutdown: {}", report::span(ends.quantile(0.5)));
    println!(
        "idle: {} of memory, {} of CPU in {IDLE:?}\n",
        report::mib(server.memory()?),
        report::span(server.cpu()? - before)
    );
    server.stop().await?;
    Ok(())
}
