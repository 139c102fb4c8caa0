//! HTTP receivers that refuse, hang, answer 500, reset, answer slowly or send elsewhere. Attempts at
//! each are bounded, nobody else is held up, and when they are well again every message arrives,
//! also if the server was killed meanwhile.

mod receiver;

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use abide_client::{HttpLink, Link};
use abide_protocol::{
    PromiseCreate, PromiseSettle, RegisterListener, Request, SettleState, Status,
};

use self::receiver::{Manner, Receiver};
use super::{Trial, server::Serve, summary::Summary};

/// How many messages each receiver is to get in a round. More than are posted to it at a time.
const MESSAGES: usize = 40;

/// How many may be posted to one receiver at a time, as the server says.
const AT_ONCE: usize = 16;

/// How long the others stay as they are after the good one has everything, at most, in
/// milliseconds.
const LONGEST_ILLNESS: u64 = 2_000;

/// How long they stay so sometimes: longer than the server waits for an answer.
const GIVEN_UP: Duration = Duration::from_secs(11);

/// How long the last message may take to arrive when all receivers are well: attempts pause for up
/// to a minute, and one that hangs is given up after ten seconds.
const PATIENCE: Duration = Duration::from_secs(100);

/// Has so many rounds of messages delivered.
///
/// # Panics
/// When a message does not arrive, a receiver is overwhelmed or the good one is held up.
pub async fn run(trial: &Trial, rounds: u64) -> Summary {
    let mut rng = trial.rng();
    let directory = trial.directory();
    let serve = |port| Serve::new(&trial.binary, directory.path(), port);
    let mut server = serve(0).start();
    let mut attempts = [0; Manner::BAD.len()];
    let (mut killed, mut most, mut twice) = (0, 0, 0);
    for round in 0..rounds {
        let good = Receiver::start(Manner::Well).await;
        let mut bad = Vec::new();
        for manner in Manner::BAD {
            bad.push(Receiver::start(manner).await);
        }
        let ids: Vec<String> = (0..MESSAGES).map(|number| format!("r{round}-{number}")).collect();
        let addresses: Vec<String> =
            bad.iter().chain([&good]).map(|receiver| receiver.address()).collect();
        for id in &ids {
            listen(&server.link(), id, &addresses).await;
        }
        for id in &ids {
            settle(&server.link(), id).await;
        }
        // The good one is not held up by the others, which have nothing yet.
        all(&good, &ids).await;
        for receiver in &bad {
            let (manner, heard) = (receiver.manner(), receiver.heard().len());
            assert!(heard == 0 || manner == Manner::Slow, "{manner:?} has heard {heard}");
        }
        let illness = Duration::from_millis(rng.u64(..LONGEST_ILLNESS));
        let until_given_up = rng.u8(..4) == 0;
        tokio::time::sleep(if until_given_up { GIVEN_UP } else { illness }).await;
        if rng.bool() {
            server.kill();
            server = serve(server.port()).start();
            killed += 1;
        }
        for (receiver, attempts) in bad.iter().zip(&mut attempts) {
            *attempts += receiver.attempts();
            receiver.recover().await;
        }
        for receiver in &bad {
            all(receiver, &ids).await;
        }
        for receiver in bad.iter().chain([&good]) {
            let at_once = receiver.most_at_once();
            assert!(at_once <= AT_ONCE, "{at_once} at a time to {:?}", receiver.manner());
            most = most.max(at_once);
            twice += receiver.repeated();
        }
        server.assert_calm();
        trial.progress(&format!("{} of {rounds} rounds", round + 1));
    }
    assert!(server.stop().success(), "{}", server.said());
    let made: Vec<String> = Manner::BAD
        .iter()
        .zip(attempts)
        .map(|(manner, attempts)| format!("{manner:?} {attempts}"))
        .collect();
    Summary::new("receivers")
        .line(format!(
            "{} messages to {} receivers, lost 0, heard more than once {twice}; {killed} servers \
             killed; at most {most} at a time to one",
            rounds as usize * MESSAGES * (Manner::BAD.len() + 1),
            rounds as usize * (Manner::BAD.len() + 1)
        ))
        .line(format!("requests seen while they were ill: {}", made.join(", ")))
}

/// Waits until a receiver has heard of all of these.
async fn all(receiver: &Receiver, ids: &[String]) {
    let since = Instant::now();
    loop {
        let heard = receiver.heard();
        let missing: BTreeSet<&String> = ids.iter().filter(|id| !heard.contains(*id)).collect();
        if missing.is_empty() {
            return;
        }
        let manner = receiver.manner();
        assert!(since.elapsed() < PATIENCE, "{manner:?} has not heard of {missing:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn listen(link: &HttpLink, id: &str, addresses: &[String]) {
    let create = PromiseCreate {
        id: id.into(),
        timeout_at: i64::MAX,
        param: Arc::default(),
        tags: Arc::default(),
    };
    ask(link, Request::PromiseCreate(create)).await;
    for address in addresses {
        let listen = RegisterListener { awaited: id.into(), address: address.clone() };
        ask(link, Request::PromiseRegisterListener(listen)).await;
    }
}

async fn settle(link: &HttpLink, id: &str) {
    let (state, value) = (SettleState::Resolved, Arc::default());
    ask(link, Request::PromiseSettle(PromiseSettle { id: id.into(), state, value })).await;
}

async fn ask(link: &HttpLink, request: Request) {
    let answer = link.call(request).await.expect("it answers");
    assert_eq!(answer.status, Status::Ok, "{answer:?}");
}
