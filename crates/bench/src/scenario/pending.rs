//! Very many pending promises: half of them are tasks of a group that nobody serves.

use std::time::Instant;

use tokio::task::JoinSet;

use crate::{
    Fault, arguments::Arguments, connection::Connection, envelopes, process::Server, report,
    stream::Stream,
};

/// How many connections create them.
const CONNECTIONS: usize = 256;

/// How many tasks the late worker takes without acquiring any: fewer than a server offers to one
/// that acquires none.
const TAKEN: usize = 1000;

pub(crate) async fn run(arguments: &Arguments) -> Result<(), Fault> {
    let server = Server::start(arguments).await?;
    let count = arguments.pending;
    let started = Instant::now();
    let mut creators = JoinSet::new();
    for first in 0..CONNECTIONS {
        let address = server.address;
        creators.spawn(async move {
            let mut connection = Connection::open(address).await?;
            for number in (first..count).step_by(CONNECTIONS) {
                let id = format!("pending-{number}");
                let create = match number % 2 {
                    0 => envelopes::create(&id),
                    _ => envelopes::create_for(&id, "poll://any@nobody"),
                };
                connection.post(&create).await?;
            }
            std::io::Result::Ok(())
        });
    }
    while let Some(created) = creators.join_next().await {
        created??;
    }
    let elapsed = started.elapsed();
    println!("{count} pending promises, half of them with a task that nobody takes");
    println!(
        "created in {} ({:.0} a second)",
        report::span(elapsed),
        count as f64 / elapsed.as_secs_f64()
    );
    println!("disk: {}", report::mib(server.disk()?));
    println!(
        "memory: {}, at most {}",
        report::mib(server.memory()?),
        report::mib(server.peak_memory()?)
    );
    if !arguments.memory {
        let server = server.restart(arguments).await?;
        println!(
            "restarted: first answer after {}, memory {}",
            report::span(server.start_up),
            report::mib(server.memory()?)
        );
        let started = Instant::now();
        let mut stream = Stream::open(server.address, "nobody", "late").await?;
        stream.next().await?;
        println!("late worker: first task after {}", report::span(started.elapsed()));
        for _ in 1..TAKEN.min(count / 2) {
            stream.next().await?;
        }
        let elapsed = report::span(started.elapsed());
        println!(
            "late worker: {TAKEN} tasks after {elapsed}, memory {}",
            report::mib(server.memory()?)
        );
        println!("disk: {}", report::mib(server.disk()?));
        server.stop().await?;
    } else {
        server.stop().await?;
    }
    println!();
    Ok(())
}
