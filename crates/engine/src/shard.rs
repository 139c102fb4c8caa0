use std::collections::{BTreeMap, BTreeSet, VecDeque};

use abide_machine::{Config, DueKind, Key};
use abide_protocol::{Id, Millis, Request};

use crate::{
    batch::Batches,
    cache::Cache,
    debug::Tick,
    due::DueIndex,
    gate::Gate,
    io::{Batch, Input, Output, Position, Range, Ticket},
    job::Job,
    limits::Limits,
    outbox::Outbox,
    overlay::Overlay,
    owed::Owed,
    scan::Purpose,
    table::Table,
};

/// A shard: a set of records, whatever happens to them, and nobody else writing them.
///
/// It is driven by three calls: [`input`](Self::input) tells what has happened,
/// [`output`](Self::output) is polled until it is dry, and [`next_wake`](Self::next_wake) says when
/// to come back without being asked. Nothing that a reply or a message tells leaves before it is
/// durable.
#[cfg_attr(feature = "testing", derive(Clone))]
pub struct Shard {
    pub(crate) config: Config,
    pub(crate) limits: Limits,
    pub(crate) clock: Millis,
    /// A debug server has its background work stopped.
    pub(crate) paused: bool,
    /// The call that empties the store, while the store does so.
    pub(crate) resetting: Option<Ticket>,
    pub(crate) cache: Cache,
    pub(crate) overlay: Overlay,
    pub(crate) batches: Batches,
    pub(crate) gate: Gate,
    pub(crate) due: DueIndex,
    pub(crate) outbox: Outbox,
    /// Calls that have not been answered, with the bytes that each has brought.
    pub(crate) tickets: BTreeMap<Ticket, Taken>,
    /// The sum of these bytes.
    pub(crate) call_bytes: usize,
    /// What calls ask for, first come first served.
    pub(crate) calls: VecDeque<Queued>,
    /// What the shard does by itself. It takes turns with the calls.
    pub(crate) work: VecDeque<Queued>,
    /// How many jobs of its own the shard has not finished, waiting ones included.
    pub(crate) unfinished: usize,
    pub(crate) parked: BTreeMap<u64, Parked>,
    pub(crate) loading: Table<Key, Awaited>,
    pub(crate) loads: BTreeSet<u64>,
    pub(crate) scans: BTreeMap<u64, UnderWay>,
    pub(crate) last_number: u64,
    /// What was due and has been started, and whether it was due again meanwhile.
    pub(crate) firing: BTreeMap<(DueKind, Id), bool>,
    /// The round of steps that each settled promise owes.
    pub(crate) owed: BTreeMap<Id, Owed>,
    /// The reclamations under way, each with the newest durable batch when it began.
    pub(crate) reclaiming: BTreeMap<Ticket, Batch>,
    pub(crate) ticks: VecDeque<Tick>,
    pub(crate) outputs: VecDeque<Output>,
    /// Nothing is left to be done until something happens.
    pub(crate) idle: bool,
    /// What has been taken since it was last asked, if anybody asks.
    #[cfg(feature = "testing")]
    pub(crate) watched: Option<Vec<abide_machine::testing::Taken>>,
}

/// A job in a queue, with the keys that are kept in memory for it.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Queued {
    pub(crate) job: Job,
    pub(crate) pinned: Option<Vec<Key>>,
}

/// A call in progress.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Taken {
    /// What it brings with it.
    pub(crate) bytes: usize,
    /// Whether it has taken effect. Its answer may still wait for that to be durable.
    pub(crate) done: bool,
    /// What is to be carried out after it.
    pub(crate) then: Option<Box<Following>>,
}

/// A call that waits for another one to take effect.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Following {
    pub(crate) ticket: Ticket,
    pub(crate) request: Request,
    pub(crate) debug_time: Option<Millis>,
}

/// A job that waits for rows.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Parked {
    pub(crate) job: Job,
    pub(crate) keys: Vec<Key>,
    pub(crate) missing: usize,
}

/// A row that jobs wait for.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Awaited {
    /// The jobs, first come first served.
    pub(crate) jobs: Vec<u64>,
    /// It is a task that is asked for only if there turns out to be its promise.
    pub(crate) deferred: bool,
}

/// A scan that has been asked for.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct UnderWay {
    pub(crate) purpose: Purpose,
    /// The newest durable batch when it was asked for: the page holds this one and all before it.
    pub(crate) since: Batch,
    pub(crate) range: Range,
    pub(crate) after: Option<Position>,
}

impl Shard {
    /// A shard over what the store holds. Its time does not start before `clock_floor`.
    pub fn new(config: Config, limits: Limits, clock_floor: Millis) -> Self {
        Shard {
            config,
            limits,
            clock: if fault!(ClockFloorIgnored) { 0 } else { clock_floor },
            paused: false,
            resetting: None,
            cache: Cache::default(),
            overlay: Overlay::default(),
            batches: Batches::new(clock_floor),
            gate: Gate::default(),
            due: DueIndex::new(limits.timers),
            outbox: Outbox::new(limits.window),
            tickets: BTreeMap::new(),
            call_bytes: 0,
            calls: VecDeque::new(),
            work: VecDeque::new(),
            unfinished: 0,
            parked: BTreeMap::new(),
            loading: Table::default(),
            loads: BTreeSet::new(),
            scans: BTreeMap::new(),
            last_number: 0,
            firing: BTreeMap::new(),
            owed: BTreeMap::new(),
            reclaiming: BTreeMap::new(),
            ticks: VecDeque::new(),
            outputs: VecDeque::new(),
            idle: false,
            #[cfg(feature = "testing")]
            watched: None,
        }
    }

    /// Tells the shard what has happened, and when. Its time never decreases, whatever `now` says.
    pub fn input(&mut self, input: Input, now: Millis) {
        self.idle = false;
        // While the background work of a debug server is stopped, only requests move time.
        if !self.paused && !input.has_own_time() {
            self.clock = self.clock.max(now);
            fault!(ClockGoesBack => self.clock = now);
        }
        match input {
            Input::Call { ticket, request, debug_time } => {
                self.clock = self.clock.max(debug_time.unwrap_or(now));
                self.call(ticket, request, debug_time, None);
            }
            Input::CallAfter { before, ticket, request, debug_time } => {
                self.clock = self.clock.max(debug_time.unwrap_or(now));
                self.call(ticket, request, debug_time, Some(before));
            }
            Input::Loaded { load, rows } => self.loaded(load, rows),
            Input::Scanned { scan, page } => self.scanned(scan, page),
            Input::Committed { batch } => self.committed(batch),
            Input::Connected { receiver } => self.outbox.connect(&receiver),
            Input::Disconnected { receiver } => self.outbox.disconnect(&receiver),
            Input::Taken { delivery } => self.taken(delivery),
            Input::Refused { delivery } => self.outbox.refused(delivery, self.clock),
            Input::Tick => {}
            Input::ResetDone => self.reset_done(),
        }
    }

    /// What the shard wants next. It is to be polled after every input until it is dry; what has
    /// gathered by then is sealed into a commit.
    pub fn output(&mut self) -> Option<Output> {
        if let Some(output) = self.outputs.pop_front() {
            return Some(output);
        }
        if !self.idle {
            self.turn();
        }
        self.outputs.pop_front().or_else(|| {
            let commit = self.batches.seal(&self.limits, self.clock)?;
            Some(Output::Commit(commit))
        })
    }

    /// When [`Input::Tick`] is due; `None` when nothing is.
    pub fn next_wake(&self) -> Option<Millis> {
        if self.paused {
            return None;
        }
        [self.due.next(), self.outbox.next()].into_iter().flatten().min()
    }

    /// Whether a call was taken in and is not answered yet.
    pub fn is_under_way(&self, ticket: Ticket) -> bool {
        self.tickets.contains_key(&ticket)
    }

    /// The shard's time.
    pub fn clock(&self) -> Millis {
        self.clock
    }

    fn turn(&mut self) {
        while !self.batches.is_full(&self.limits) {
            let call = self.calls.pop_front();
            let mut idle = call.is_none();
            call.into_iter().for_each(|call| self.run(call));
            if self.work.is_empty() {
                self.fire();
            }
            if let Some(work) = self.work.pop_front() {
                self.run(work);
                idle = false;
            }
            if idle && !self.advance_tick() {
                self.idle = true;
                break;
            }
        }
        self.fetch();
        self.prune();
    }

    fn committed(&mut self, batch: Batch) {
        self.batches.committed(batch);
        self.gate.release(self.batches.durable(), &mut self.outputs);
        for output in &self.outputs {
            if let Output::Reply { ticket, .. } = output
                && let Some(taken) = self.tickets.remove(ticket)
            {
                self.call_bytes -= taken.bytes;
            }
        }
    }

    /// Forgets what is durable and nothing that looks through the store can have missed.
    fn prune(&mut self) {
        let oldest = self.lookers().min();
        let safe = oldest.unwrap_or(Batch::MAX).min(self.batches.durable());
        let safe = if fault!(StaleScan) { self.batches.durable() } else { safe };
        self.overlay.prune(safe);
        self.cache.evict(&self.limits, safe);
    }

    /// The newest durable batch when each of those began that look through the store.
    pub(crate) fn lookers(&self) -> impl Iterator<Item = Batch> + '_ {
        let scans = self.scans.values().map(|scan| scan.since);
        scans.chain(self.reclaiming.values().copied())
    }

    /// A number that nothing else has.
    pub(crate) fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }
}
