//! Each lane begins an operation when its last one has ended.

use std::time::Instant;

use super::{
    Lane, Timing,
    tally::{Tally, Window},
};

pub(super) async fn lane(mut lane: impl Lane, window: Window, prefix: String) -> Tally {
    let mut tally = Tally::default();
    for turn in 0u64.. {
        let begun = Instant::now();
        let outcome = lane.operate(&format!("{prefix}-{turn}")).await;
        let ended = Instant::now();
        let goes_on = tally.goes_on(&outcome).await;
        if let Ok(timing) = outcome {
            let elapsed = match timing {
                Timing::Whole => ended - begun,
                Timing::Part(part) => part,
            };
            // By their ends, so that long operations count as often as they happen.
            if window.holds(ended) {
                tally.latency.add(elapsed);
                tally.operations += 1;
            }
            if ended >= window.opens {
                tally.late.add(elapsed);
                tally.last = Some(ended);
            }
        }
        if !goes_on || ended >= window.closes {
            break;
        }
    }
    tally
}
