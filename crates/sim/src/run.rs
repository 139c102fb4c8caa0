use std::{
    cell::RefCell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Once,
};

use abide_machine::testing::Tally;
use abide_protocol::Millis;

use crate::{
    setting::Setting,
    world::{Counts, World},
};

/// Nothing panics, whatever happens.
pub(crate) const PANICS: &str = "nothing panics";

/// A run in which nothing was found.
#[derive(Clone, Debug)]
pub struct Run {
    /// Which.
    pub seed: u64,
    /// Of everything that has happened: the same in every run of the seed.
    pub hash: u64,
    /// How much has happened.
    pub counts: Counts,
    /// How long it took, in the time of the simulation.
    pub simulated: Millis,
    /// How often each property could have failed.
    pub tally: Tally,
    /// What has happened, if it was asked for.
    pub story: Vec<String>,
}

/// A run in which something is wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which.
    pub seed: u64,
    /// Who has found it.
    pub checker: &'static str,
    /// What.
    pub why: String,
    /// When, in milliseconds from the beginning.
    pub at: Millis,
    /// Of everything that has happened until then.
    pub hash: u64,
    /// What has happened, if it was asked for.
    pub story: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { seed, checker, why, at, .. } = self;
        write!(f, "seed {seed} at {at} ms: {checker}: {why}")
    }
}

impl std::error::Error for Failure {}

/// Runs a seed.
///
/// # Errors
/// With what a checker has found.
#[allow(clippy::result_large_err, reason = "a failure ends a campaign")]
pub fn run(seed: u64, setting: &Setting) -> Result<Run, Failure> {
    quieten();
    PANIC.set(Some(String::new()));
    let end = catch_unwind(AssertUnwindSafe(|| World::new(seed, setting).run(&setting.blind)));
    let panic = PANIC.take().unwrap_or_default();
    abide_node::testing::set_clock(None);
    let end = match end {
        Ok(end) => end,
        Err(_) => {
            let (checker, story) = (PANICS, Vec::new());
            return Err(Failure { seed, checker, why: panic, at: 0, hash: 0, story });
        }
    };
    match end.broken {
        Some((broken, at)) => Err(Failure {
            seed,
            checker: broken.checker,
            why: broken.why,
            at,
            hash: end.hash,
            story: end.story,
        }),
        None => Ok(Run {
            seed,
            hash: end.hash,
            counts: end.counts,
            simulated: end.simulated,
            tally: end.tally,
            story: end.story,
        }),
    }
}

thread_local! {
    /// The panic of the run under way in this thread, if one is.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Has panics in runs kept instead of printed.
fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let kept = PANIC.with_borrow_mut(|panic| match panic {
                Some(text) => {
                    *text = info.to_string();
                    true
                }
                None => false,
            });
            if !kept {
                before(info);
            }
        }));
    });
}
