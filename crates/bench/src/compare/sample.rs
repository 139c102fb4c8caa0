use std::collections::{BTreeMap, BTreeSet};

use abide_bench::driver::{Ready, Reply};
use serde::Serialize;

use super::{syncs::Counter, ticks::Ticks};
use crate::processes::{self, Usage};

/// A load is measured again if the host of the machine gave more than this share of the processors'
/// time to others. What a load suffers from that has little to do with the system, and the median of a
/// few rounds does not mend it.
pub(crate) const DISTURBED: f64 = 0.05;

/// One system, one workload, one round.
pub(crate) struct Sample {
    pub(crate) workload: usize,
    pub(crate) system: usize,
    pub(crate) round: u32,
    pub(crate) taken: Taken,
}

/// What was measured.
pub(crate) struct Taken {
    /// How often, until nobody disturbed it; this is the least disturbed one.
    pub(crate) attempts: u32,
    pub(crate) ready: Option<Ready>,
    pub(crate) reply: Reply,
    pub(crate) cost: Cost,
}

impl Taken {
    pub(crate) fn failed(why: String) -> Self {
        Taken { attempts: 1, ready: None, reply: Reply::Failed(why), cost: Cost::default() }
    }

    /// It says what it says, but of a machine that was not there all the time.
    pub(crate) fn disturbed(&self) -> bool {
        let answered = matches!(self.reply, Reply::Answer(_));
        answered && self.cost.stolen.is_some_and(|stolen| stolen > DISTURBED)
    }

    /// Has it measured again until nobody disturbs it, so often at most, the first time included. Gives
    /// the least disturbed one, or one that failed, which is told.
    pub(crate) fn repeated(mut self, most: u32, mut again: impl FnMut() -> Taken) -> Taken {
        while self.disturbed() && self.attempts < most {
            let attempts = self.attempts + 1;
            let next = again();
            if !next.disturbed() || next.cost.stolen < self.cost.stolen {
                self = next;
            }
            self.attempts = attempts;
        }
        self
    }
}

/// What a job has cost the processes of a system.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Cost {
    /// Memory before the job, in bytes, by what the processes are for.
    pub(crate) idle_bytes: BTreeMap<String, u64>,
    /// Memory right after it.
    pub(crate) memory_bytes: BTreeMap<String, u64>,
    /// Processor time and bytes written during it.
    pub(crate) used: BTreeMap<String, Usage>,
    /// Calls that sync; `None` where they cannot be counted.
    pub(crate) syncs: Option<u64>,
    /// The share of all processors' time that the machine's host gave to others meanwhile; `None` where
    /// the kernel does not say.
    pub(crate) stolen: Option<f64>,
}

/// What the system says at one moment.
pub(crate) struct Look {
    /// All processes of the system.
    pub(crate) pids: BTreeSet<u32>,
    memory: BTreeMap<String, u64>,
    usage: BTreeMap<String, Usage>,
    /// `None` where the library does not count them.
    pub(crate) syncs: Option<u64>,
    ticks: Option<Ticks>,
}

impl Look {
    pub(crate) fn at(ready: &Ready, counter: Option<&Counter>) -> Self {
        let families = families(ready);
        let all: BTreeSet<u32> = families.values().flatten().copied().collect();
        let counter = counter.filter(|counter| !all.is_empty() && counter.sees(&all));
        let each = families.iter();
        Look {
            memory: each
                .clone()
                .map(|(role, pids)| (role.clone(), processes::memory(pids)))
                .collect(),
            usage: each.map(|(role, pids)| (role.clone(), processes::usage(pids))).collect(),
            syncs: counter.and_then(|counter| counter.read().ok()),
            pids: all,
            ticks: Ticks::now(),
        }
    }

    /// What there was between this look and a later one.
    pub(crate) fn until(self, later: Look) -> Cost {
        let used = later.usage.into_iter().map(|(role, usage)| {
            let before = self.usage.get(&role).copied().unwrap_or_default();
            (role, usage - before)
        });
        Cost {
            used: used.collect(),
            idle_bytes: self.memory,
            memory_bytes: later.memory,
            syncs: self.syncs.zip(later.syncs).map(|(before, after)| after.saturating_sub(before)),
            stolen: self.ticks.zip(later.ticks).map(|(before, after)| before.stolen_until(after)),
        }
    }
}

/// The processes of a system and their descendants, by what they are for. Those that are listed
/// belong where they are listed, also when they are children of others.
fn families(ready: &Ready) -> BTreeMap<String, BTreeSet<u32>> {
    let listed: BTreeSet<u32> = ready.pids.values().flatten().copied().collect();
    let each = ready.pids.iter().map(|(role, own)| {
        let mut family = processes::family(own);
        for pid in listed.iter().filter(|pid| !own.contains(pid)) {
            if family.contains(pid) {
                let other = processes::family(&[*pid]);
                family.retain(|pid| !other.contains(pid));
            }
        }
        (role.clone(), family)
    });
    each.collect()
}
