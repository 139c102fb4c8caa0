//! A disk that fails under load: syncs and writes that end with an error, and a disk that is full.
//! The server answers 503, acknowledges nothing that does not last, and goes on by itself when the
//! disk does; one that is started meanwhile starts, or ends with the reason.

use std::time::{Duration, Instant};

use super::{
    PATIENCE, Trial,
    count::Count,
    ears::Ears,
    ledger::Ledger,
    probe::Probes,
    pulse::Pulse,
    server::{Serve, Server},
    summary::Summary,
};
use crate::shim::{Calls, Fault, Shim};

/// How often the disk of a store fails before the trial goes on with a new one.
const FAILURES_PER_STORE: u64 = 20;

/// How long the server works before the disk fails, at most, in milliseconds.
const LONGEST_LIFE: u64 = 100;

/// How long the disk stays as it is, at most, in milliseconds.
const LONGEST_FAILURE: u64 = 300;

/// How long is waited for the load to notice. It need not: a fault that hits what is done in the
/// background stops nobody.
const NOTICE: Duration = Duration::from_millis(300);

/// The most calls that succeed before one fails.
const MOST_CALLS: u64 = 40;

/// Payloads; the large ones have journals exchanged and tables written.
const FILLERS: [&[usize]; 2] = [&[0, 200], &[0, 4 << 10, 64 << 10]];

/// What is wrong with the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Syncs, and sometimes writes, fail with an I/O error.
    Sync,
    /// It is full.
    Space,
}

impl Wrong {
    fn name(self) -> &'static str {
        match self {
            Wrong::Sync => "sync",
            Wrong::Space => "space",
        }
    }

    fn draw(self, rng: &mut fastrand::Rng) -> Fault {
        let fault = match self {
            Wrong::Sync if rng.u8(..4) == 0 => Fault { calls: Calls::WRITE, ..Fault::no_sync() },
            Wrong::Sync => Fault::no_sync(),
            Wrong::Space if rng.u8(..4) == 0 => {
                Fault { calls: Calls::CREATE.and(Calls::SIZE), ..Fault::no_space() }
            }
            Wrong::Space => Fault::no_space(),
        };
        let times = *rng.choice(&[1, 3, u64::MAX, u64::MAX]).expect("there are some");
        Fault { after: rng.u64(..MOST_CALLS), times, ..fault }
    }

    /// What the system says.
    fn reason(self) -> &'static str {
        match self {
            Wrong::Sync => "Input/output error",
            Wrong::Space => "No space left on device",
        }
    }
}

/// What came of the failures.
#[derive(Default)]
struct Tally {
    failed_calls: u64,
    refused: usize,
    acknowledged: usize,
    killed: u64,
    started: u64,
    not_started: u64,
}

/// Lets the disk fail so many times.
///
/// # Panics
/// When something acknowledged is lost, or anything else is not as it must be.
pub async fn run(trial: &Trial, rounds: u64, wrong: Wrong) -> Summary {
    let mut rng = trial.rng();
    let (mut count, mut tally) = (Count::default(), Tally::default());
    let mut left = rounds;
    while left > 0 {
        let failures = left.min(FAILURES_PER_STORE);
        count += store(trial, failures, wrong, &mut rng, &mut tally).await;
        left -= failures;
        trial.progress(&format!("{} of {rounds} failures: {count}", rounds - left));
    }
    let Tally { failed_calls, refused, acknowledged, killed, started, not_started } = tally;
    assert!(failed_calls * 4 >= rounds, "hardly any call failed: {failed_calls}");
    Summary::new(wrong.name())
        .line(format!("{rounds} times the disk failed under load, {failed_calls} calls in all"))
        .line(format!(
            "meanwhile {refused} requests were answered 503 and {acknowledged} acknowledged; \
             {killed} servers killed, {started} started, {not_started} ended with the reason"
        ))
        .line(count.to_string())
}

async fn store(
    trial: &Trial,
    failures: u64,
    wrong: Wrong,
    rng: &mut fastrand::Rng,
    tally: &mut Tally,
) -> Count {
    let directory = trial.directory();
    let data = directory.path().join("data");
    let shim = Shim::build(directory.path()).expect("the shim can be built");
    let serve = |port| Serve::new(&trial.binary, &data, port).environment(shim.env(&data));
    let mut server = serve(0).start();
    let port = server.port();
    let ears = Ears::connect(&server.link());
    let mut ledger = Ledger::new(rng.choice(FILLERS).expect("there are some"), rng);
    let mut pulse = Pulse::start(&server.link()).await;
    let mut probes = Probes::default();
    for _ in 0..failures {
        let load = ledger.load(|| server.link());
        sleep(rng.u64(1..LONGEST_LIFE)).await;
        let fault = wrong.draw(rng);
        shim.fail(&fault).expect("the shim listens");
        let since = Instant::now();
        while !load.gave_up() && since.elapsed() < NOTICE {
            sleep(5).await;
        }
        if load.gave_up() {
            // The refusal may come before the line in the log.
            let since = Instant::now();
            while !server.said().contains(wrong.reason()) && since.elapsed() < NOTICE {
                sleep(5).await;
            }
            let said = server.said();
            assert!(said.contains(wrong.reason()), "it does not say why it cannot commit: {said}");
        }
        let until = Duration::from_millis(rng.u64(..LONGEST_FAILURE));
        let since = Instant::now();
        while since.elapsed() < until {
            tally.acknowledged += usize::from(probes.ask(&server.link()).await);
            sleep(20).await;
        }
        let killed = rng.u8(..4) == 0;
        if killed {
            server.kill();
            tally.killed += 1;
        }
        ledger.take_back(load.stop().await);
        if killed {
            match serve(port).try_start() {
                Ok(started) => {
                    tally.started += 1;
                    server = started;
                }
                Err(said) => {
                    tally.not_started += 1;
                    assert!(said.contains(wrong.reason()) && !said.contains("panicked"), "{said}");
                }
            }
        }
        tally.failed_calls += shim.failed().expect("the shim counts");
        shim.heal().expect("the shim listens");
        if server.ended().is_some() {
            assert!(killed, "the server ended: {}", server.said());
            server = serve(port).start();
        }
        ready(&server, &mut probes).await;
        let link = server.link();
        ledger.check(&link, &mut [&mut pulse, &mut probes]).await;
        ledger.hear(&ears, &link).await;
        server.assert_calm();
    }
    let link = server.link();
    ledger.finish(&link).await;
    // Nothing is as it was in memory only.
    server.kill();
    server = serve(port).start();
    ledger.check(&link, &mut [&mut pulse, &mut probes]).await;
    ledger.hear(&ears, &link).await;
    assert!(server.stop().success(), "{}", server.said());
    tally.refused += probes.refused();
    ledger.count()
}

/// Waits until the server commits again.
async fn ready(server: &Server, probes: &mut Probes) {
    let since = Instant::now();
    while !probes.ask(&server.link()).await {
        assert!(since.elapsed() < PATIENCE, "it does not recover: {}", server.said());
        sleep(10).await;
    }
}

async fn sleep(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
