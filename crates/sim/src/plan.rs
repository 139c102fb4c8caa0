//! What a seed chooses before the run begins: who takes part, what goes wrong and how often. Few
//! runs have everything: what only shows when something else is absent would never be seen.

mod dial;

pub use dial::Dial;

use abide_machine::Config;
use abide_node::Limits;
use abide_protocol::{Extensions, Millis, extension};

use crate::{Setting, chance::Chance, disk::DiskFaults};

/// What a run is made of.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    rates: [u32; Dial::ALL.len()],
    /// How long things go wrong.
    pub(crate) span: Millis,
    pub(crate) config: abide_node::Config,
    /// Two nodes may reach the store, instead of it being a part of the one.
    pub(crate) shared: bool,
    /// How long a read, a commit and a message take at most.
    pub(crate) read: Millis,
    pub(crate) commit: Millis,
    pub(crate) travel: Millis,
    /// How long a client waits for an answer.
    pub(crate) patience: Millis,
    /// How long clients think between two things that they do.
    pub(crate) pause: Millis,
    /// How many trees of promises are worked on at a time: the fewer, the more clients meet.
    pub(crate) trees: usize,
    /// How long it takes until new trees are begun.
    pub(crate) season: Millis,
    /// What decides the programs that processes of the SDK execute, and what these are.
    pub(crate) programs: u64,
}

impl Plan {
    /// The plan of a seed.
    pub(crate) fn new(chance: &mut Chance, setting: &Setting) -> Self {
        let mut rates = [0; Dial::ALL.len()];
        for dial in Dial::ALL {
            rates[dial as usize] = dial.choose(chance);
        }
        if rates[Dial::Authors as usize] == 0 && rates[Dial::Schedulers as usize] == 0 {
            rates[Dial::Authors as usize] = 1;
        }
        let mut plan = Plan {
            rates,
            span: *chance.one_of(&[3_000, 6_000, 12_000, 25_000, 50_000]),
            config: config(chance),
            shared: chance.once_in(2),
            read: *chance.one_of(&[0, 0, 0, 3, 20, 200]),
            commit: *chance.one_of(&[0, 1, 5, 20, 200]),
            travel: *chance.one_of(&[0, 1, 5, 50, 500]),
            patience: *chance.one_of(&[500, 2_000, 10_000]),
            pause: *chance.one_of(&[500, 1_000, 2_000, 4_000]),
            trees: *chance.one_of(&[1, 1, 2, 4]),
            season: *chance.one_of(&[1_000, 4_000, 15_000]),
            programs: chance.number(),
        };
        if plan.of(Dial::Tiny) > 0 {
            plan.config.limits = tiny(chance);
        }
        setting.without.iter().for_each(|dial| plan.rates[*dial as usize] = 0);
        if setting.without.contains(&Dial::Tiny) {
            plan.config.limits = Limits::default();
        }
        if plan.of(Dial::Workers) > 0 {
            // A process that is busy takes nothing that it is offered. Where its queue is shorter
            // than what waits for it, the same is offered each time.
            plan.config.queue = plan.config.queue.max(64);
        }
        if plan.of(Dial::Workers) > 0 && plan.of(Dial::Tiny) > 0 {
            // Whoever reads the records of an execution row by row gets nothing else done.
            let limits = &mut plan.config.limits;
            limits.page = limits.page.max(10);
            limits.examined = limits.examined.max(20);
            limits.page_bytes = limits.page_bytes.max(4_000);
            plan.patience = 10_000;
        }
        plan.span = plan.span.min(setting.span.unwrap_or(Millis::MAX));
        plan
    }

    /// How strong a dial is; 0 is off.
    pub(crate) fn of(&self, dial: Dial) -> u32 {
        self.rates[dial as usize]
    }

    pub(crate) fn disk(&self) -> DiskFaults {
        DiskFaults {
            write: self.of(Dial::DiskWrite),
            sync: self.of(Dial::DiskSync),
            read: self.of(Dial::DiskRead),
        }
    }
}

fn config(chance: &mut Chance) -> abide_node::Config {
    let extensions = match chance.below(4) {
        0 => Extensions::none(),
        1 => Extensions::from_names([extension::CANCEL, extension::RECLAIM, extension::RECORD]),
        _ => Extensions::all(),
    };
    let timing = Config {
        retry_interval: *chance.one_of(&[500, 2_000, 5_000]),
        preload_limit: *chance.one_of(&[0, 1, 3, 1_000]),
        extensions,
    };
    let queue = *chance.one_of(&[1, 2, 4_096]);
    abide_node::Config { timing, queue, ..abide_node::Config::default() }
}

/// Limits so small that everything is evicted, paged, trimmed and cut.
fn tiny(chance: &mut Chance) -> Limits {
    let small = |chance: &mut Chance, few: usize, many: usize| {
        if chance.once_in(2) { few } else { many }
    };
    let whole = Limits::default();
    Limits {
        calls: small(chance, 3, whole.calls),
        call_bytes: small(chance, 200, whole.call_bytes),
        // One is the default; a shard must be right with several, too.
        in_flight: small(chance, 1, 2),
        batch_steps: small(chance, 2, whole.batch_steps),
        batch_bytes: small(chance, 200, whole.batch_bytes),
        cache_bytes: small(chance, 0, whole.cache_bytes),
        done_bytes: small(chance, 0, whole.done_bytes),
        recorded_bytes: small(chance, 0, whole.recorded_bytes),
        timers: small(chance, 4, whole.timers),
        window: small(chance, 1, whole.window),
        page: small(chance, 1, whole.page),
        examined: small(chance, 3, whole.examined),
        page_bytes: small(chance, 500, whole.page_bytes),
        preload_missed: small(chance, 1, whole.preload_missed),
        preload_bytes: small(chance, 100, whole.preload_bytes),
        siblings: small(chance, 2, whole.siblings),
        families: small(chance, 1, whole.families),
    }
}
