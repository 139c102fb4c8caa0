use abide_protocol::Millis;

/// By how much a node's time goes slower than time while it waits for the system's clock.
const SLOWER: Millis = 2;

/// The time of the system, in Unix milliseconds. It may go back.
pub(crate) fn system() -> Millis {
    #[cfg(feature = "testing")]
    if let Some(now) = set::TIME.get() {
        return now;
    }
    crate::sync::now()
}

/// Milliseconds that nobody sets, since some moment. In a simulation, which says what time it is,
/// they stand still.
fn steady() -> Millis {
    #[cfg(feature = "testing")]
    if set::TIME.get().is_some() {
        return 0;
    }
    crate::sync::steady()
}

/// The time that a simulation has set for the nodes of its thread.
#[cfg(feature = "testing")]
pub(crate) mod set {
    use std::cell::Cell;

    use abide_protocol::Millis;

    thread_local! {
        pub(crate) static TIME: Cell<Option<Millis>> = const { Cell::new(None) };
    }
}

/// The time of a node: the system's, which never goes back here.
///
/// When the system's clock is set back, or is behind what was acknowledged before a restart, time
/// does not stand still until it has caught up, which may take hours: no lease would end and no
/// deadline pass. It goes on at half the speed instead, so that all of these come, late by as much
/// again at most, and the difference shrinks.
#[derive(Debug)]
pub(crate) struct Clock {
    /// When the system's clock was believed last, and what it was.
    since: Millis,
    then: Millis,
}

impl Clock {
    /// A clock that begins now.
    pub(crate) fn new() -> Self {
        Clock { since: steady(), then: system() }
    }

    /// The time.
    pub(crate) fn now(&mut self) -> Millis {
        self.at(steady(), system())
    }

    /// Is never earlier than this from now on.
    pub(crate) fn not_before(&mut self, floor: Millis) {
        let now = steady();
        if self.at(now, system()) < floor {
            *self = Clock { since: now, then: floor };
        }
    }

    fn at(&mut self, now: Millis, system: Millis) -> Millis {
        let elapsed = now.saturating_sub(self.since).max(0);
        let least = self.then.saturating_add(elapsed / SLOWER);
        if system >= least {
            *self = Clock { since: now, then: system };
            return system;
        }
        least
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Millis = 3_600_000;

    fn clock(then: Millis) -> (Clock, impl Fn(Millis) -> Millis) {
        let since = 77;
        (Clock { since, then }, move |millis| since + millis)
    }

    #[test]
    fn it_is_the_system_s_time_while_that_goes_on() {
        let (mut clock, after) = clock(HOUR);
        assert_eq!(clock.at(after(10), HOUR + 10), HOUR + 10);
        assert_eq!(clock.at(after(20), 5 * HOUR), 5 * HOUR);
    }

    #[test]
    fn it_goes_on_at_half_the_speed_when_the_system_s_goes_back() {
        let (mut clock, after) = clock(5 * HOUR);
        assert_eq!(clock.at(after(0), 2 * HOUR), 5 * HOUR);
        for millis in (0..10_000).step_by(10) {
            let expected = 5 * HOUR + millis / 2;
            assert_eq!(clock.at(after(millis), 2 * HOUR + millis), expected);
        }
    }

    #[test]
    fn it_is_the_system_s_again_when_that_has_caught_up() {
        let (mut clock, after) = clock(1_000);
        assert_eq!(clock.at(after(10), 900), 1_005);
        assert_eq!(clock.at(after(150), 1_040), 1_075);
        assert_eq!(clock.at(after(300), 1_200), 1_200);
        assert_eq!(clock.at(after(310), 1_210), 1_210);
    }

    #[test]
    fn it_never_goes_back() {
        let (mut clock, after) = clock(HOUR);
        let (mut elapsed, mut last) = (0, 0);
        for n in 0..10_000 {
            // Steps of all sizes in both directions, and pauses of all lengths.
            elapsed += n * 7_919 % 1_000;
            let now = clock.at(after(elapsed), n * 104_729 % (20 * HOUR));
            assert!(now >= last, "{now} after {last}");
            last = now;
        }
    }

    #[test]
    fn it_begins_where_it_must() {
        let mut clock = Clock::new();
        let floor = system() + HOUR;
        clock.not_before(floor);
        assert!(clock.now() >= floor);
        clock.not_before(0);
        assert!(clock.now() >= floor);
    }
}
