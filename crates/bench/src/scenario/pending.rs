//! Very many pending promises: half of them are tasks of a group that nobody serves.

use std::{io, rc::Rc, time::Instant};

use abide_protocol::Message;
use tokio::{sync::Mutex, task::JoinSet};

use crate::{
    Fault, arguments::Arguments, connection::Connection, envelopes, process::Server, report,
    stream::Stream,
};

/// How many connections create them.
const CONNECTIONS: usize = 256;

/// How many tasks the late worker executes.
const EXECUTED: usize = 10_000;

/// How many it executes at a time.
const AT_A_TIME: usize = 64;

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
            io::Result::Ok(())
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
        let first = stream.next().await?;
        println!("late worker: first task after {}", report::span(started.elapsed()));
        let executed = EXECUTED.min(count / 2);
        execute(&server, stream, first, executed).await?;
        println!(
            "late worker: {executed} tasks executed after {}, memory {}",
            report::span(started.elapsed()),
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

/// Acquires and fulfills tasks as they come, this many in all.
async fn execute(
    server: &Server,
    stream: Stream,
    first: Message,
    count: usize,
) -> Result<(), Fault> {
    let stream = Rc::new(Mutex::new((stream, Some(first), count)));
    let mut executors = JoinSet::new();
    for _ in 0..AT_A_TIME {
        let mut connection = Connection::open(server.address).await?;
        let stream = stream.clone();
        executors.spawn_local(async move {
            loop {
                let message = {
                    let (stream, first, left) = &mut *stream.lock().await;
                    if *left == 0 {
                        return io::Result::Ok(());
                    }
                    *left -= 1;
                    match first.take() {
                        Some(message) => message,
                        None => stream.next().await?,
                    }
                };
                let Message::Execute { id, version } = message else { continue };
                connection.post(&envelopes::acquire(&id, version)).await?;
                connection.post(&envelopes::fulfill(&id, version + 1)).await?;
            }
        });
    }
    while let Some(executed) = executors.join_next().await {
        executed??;
    }
    Ok(())
}
