//! Kill -9 under load: the server is loaded from several connections and killed at random moments.
//! After each restart every acknowledged write is there, nothing half-done is, every promise that
//! was listened to is heard of, and every schedule has run as often as it should have.

use std::time::Duration;

use super::{
    Trial,
    count::Count,
    ears::Ears,
    ledger::Ledger,
    pulse::Pulse,
    server::{Serve, Server},
    summary::Summary,
};

/// How often a store is killed before the trial goes on with a new one. Everything in a store is
/// compared after each kill, so this bounds what a round costs.
const KILLS_PER_STORE: u64 = 50;

/// The longest life of a server under load, in milliseconds.
const LONGEST_LIFE: u64 = 200;

/// The longest life of one that is killed while it starts, in milliseconds.
const LONGEST_START: u64 = 30;

/// How slow the disk is made: the slower, the more is under way at a crash.
const DELAYS: [&str; 3] = ["0ms", "1ms", "5ms"];

/// Payloads as most programs have them, and such that the store flushes and drops journals.
const FILLERS: [&[usize]; 3] = [&[0], &[0, 200], &[0, 4 << 10, 64 << 10]];

/// Kills a server so many times.
///
/// # Panics
/// When something acknowledged is lost, or anything else is not as it must be.
pub async fn run(trial: &Trial, rounds: u64) -> Summary {
    let mut rng = trial.rng();
    let (mut count, mut lives) = (Count::default(), Lives::default());
    let mut left = rounds;
    while left > 0 {
        let kills = left.min(KILLS_PER_STORE);
        count += store(trial, kills, &mut rng, &mut lives).await;
        left -= kills;
        trial.progress(&format!("{} of {rounds} kills: {count}", rounds - left));
    }
    // A trial that did nothing proves nothing.
    let acknowledged = u64::try_from(count.acknowledged).expect("it fits");
    assert!(acknowledged >= rounds * 5, "too little was done: {count}");
    let Lives { killed, asked, in_start, runs, offered } = lives;
    Summary::new("kill")
        .line(format!(
            "{killed} servers killed under load, {asked} asked to end under load, {in_start} \
             killed while they started"
        ))
        .line(count.to_string())
        .line(format!(
            "{offered} tasks waited through it all and were offered; {runs} runs of schedules, \
             missed 0"
        ))
}

/// What became of the servers.
#[derive(Default)]
struct Lives {
    killed: u64,
    asked: u64,
    in_start: u64,
    runs: usize,
    offered: usize,
}

/// The life of one store.
async fn store(trial: &Trial, kills: u64, rng: &mut fastrand::Rng, lives: &mut Lives) -> Count {
    let directory = trial.directory();
    let serve = |port, delay| {
        Serve::new(&trial.binary, directory.path(), port).options(&["--sync-delay", delay])
    };
    let mut server = serve(0, DELAYS[0]).start();
    let port = server.port();
    let ears = Ears::connect(&server.link());
    let mut ledger = Ledger::new(rng.choice(FILLERS).expect("there are some"), rng);
    let mut pulse = Pulse::start(&server.link()).await;

    for _ in 0..kills {
        let load = ledger.load(|| server.link());
        tokio::time::sleep(Duration::from_millis(rng.u64(1..LONGEST_LIFE))).await;
        end(&mut server, rng, lives);
        ledger.take_back(load.ended().await);
        server.assert_calm();

        let serve = serve(port, rng.choice(DELAYS).expect("there are some"));
        if rng.u8(..8) == 0 {
            serve.start_in_vain(Duration::from_millis(rng.u64(..LONGEST_START)));
            lives.in_start += 1;
        }
        server = serve.start();
        let link = server.link();
        ledger.check(&link, &mut [&mut pulse]).await;
        ledger.hear(&ears, &link).await;
        server.assert_calm();
    }

    let link = server.link();
    ledger.finish(&link).await;
    ledger.check(&link, &mut [&mut pulse]).await;
    ledger.hear(&ears, &link).await;
    lives.offered += ledger.serve_what_waits(&link).await;
    ledger.check(&link, &mut [&mut pulse]).await;
    lives.runs += pulse.runs();
    assert!(server.stop().success(), "{}", server.said());
    ledger.count()
}

/// Mostly kills it; sometimes ends it as an operator does.
fn end(server: &mut Server, rng: &mut fastrand::Rng, lives: &mut Lives) {
    if rng.u8(..10) == 0 {
        assert!(server.stop().success(), "{}", server.said());
        lives.asked += 1;
    } else {
        server.kill();
        lives.killed += 1;
    }
}
