//! The binary of this build, killed with -9 under load a few times. The campaign with the same
//! code is `abide-trials process --only kill`.

use std::path::Path;

use abide_trials::process::{Trial, kill};

/// How many times the server is killed.
const ROUNDS: u64 = 10;

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let trial = Trial::new(Path::new(env!("CARGO_BIN_EXE_abide")), seed);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    eprintln!("{}", runtime.unwrap().block_on(kill::run(&trial, ROUNDS)));
}
