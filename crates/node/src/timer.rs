use std::{sync::Arc, time::Duration};

use abide_engine::Input;

use crate::{shared::Shared, state::Phase, sync};

/// The longest sleep. The system's clock may be set while the timer sleeps by another one.
const LONGEST: Duration = Duration::from_secs(60);

/// The task that wakes the shard when it wants to be woken. It sleeps until then, and for good
/// while nothing is due.
pub(crate) async fn run(shared: Arc<Shared>) {
    loop {
        let alarm = {
            let mut state = shared.lock();
            if matches!(state.phase, Phase::Closed) {
                return;
            }
            state.alarm.map(|alarm| (alarm, state.clock.now()))
        };
        let Some((alarm, now)) = alarm else {
            shared.timer.notified().await;
            continue;
        };
        let left = alarm.saturating_sub(now);
        if left > 0 {
            // What is due at a moment is due as its millisecond begins.
            let left = Duration::from_millis(left.unsigned_abs()).saturating_sub(sync::begun());
            let left = left.min(LONGEST);
            let moved = shared.timer.notified();
            let _ = sync::timeout(left, moved).await;
            continue;
        }
        shared.drive(|state| {
            state.alarm = None;
            state.feed(Input::Tick);
        });
    }
}
