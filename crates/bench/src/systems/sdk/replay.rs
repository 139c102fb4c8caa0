//! How long it takes to go on with a long history.

use std::time::{Duration, Instant};

use abide::prelude::*;
use abide_bench::driver::{self, Answer, Order, Resume};

use super::{
    lane::{heard, resolve},
    programs::{self, history, saved_history},
};

/// How often one execution goes on, at most.
const TIMES: u32 = 1_000;

/// An execution that waits is given so long to be suspended, and to write what it owes.
const SUSPENDED: Duration = Duration::from_millis(50);

/// Makes the history once and then goes on with it, again and again for as long as is measured.
pub(super) async fn measure(
    abide: &Abide,
    order: &Order,
    prefix: &str,
    steps: u32,
    from: Resume,
) -> abide::Result<Answer> {
    // A worker of its own. Without a place for what is suspended, every resumption is a replay.
    let warm = if from == Resume::Warm { 1 } else { 0 };
    let abide = abide.clone().group("replay").warm(warm);
    let mut told = programs::listen(prefix);
    let root = prefix.to_owned();
    let made = Instant::now();
    let execution = match from {
        Resume::Saved => abide.start(prefix, saved_history(root, steps, TIMES)).await?,
        Resume::Cold | Resume::Warm => abide.start(prefix, history(root, steps, TIMES)).await?,
    };
    let (mut times, mut waits_for) = heard(told.recv().await)?;
    let mut answer = Answer::default();
    answer.figures.insert("history_s".into(), made.elapsed().as_secs_f64());
    driver::begin().map_err(|error| Error::application(error.to_string()))?;
    let begun = Instant::now();
    while times < TIMES && (times == 0 || begun.elapsed().as_secs_f64() < order.seconds) {
        tokio::time::sleep(SUSPENDED).await;
        let resolved = resolve(&abide, &waits_for).await?;
        // A replay says again what was said before.
        let next = loop {
            let next = heard(told.recv().await)?;
            if next.0 > times {
                break next;
            }
        };
        answer.latency_us.add(resolved.elapsed());
        answer.operations += 1;
        (times, waits_for) = next;
    }
    answer.seconds = begun.elapsed().as_secs_f64();
    answer.all = answer.operations;
    programs::leave(prefix);
    execution.cancel().await?;
    Ok(answer)
}
