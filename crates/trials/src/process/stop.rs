//! The server stands still: SIGSTOP and SIGCONT under load, and kill -9 while it stands. Nobody
//! gets a wrong answer, nothing is done twice, and what was asked meanwhile is answered afterwards.

use std::time::Duration;

use rustix::process::Signal;

use super::{
    Trial, count::Count, ears::Ears, ledger::Ledger, pulse::Pulse, server::Serve, summary::Summary,
};

/// How often a store is stopped before the trial goes on with a new one.
const STOPS_PER_STORE: u64 = 25;

/// How long the server works before it is stopped and after it, at most, in milliseconds.
const LONGEST_LIFE: u64 = 120;

/// How long it stands still, at most, in milliseconds.
const LONGEST_STOP: u64 = 500;

/// Stops a server so many times.
///
/// # Panics
/// When something acknowledged is lost, or anything else is not as it must be.
pub async fn run(trial: &Trial, rounds: u64) -> Summary {
    let mut rng = trial.rng();
    let (mut count, mut killed) = (Count::default(), 0);
    let mut left = rounds;
    while left > 0 {
        let stops = left.min(STOPS_PER_STORE);
        count += store(trial, stops, &mut rng, &mut killed).await;
        left -= stops;
        trial.progress(&format!("{} of {rounds} stops: {count}", rounds - left));
    }
    Summary::new("stop")
        .line(format!("{rounds} servers stopped under load, {killed} of them killed while stopped"))
        .line(count.to_string())
}

async fn store(trial: &Trial, stops: u64, rng: &mut fastrand::Rng, killed: &mut u64) -> Count {
    let directory = trial.directory();
    let mut server = Serve::new(&trial.binary, directory.path(), 0).start();
    let serve = Serve::new(&trial.binary, directory.path(), server.port());
    let ears = Ears::connect(&server.link());
    let mut ledger = Ledger::new(&[0, 200], rng);
    let mut pulse = Pulse::start(&server.link()).await;
    for _ in 0..stops {
        let mut pause = |most| tokio::time::sleep(Duration::from_millis(rng.u64(1..most)));
        let load = ledger.load(|| server.link());
        pause(LONGEST_LIFE).await;
        server.signal(Signal::STOP);
        pause(LONGEST_STOP).await;
        if rng.u8(..4) == 0 {
            server.kill();
            *killed += 1;
            ledger.take_back(load.ended().await);
            server = serve.start();
        } else {
            server.signal(Signal::CONT);
            tokio::time::sleep(Duration::from_millis(rng.u64(1..LONGEST_LIFE))).await;
            assert!(!load.gave_up(), "a request was not answered");
            ledger.take_back(load.stop().await);
        }
        let link = server.link();
        ledger.check(&link, &mut [&mut pulse]).await;
        ledger.hear(&ears, &link).await;
        server.assert_calm();
    }
    let link = server.link();
    ledger.finish(&link).await;
    ledger.check(&link, &mut [&mut pulse]).await;
    ledger.hear(&ears, &link).await;
    assert!(server.stop().success(), "{}", server.said());
    ledger.count()
}
