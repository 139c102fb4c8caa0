//! The records of one scope, as loaded before its first poll.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use super::{
    ask::Kind,
    base::Base,
    cancellation::Cancellation,
    fault::Fault,
    outcome::{Outcome, Payload},
    rule::Rule,
    trace::Trace,
};

/// One child as it is in the store.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// Its number within the scope.
    pub(crate) ordinal: u32,
    /// What its creation left behind; `None` if the record bears no trace.
    pub(crate) trace: Option<Trace>,
    /// How it ended, if it did.
    pub(crate) outcome: Option<Outcome>,
    /// When, in any unit: it only orders the settled ones.
    pub(crate) settled_at: i64,
    /// What its cancellation left behind, if the scope itself canceled it.
    pub(crate) canceled: Option<Cancellation>,
    /// What it was created with; wanted of save points only.
    pub(crate) state: Payload,
}

/// The complete records of a scope since it began, or began anew, in the order its turns made
/// them.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// Where it begins.
    pub(crate) base: Base,
    /// It waits for its next attempt: the number of the timer.
    pub(crate) backoff: Option<u32>,
    /// The records, turn by turn.
    pub(crate) all: Vec<Recorded>,
    /// The children that each turn canceled.
    pub(crate) cancellations: BTreeMap<u64, Vec<u32>>,
    /// The delivery of turn 1, of turn 2, and so on.
    pub(crate) deliveries: Vec<u32>,
    /// The highest ordinal there is; 0 if there is none.
    pub(crate) highest: u32,
    /// Whether it ever made a durable call.
    pub(crate) calls_made: bool,
    /// How many are settled; their ranks are 0 to this.
    pub(crate) settled: u64,
    /// The records that nobody will ask for again, each with whether it is settled.
    pub(crate) passed: Vec<(u32, bool)>,
}

/// A record with a trace.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) ordinal: u32,
    pub(crate) trace: Trace,
    pub(crate) outcome: Option<Outcome>,
    /// The place among the settled ones, earliest first.
    pub(crate) rank: u64,
}

impl Records {
    /// Sorts the records into turns, and checks that they tell one story.
    pub(crate) fn new(scope: &str, mut records: Vec<Record>) -> Result<Arc<Self>, Fault> {
        records.sort_unstable_by_key(|r| (r.outcome.is_none(), r.settled_at, r.ordinal));
        let settled = records.iter().filter(|r| r.outcome.is_some()).count() as u64;
        let mut all = Self { settled, ..Self::default() };
        all.begin(&records);
        let mut lists: Vec<(u64, Arc<[u32]>)> = Vec::with_capacity(records.len());
        all.all.reserve(records.len());
        for (rank, record) in records.into_iter().enumerate() {
            let Record { ordinal, trace, outcome, canceled, .. } = record;
            let Some(trace) = trace else {
                return Err(broken(scope, format!("child {ordinal} without a trace")));
            };
            all.highest = all.highest.max(ordinal);
            all.calls_made |= trace.identity.kind != Kind::Retry;
            if trace.base != all.base.ordinal {
                let detached = trace.identity.kind == Kind::Detached;
                if !detached && ![all.base.ordinal, all.base.save].contains(&ordinal) {
                    all.passed.push((ordinal, outcome.is_some()));
                }
                continue;
            }
            lists.push((trace.turn, trace.deliveries.clone()));
            let canceled = canceled.filter(|_| Rule::CancellationsDemanded.holds());
            if let Some(Cancellation { turn, deliveries }) = canceled {
                lists.push((turn, deliveries));
                all.cancellations.entry(turn).or_default().push(ordinal);
            }
            all.all.push(Recorded { ordinal, trace, outcome, rank: rank as u64 });
        }
        all.all.sort_unstable_by_key(|record| (record.trace.turn, record.ordinal));
        lists.sort_unstable_by_key(|(turn, _)| *turn);
        for of_turn in lists.chunk_by(|(one, _), (other, _)| one == other) {
            let (turn, list) = &of_turn[0];
            if of_turn.iter().any(|(_, other)| other != list) {
                return Err(broken(scope, format!("two orders of turn {turn}")));
            }
            // A list begins where the last one of a creation ended, or something is missing
            // between. Those of cancellations in between say part of the same.
            let known = all.deliveries.len();
            let from = usize::try_from(*turn).ok().and_then(|turn| turn.checked_sub(list.len()));
            let Some(from) = from.filter(|from| *from <= known) else {
                return Err(broken(scope, format!("no way to turn {turn}")));
            };
            let (old, new) = list.split_at((known - from).min(list.len()));
            if all.deliveries[from..from + old.len()] != *old {
                return Err(broken(scope, format!("two orders before turn {turn}")));
            }
            all.deliveries.extend_from_slice(new);
        }
        Ok(Arc::new(all))
    }

    /// What there is of a function that begins anew, with nothing recorded since.
    pub(crate) fn since(base: Base, highest: u32, settled: u64) -> Arc<Self> {
        let calls_made = base.save > 0;
        Arc::new(Self { base, highest, calls_made, settled, ..Self::default() })
    }

    /// Finds out where the function begins: at the newest record that it began anew at.
    fn begin(&mut self, records: &[Record]) {
        let bases = |saves_only: bool| {
            let of_kind = move |r: &&Record| {
                r.trace.as_ref().is_some_and(|trace| match trace.identity.kind {
                    Kind::Save => true,
                    kind => kind.is_base() && !saves_only,
                })
            };
            let found = records.iter().filter(of_kind);
            if Rule::NewestBaseWins.holds() {
                found.max_by_key(|r| r.ordinal)
            } else {
                found.min_by_key(|r| r.ordinal)
            }
        };
        if let Some(save) = bases(true) {
            self.base.save = save.ordinal;
            self.base.state = save.state.clone().or_else(|| Some("null".into()));
        }
        let Some(newest) = bases(false) else { return };
        self.base.ordinal = newest.ordinal;
        let attempt = newest.trace.as_ref().map_or(1, |trace| trace.attempt);
        if Rule::AttemptsCount.holds() {
            self.base.attempt = attempt;
        }
        self.backoff = newest.outcome.is_none().then_some(newest.ordinal);
    }

    /// How many records there are to be replayed.
    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    /// The last recorded turn, if anything is recorded.
    pub(crate) fn last_turn(&self) -> Option<u64> {
        let created = self.all.last().map(|record| record.trace.turn);
        created.max(self.cancellations.last_key_value().map(|(turn, _)| *turn))
    }

    /// The children that a turn canceled.
    pub(crate) fn canceled_in(&self, turn: u64) -> &[u32] {
        self.cancellations.get(&turn).map_or(&[], Vec::as_slice)
    }

    /// The record of a number.
    pub(crate) fn find(&self, ordinal: u32) -> Option<&Recorded> {
        self.all.iter().find(|record| record.ordinal == ordinal)
    }

    /// The records of a turn.
    pub(crate) fn of_turn(&self, turn: u64) -> Range<usize> {
        let begin = self.all.partition_point(|record| record.trace.turn < turn);
        let same = self.all[begin..].iter().take_while(|record| record.trace.turn == turn);
        begin..begin + same.count()
    }

    /// The first record after a turn.
    pub(crate) fn after(&self, turn: u64) -> Option<&Recorded> {
        self.all.iter().find(|record| record.trace.turn > turn)
    }
}

fn broken(scope: &str, recorded: String) -> Fault {
    Fault::Diverged {
        at: scope.to_owned(),
        recorded,
        requested: "records of one execution of this program".to_owned(),
    }
}
