//! What a program under test notes down.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::SystemTime,
};

use super::{process::Process, sim::Sim};

thread_local! {
    /// The world that runs in this thread.
    static WORLD: RefCell<Option<Arc<Sim>>> = const { RefCell::new(None) };
}

/// Notes of one run.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// How often something was noted, by the promise of the function that noted it.
    pub(super) counts: BTreeMap<(String, String), u64>,
    /// The places where a process has crashed.
    crashed: HashSet<String>,
}

/// While it exists, a world runs in this thread.
pub(super) struct Inside;

impl Inside {
    pub(super) fn of(sim: &Arc<Sim>) -> Self {
        WORLD.set(Some(sim.clone()));
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        WORLD.set(None);
    }
}

fn world() -> Option<Arc<Sim>> {
    WORLD.with_borrow(Clone::clone)
}

/// Notes that something was done, together with the id of the durable function that did it, so
/// that a test can see how often ([`Run::noted`](super::Run::noted)). A crash does not erase it:
/// notes belong to the run and not to a process. Outside of a [`World`](super::World) it does
/// nothing.
pub fn note(what: impl Into<String>) {
    if let Some(sim) = world() {
        let key = (crate::id().unwrap_or_default(), what.into());
        *sim.state().notes.counts.entry(key).or_default() += 1;
    }
}

/// The virtual time; the system's time outside of a [`World`](super::World).
///
/// ```
/// # use std::time::Duration;
/// # use abide::test::{World, now};
/// World::new().run(|_| async {
///     let begun = now();
///     tokio::time::sleep(Duration::from_secs(24 * 3_600)).await;    // takes no time
///     assert_eq!(now().duration_since(begun)?, Duration::from_secs(24 * 3_600));
///     Ok(())
/// });
/// ```
pub fn now() -> SystemTime {
    crate::clock::system()
}

/// Crashes the process that runs this, the first time that a run comes here. Every place needs a
/// name of its own. It comes back when it has come here before, and outside of a
/// [`World`](super::World).
pub async fn crash_once(place: &str) {
    let (Some(sim), Some(process)) = (world(), Process::current()) else { return };
    {
        let mut state = sim.state();
        if !state.notes.crashed.insert(place.to_owned()) {
            return;
        }
        state.say(Some(&process), format!("is at {place:?}"));
        state.crash(&process);
    }
    std::future::pending().await
}
