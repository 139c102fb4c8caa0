//! Shards that differ only in their history have the same future. To go through all states of a
//! shard one has to know two such by their looks, so what tells of the history alone is taken out:
//! everything that is numbered one after the other is numbered anew, in the same order.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{Hash, Hasher},
};

use crate::{Batch, Limits, Shard, job::Job, scan::Purpose};

/// What is called differently now, for whoever has the old numbers.
#[derive(Clone, Debug, Default)]
pub struct Renamed {
    numbers: BTreeMap<u64, u64>,
    deliveries: BTreeMap<u64, u64>,
    base: Batch,
}

impl Renamed {
    /// The number of a load or a scan that has not been answered; `None` if nobody waits for it.
    pub fn read(&self, number: u64) -> Option<u64> {
        self.numbers.get(&number).copied()
    }

    /// The number of a delivery that has not been reported; `None` if nobody asks for it any more.
    pub fn delivery(&self, number: u64) -> Option<u64> {
        self.deliveries.get(&number).copied()
    }

    /// The number of a batch; 0 if it is so old that nothing depends on it.
    pub fn batch(&self, batch: Batch) -> Batch {
        batch.saturating_sub(self.base)
    }
}

/// Every number and its place among them, from 1 upwards.
pub(crate) fn ranks(numbers: BTreeSet<u64>) -> BTreeMap<u64, u64> {
    numbers.into_iter().zip(1..).collect()
}

impl Shard {
    /// Takes out what tells of the history alone. Nothing that can be seen of the shard is
    /// different afterwards, but for the numbers that it gives.
    ///
    /// # Panics
    /// If it is not dry: what it wants names things by their old numbers.
    pub fn normalise(&mut self) -> Renamed {
        assert!(self.outputs.is_empty(), "it is to be polled until it is dry");
        let numbers = self.number_anew();
        let deliveries = self.outbox.number_anew();
        let epochs = self.epochs();
        self.outbox.name_epochs(&epochs);
        let base = self.lookers().min().unwrap_or(Batch::MAX).min(self.batches.durable());
        let renamed = Renamed { numbers, deliveries, base };
        self.name_batches(&renamed, &epochs);
        // What is never full need not be measured, nor put in order to be evicted.
        let Limits { cache_bytes, done_bytes, recorded_bytes, .. } = self.limits;
        if [cache_bytes, done_bytes, recorded_bytes] == [usize::MAX; 3] {
            self.cache.forget_uses();
        } else {
            self.cache.number_turns();
        }
        self.batches.forget_sizes(&self.limits);
        renamed
    }

    /// How many batches it remembers something of: those under way, and those before them that
    /// something under way has begun before.
    pub fn span(&self) -> Batch {
        self.batches.newest()
            - self.lookers().min().unwrap_or(Batch::MAX).min(self.batches.durable())
    }

    fn number_anew(&mut self) -> BTreeMap<u64, u64> {
        let parked = self.parked.keys().copied();
        let live = parked.chain(self.loads.iter().copied()).chain(self.scans.keys().copied());
        let ranks = ranks(live.collect());
        let rank = |number: u64| ranks[&number];
        self.parked = take(&mut self.parked).map(|(number, it)| (rank(number), it)).collect();
        self.scans = take(&mut self.scans).map(|(number, it)| (rank(number), it)).collect();
        self.loads = self.loads.iter().map(|number| rank(*number)).collect();
        let waiting = self.loading.values_mut().flat_map(|awaited| &mut awaited.jobs);
        waiting.for_each(|number| *number = rank(*number));
        self.last_number = ranks.len() as u64;
        ranks
    }

    /// The epochs of connections that something is still compared with.
    fn epochs(&self) -> BTreeMap<u64, u64> {
        let offers = self.scans.values().filter_map(|scan| match &scan.purpose {
            Purpose::Offer { epoch, .. } => Some(*epoch),
            _ => None,
        });
        ranks(offers.chain(self.outbox.epochs()).collect())
    }

    fn name_batches(&mut self, renamed: &Renamed, epochs: &BTreeMap<u64, u64>) {
        self.reclaiming.values_mut().for_each(|since| *since = renamed.batch(*since));
        self.cache.name_batches(renamed, self.batches.open());
        self.overlay.name_batches(renamed);
        self.batches.name_batches(renamed);
        self.gate.name_batches(renamed);
        for scan in self.scans.values_mut() {
            scan.since = renamed.batch(scan.since);
            match &mut scan.purpose {
                Purpose::Branch(branch) => branch.claim.name_batch(renamed),
                Purpose::Search(search) => search.name_batch(renamed),
                Purpose::Offer { epoch, .. } => *epoch = epochs[epoch],
                _ => {}
            }
        }
        let queued = self.calls.iter_mut().chain(&mut self.work).map(|queued| &mut queued.job);
        let jobs = queued.chain(self.parked.values_mut().map(|parked| &mut parked.job));
        for job in jobs {
            match job {
                Job::Claim(claim) => claim.name_batch(renamed),
                Job::Tasks(page) => page.search_mut().name_batch(renamed),
                _ => {}
            }
        }
    }
}

fn take<V>(map: &mut BTreeMap<u64, V>) -> impl Iterator<Item = (u64, V)> + use<V> {
    std::mem::take(map).into_iter()
}

/// Two shards with the same configuration that are normalised look the same exactly if the same can
/// happen after them.
impl Hash for Shard {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Shard {
            config: _,
            limits: _,
            clock,
            paused,
            resetting,
            cache,
            overlay,
            batches,
            gate,
            due,
            outbox,
            tickets,
            call_bytes,
            calls,
            work,
            unfinished,
            parked,
            loading,
            loads,
            scans,
            last_number,
            firing,
            owed,
            reclaiming,
            ticks,
            outputs,
            idle: _,
            watched: _,
        } = self;
        (clock, paused, resetting, cache, overlay, batches, gate, due, outbox).hash(state);
        (tickets, call_bytes, calls, work, unfinished, parked, loading, loads).hash(state);
        (scans, last_number, firing, owed, reclaiming, ticks, outputs).hash(state);
    }
}
