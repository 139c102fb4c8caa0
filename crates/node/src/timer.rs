use std::{sync::Arc, time::Duration};

use abide_engine::Input;
use abide_protocol::Millis;

use crate::{shared::Shared, state::Phase, sync};

/// The longest sleep. The system's clock may be set while the timer sleeps by another one.
const LONGEST: Duration = Duration::from_secs(60);

/// The thread that wakes the shard when it wants to be woken, and sleeps until then. A task would do,
/// but a runtime's timers are good to two milliseconds, and those of a thread to a tenth of one.
pub(crate) fn run(shared: &Arc<Shared>) {
    loop {
        let left = {
            let mut state = shared.lock();
            if matches!(state.phase, Phase::Closed) {
                return;
            }
            let now = state.clock.now();
            state.alarm.map_or(LONGEST, |alarm| until(alarm, now))
        };
        if left.is_zero() {
            shared.drive(|state| {
                state.alarm = None;
                state.feed(Input::Tick);
            });
        } else {
            let _ = sync::wait_for(left, shared.timer.notified());
        }
    }
}

/// How long to sleep for what is due at a moment: it is due as its millisecond begins.
fn until(alarm: Millis, now: Millis) -> Duration {
    let left = Duration::from_millis(alarm.saturating_sub(now).max(0).unsigned_abs());
    left.saturating_sub(sync::begun()).min(LONGEST)
}
