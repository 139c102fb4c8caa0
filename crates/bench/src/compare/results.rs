use abide_bench::driver::Ready;
use serde_json::{Value, json};

use super::{
    candidate::Candidate,
    machine::Machine,
    sample::Sample,
    summary::{Figures, SHARES, Summary},
    workload::Workload,
};
use abide_bench::driver::Reply;

/// All that was measured.
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) seconds: f64,
    pub(crate) warmup: f64,
    pub(crate) rounds: u32,
    pub(crate) workloads: Vec<Workload>,
    pub(crate) systems: Vec<Candidate>,
    pub(crate) samples: Vec<Sample>,
}

impl Results {
    pub(crate) fn summary(&self, workload: usize, system: usize) -> Summary {
        let here = |sample: &&Sample| (sample.workload, sample.system) == (workload, system);
        Summary::of(self.samples.iter().filter(here))
    }

    /// The figures of each system for one workload.
    pub(crate) fn figures(&self, workload: usize) -> Vec<(&str, Figures)> {
        let each = self.systems.iter().enumerate();
        let figures = each.filter_map(|(number, system)| match self.summary(workload, number) {
            Summary::Figures(figures) => Some((&*system.name, figures)),
            Summary::None(_) => None,
        });
        figures.collect()
    }

    /// What a system said of itself when it was first up.
    pub(crate) fn ready(&self, system: usize) -> Option<&Ready> {
        let own = self.samples.iter().filter(|sample| sample.system == system);
        own.filter_map(|sample| sample.taken.ready.as_ref()).next()
    }

    /// Why a system was never up.
    pub(crate) fn never_up(&self, system: usize) -> Option<&str> {
        let mut own = self.samples.iter().filter(|sample| sample.system == system);
        let first = own.next()?;
        match (&first.taken.reply, self.ready(system)) {
            (Reply::Failed(why), None) => Some(why),
            _ => None,
        }
    }

    /// The raw data: each round of each system and workload.
    pub(crate) fn raw(&self) -> Value {
        let samples = self.samples.iter().map(|sample| {
            let taken = &sample.taken;
            let outcome = match &taken.reply {
                Reply::Answer(answer) => json!({ "figures": Figures::of(answer, &taken.cost) }),
                Reply::Unsupported(why) => json!({ "unsupported": why }),
                Reply::Failed(why) => json!({ "failed": why }),
            };
            json!({
                "workload": self.workloads[sample.workload].to_string(),
                "system": self.systems[sample.system].name,
                "round": sample.round,
                "attempts": taken.attempts,
                "stolen": taken.cost.stolen,
                "outcome": outcome,
            })
        });
        let systems = self.systems.iter().enumerate().map(|(number, system)| {
            let ready = self.ready(number);
            json!({
                "name": system.name,
                "version": ready.map(|ready| &ready.version),
                "durability": ready.map(|ready| &ready.durability),
            })
        });
        json!({
            "machine": self.machine,
            "seconds": self.seconds,
            "warmup": self.warmup,
            "rounds": self.rounds,
            "latency_shares": SHARES,
            "systems": systems.collect::<Vec<_>>(),
            "samples": samples.collect::<Vec<_>>(),
        })
    }
}
