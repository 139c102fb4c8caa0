//! Crash proof: the real server is loaded from several connections and killed with -9 at random
//! moments. After each restart every acknowledged write is there, nothing half-done is, and every
//! promise that was listened to is heard of.
//!
//! `ABIDE_CRASH_ROUNDS` sets how often it is killed (25), `ABIDE_CRASH_SEED` what is done and
//! when (random; it is printed).

#![allow(unreachable_pub, reason = "nobody uses a test as a library")]

mod ears;
mod ledger;
mod load;
mod model;
mod script;
mod snapshot;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use abide_client::HttpLink;

use crate::{ears::Ears, ledger::Ledger, support::Abide};

/// How many times the server is killed unless said otherwise.
const ROUNDS: u64 = 25;

/// How many connections load it.
const CONNECTIONS: usize = 6;

/// The longest life of a server under load, in milliseconds.
const LONGEST_LIFE: u64 = 250;

/// How slow the disk is made: the slower, the more is under way at a crash.
const DELAYS: [&str; 3] = ["0ms", "1ms", "5ms"];

fn dial(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text:?}")))
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let rounds = dial("ABIDE_CRASH_ROUNDS").unwrap_or(ROUNDS);
    let seed = dial("ABIDE_CRASH_SEED").unwrap_or_else(|| fastrand::u64(..));
    eprintln!("ABIDE_CRASH_SEED={seed} ABIDE_CRASH_ROUNDS={rounds}");
    let mut rng = fastrand::Rng::with_seed(seed);

    let directory = tempfile::tempdir().unwrap();
    let serve = |port, delay| {
        Abide::serve_with(directory.path(), port, &["--debug", "--sync-delay", delay])
    };
    let mut server = serve(0, DELAYS[0]);
    let port = server.port();
    let link = || HttpLink::new(&format!("http://127.0.0.1:{port}")).unwrap();

    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let _guard = runtime.enter();
    let ears = Ears::connect(&link());
    let mut ledger = Ledger::new(CONNECTIONS, rng.fork());

    for round in 0..rounds {
        let load = ledger.load(&runtime, link);
        std::thread::sleep(Duration::from_millis(rng.u64(1..LONGEST_LIFE)));
        server.kill();
        ledger.take_back(runtime.block_on(load.stopped()));

        server = serve(port, rng.choice(DELAYS).expect("there are some"));
        let link = link();
        runtime.block_on(async {
            ledger.check(&link).await;
            ledger.hear(&ears, &link).await;
        });
        assert!(!server.said().contains("panicked"), "round {round}: {}", server.said());
    }

    runtime.block_on(async {
        let link = link();
        ledger.finish(&link).await;
        ledger.check(&link).await;
        ledger.hear(&ears, &link).await;
        ledger.serve_what_waits(&link).await;
        ledger.check(&link).await;
    });
    eprintln!("{}", ledger.summary());
    ledger.assert_enough_was_done(rounds);
    assert_eq!(server.stop(), Some(0));
}
