//! How soon a task reaches a worker, with nothing else going on.

use std::time::{Duration, Instant};

use crate::{
    Fault, arguments::Arguments, connection::Connection, envelopes, process::Server, report,
    stream::Stream, summary::Summary,
};

/// How many tasks are delivered.
const DELIVERIES: usize = 500;

/// How many workers come late.
const LATE_WORKERS: usize = 100;

/// The pause between deliveries, so that each finds an idle server.
const PAUSE: Duration = Duration::from_millis(5);

pub(crate) async fn run(arguments: &Arguments) -> Result<(), Fault> {
    let server = Server::start(arguments).await?;
    let mut connection = Connection::open(server.address).await?;
    let mut answered = Summary::default();
    for number in 0..DELIVERIES {
        tokio::time::sleep(PAUSE).await;
        let started = Instant::now();
        connection.post(&envelopes::create(&format!("alone-{number}"))).await?;
        answered.add(started.elapsed());
    }
    let mut stream = Stream::open(server.address, "bench", "worker").await?;
    let (mut delivered, mut after_answer) = (Summary::default(), Summary::default());
    for number in 0..DELIVERIES {
        tokio::time::sleep(PAUSE).await;
        let create = envelopes::create_for(&format!("idle-{number}"), "poll://any@bench");
        let started = Instant::now();
        // Both ends are read at once, so neither waits for the other to be noticed.
        let answer = async {
            let outcome = connection.post(&create).await.map(drop);
            outcome.map(|()| started.elapsed())
        };
        let message = async { stream.next().await.map(|_| started.elapsed()) };
        let (answer, message) = tokio::try_join!(answer, message)?;
        delivered.add(message);
        after_answer.add(message.saturating_sub(answer));
    }
    let mut late = Summary::default();
    for number in 0..LATE_WORKERS {
        let group = format!("late-{number}");
        let id = format!("for-{group}");
        connection.post(&envelopes::create_for(&id, &format!("poll://any@{group}"))).await?;
        tokio::time::sleep(PAUSE).await;
        let started = Instant::now();
        Stream::open(server.address, &group, "worker").await?.next().await?;
        late.add(started.elapsed());
    }
    println!("| idle, one at a time | p50 | p99 |");
    println!("|---|--:|--:|");
    for (name, summary) in [
        ("create to its answer", &mut answered),
        ("create to the worker's stream", &mut delivered),
        ("the create's answer to the worker's stream", &mut after_answer),
        ("late worker: connecting to its task", &mut late),
    ] {
        let (p50, p99) = (summary.quantile(0.5), summary.quantile(0.99));
        println!("| {name} | {} | {} |", report::span(p50), report::span(p99));
    }
    println!();
    server.stop().await?;
    Ok(())
}
