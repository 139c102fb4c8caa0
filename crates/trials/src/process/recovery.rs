//! How long a server takes that was killed with very many pending promises, half of them tasks that
//! nobody has taken. Printed, not judged.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use abide_client::{HttpLink, Link};
use abide_protocol::{Message, PromiseCreate, PromiseGet, PromiseState, Request, Status, Tags};

use super::{PATIENCE, Trial, server::Serve, summary::Summary};

/// How many are created in one message, and how many messages are on their way.
const BATCH: u64 = 500;
const AT_ONCE: u64 = 4;

/// How many of them are looked at afterwards.
const SAMPLE: u64 = 1_000;

/// How many tasks a worker is offered that connects afterwards.
const OFFERED: usize = 1_000;

/// The group that nobody serves.
const GROUP: &str = "nobody";

/// Kills a server with so many pending promises, and starts it again.
///
/// # Panics
/// When one of them is lost.
pub async fn run(trial: &Trial, pending: u64) -> Summary {
    let mut rng = trial.rng();
    let directory = trial.directory();
    let serve = |port| Serve::new(&trial.binary, directory.path(), port);
    let mut server = serve(0).start();
    let since = Instant::now();
    let creators = (0..AT_ONCE).map(|first| {
        let link = server.link();
        tokio::spawn(async move {
            link.negotiate().await.expect("it answers");
            let mut batch = first;
            while batch * BATCH < pending {
                create(&link, batch * BATCH..pending.min((batch + 1) * BATCH)).await;
                batch += AT_ONCE;
            }
        })
    });
    for creator in creators.collect::<Vec<_>>() {
        creator.await.expect("all are created");
    }
    let created = since.elapsed();
    let before = server.usage().memory;
    server.kill();

    let since = Instant::now();
    server = serve(server.port()).start();
    let link = server.link();
    check(&link, 0).await;
    let answered = since.elapsed();
    let mut messages = link.connect(GROUP, "late");
    let mut first = None;
    for _ in 0..OFFERED.min(usize::try_from(pending / 2).unwrap_or(OFFERED)) {
        let message = tokio::time::timeout(PATIENCE, messages.next()).await;
        let Ok(Some(Message::Execute { .. })) = message else { panic!("{message:?}") };
        first.get_or_insert_with(|| since.elapsed());
    }
    let offered = since.elapsed();
    for _ in 0..SAMPLE.min(pending) {
        check(&link, rng.u64(..pending)).await;
    }
    let usage = server.usage();
    server.assert_calm();
    assert!(server.stop().success(), "{}", server.said());
    let per_second = pending as f64 / created.as_secs_f64();
    Summary::new("recovery")
        .line(format!(
            "{pending} pending promises, half of them with a task, created in {created:.1?} \
             ({per_second:.0} a second) and killed"
        ))
        .line(format!(
            "first answer after {answered:.2?}, first task offered after {:.2?}, {OFFERED} after \
             {offered:.2?}, from the start of the process",
            first.unwrap_or_default()
        ))
        .line(format!(
            "memory {} MiB before and {} MiB after, {:.1?} of processor time",
            before >> 20,
            usage.memory >> 20,
            usage.processor
        ))
}

async fn create(link: &HttpLink, numbers: std::ops::Range<u64>) {
    let target = format!("poll://any@{GROUP}");
    let targeted = Arc::new(Tags::from_iter([("resonate:target", target.as_str())]));
    let requests = numbers.map(|number| {
        let tags = if number.is_multiple_of(2) { Arc::default() } else { targeted.clone() };
        let param = Arc::default();
        let id = id(number).into();
        Request::PromiseCreate(PromiseCreate { id, timeout_at: i64::MAX, param, tags })
    });
    let mut left: Vec<Request> = requests.collect();
    while !left.is_empty() {
        let answers = link.batch(&left).await.expect("it answers");
        let taken = answers.iter().take_while(|answer| answer.status == Status::Ok).count();
        if let Some(answer) = answers.get(taken) {
            assert_eq!(answer.status, Status::TooManyRequests, "{answer:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        left.drain(..taken);
    }
}

async fn check(link: &HttpLink, number: u64) {
    let get = Request::PromiseGet(PromiseGet { id: id(number).into() });
    let answer = link.call(get).await.expect("it answers");
    let state = answer.promise().map(|promise| promise.state);
    assert_eq!(state, Some(PromiseState::Pending), "{answer:?}");
}

fn id(number: u64) -> String {
    format!("pending-{number}")
}
