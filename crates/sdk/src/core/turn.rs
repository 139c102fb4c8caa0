//! Turns: opening one by a delivery, closing it by giving birth to what was asked for.

use std::{sync::Arc, task::Waker};

use super::{
    ask::{Ask, Deadline, Kind, Options},
    base::Base,
    divergence::place,
    fault::Fault,
    limits,
    rule::Rule,
    scope::{Nascent, Number, Offer, State},
    site::Site,
};
use crate::hash::{HashMap, HashSet};

/// A turn that is over.
#[derive(Debug)]
pub(super) struct Closed {
    /// What was born, in order.
    pub(super) born: Vec<Born>,
    /// The turn's number.
    pub(super) turn: u64,
    /// The deliveries that its creations carry.
    pub(super) deliveries: Arc<[u32]>,
    /// The children to be canceled.
    pub(super) canceled: Vec<u32>,
    /// Whether the scope is past its records, so that it may start and write.
    pub(super) live: bool,
    /// Whether this turn was the last recorded one.
    pub(super) caught_up: bool,
    /// Where the turns count from.
    pub(super) base: Base,
}

/// A child that exists from now on.
#[derive(Debug)]
pub(super) struct Born {
    pub(super) ask: Arc<Ask>,
    pub(super) ordinal: u32,
    pub(super) occurrence: u32,
    /// It has its record.
    pub(super) recorded: bool,
    /// It is settled.
    pub(super) settled: bool,
    /// It was spawned: its scope does not end before it.
    pub(super) spawned: bool,
}

impl State {
    /// Opens the next turn, if there is something to deliver, and gives whom to wake.
    pub(super) fn open(&mut self, scope: &str) -> Result<Option<Waker>, Fault> {
        let next = self.turn + 1;
        let call = match &mut self.replay {
            Some(replay) if Rule::RecordedOrder.holds() => {
                let ordinal = replay.delivery(next);
                let call = ordinal.and_then(|o| self.calls.of_ordinal(o));
                match call.filter(|c| self.calls.get(*c).is_some_and(|c| c.ready().is_some())) {
                    Some(call) => call,
                    None => {
                        return Err(self.undelivered(scope, next, ordinal));
                    }
                }
            }
            _ => match self.calls.first_ready() {
                Some(call) => call,
                None => return Ok(None),
            },
        };
        if let Some(replay) = &mut self.replay {
            replay.enter(next);
        } else if self.calls.awaiting() > 1 {
            self.free_turn = Some(next);
        }
        self.turn = next;
        self.occurrences.clear();
        let live = self.calls.get(call).expect("it is ready, so it is alive");
        let (waker, ordinal) = (live.ready().cloned(), live.ordinal);
        let ordinal = ordinal.expect("only what is born is settled");
        if let Some(why) = live.unreadable() {
            let at = format!("child {ordinal} of {scope}");
            return Err(Fault::Unreadable { at, why: why.clone() });
        }
        self.offer = Some(Offer { call, ordinal, taken: false });
        Ok(waker)
    }

    /// Closes the open turn. `ended` says that the scope's future is done.
    pub(super) fn close(&mut self, scope: &str, ended: bool) -> Result<Closed, Fault> {
        if ended {
            self.skips_restoring(|| "the end of the function".to_owned());
        }
        if let Some(fault) = self.diverged.take() {
            return Err(fault);
        }
        let offer = self.offer.take();
        let dropped = std::mem::take(&mut self.dropped);
        let mut nascent = std::mem::take(&mut self.nascent);
        nascent.retain(|n| n.at_once || (!ended && self.calls.get(n.call).is_some()));
        match offer {
            Some(offer) if !offer.taken => {
                return self.withdraw(scope, &offer, &nascent, &dropped, ended);
            }
            Some(offer) => self.since.push(offer.ordinal),
            None => {}
        }
        distinct_names(scope, &nascent)?;
        self.save_is_alone(scope, &nascent)?;
        self.number(scope, &mut nascent)?;
        let canceled = self.cancellations(scope, &dropped)?;
        let caught_up = self.finish_replayed_turn(scope, &nascent, ended)?;
        let marker = self.marker(&nascent, ended);
        let mut born: Vec<_> = nascent.drain(..).map(Born::from).collect();
        born.extend(marker);
        self.nascent = nascent;
        let writes = !canceled.is_empty() || born.iter().any(|born| !born.recorded);
        let deliveries: Arc<[u32]> =
            if writes { self.since.as_slice().into() } else { Arc::default() };
        let recorded_marker = self.replay.as_ref().is_some_and(|r| r.matching.has_marker());
        if !born.is_empty() || recorded_marker {
            self.since.clear();
        }
        if caught_up {
            self.replay = None;
            self.durable_turn = Some(self.turn);
        }
        let live = self.replay.is_none();
        let base = self.base.clone();
        Ok(Closed { born, canceled, turn: self.turn, deliveries, live, caught_up, base })
    }

    /// Nobody took the delivery: that turn never happened.
    fn withdraw(
        &mut self,
        scope: &str,
        offer: &Offer,
        nascent: &[Nascent],
        dropped: &[(u32, bool)],
        ended: bool,
    ) -> Result<Closed, Fault> {
        if self.replay.is_some() {
            return Err(self.undelivered(scope, self.turn, Some(offer.ordinal)));
        }
        foreign(scope, nascent, dropped, ended)?;
        self.turn -= 1;
        if self.calls.withdraw(offer.call) > limits::WITHDRAWN_OFFERS {
            return Err(Fault::NeverTaken { at: format!("child {} of {scope}", offer.ordinal) });
        }
        let (turn, deliveries, base) = (self.turn, Arc::default(), self.base.clone());
        let (born, canceled) = (Vec::new(), Vec::new());
        Ok(Closed { born, canceled, turn, deliveries, live: true, caught_up: false, base })
    }

    /// Checks that a save point is the only thing that the function waits for: what else it has
    /// begun would be lost to a process that begins at the save point.
    fn save_is_alone(&self, scope: &str, nascent: &[Nascent]) -> Result<(), Fault> {
        let Some(save) = nascent.iter().find(|n| n.ask.kind == Kind::Save) else { return Ok(()) };
        let open = match self.calls.other_than(save.call) {
            Some(other) => format!("{:?} is open", other.ask),
            None if self.spawned > 0 => {
                format!("{} spawned calls whose results it has not taken are open", self.spawned)
            }
            None => return Ok(()),
        };
        if !Rule::SaveIsAlone.holds() {
            return Ok(());
        }
        Err(Fault::SaveAmongOthers { at: scope.to_owned(), open })
    }

    /// Checks that nothing durable happened in a poll that no turn accounts for (rule 11).
    pub(super) fn outside_a_turn(&mut self, scope: &str, ended: bool) -> Result<(), Fault> {
        if let Some(fault) = self.diverged.take() {
            return Err(fault);
        }
        let nascent = std::mem::take(&mut self.nascent);
        let dropped = std::mem::take(&mut self.dropped);
        let ended = ended && self.calls_made;
        foreign(scope, &nascent, &dropped, ended)
    }

    /// Which of the dropped calls are to be canceled now. What a replayed turn canceled must have
    /// been dropped in it again, and nothing else but what was settled by itself.
    fn cancellations(&self, scope: &str, dropped: &[(u32, bool)]) -> Result<Vec<u32>, Fault> {
        let due = dropped.iter().filter(|(_, settled)| !settled).map(|(ordinal, _)| *ordinal);
        let due: Vec<_> = due.collect();
        let Some(replay) = &self.replay else { return Ok(due) };
        let fault = |recorded, requested| {
            Err(Fault::Diverged { at: place(scope, self.turn), recorded, requested })
        };
        for recorded in replay.records.canceled_in(self.turn) {
            if !dropped.iter().any(|(ordinal, _)| ordinal == recorded) {
                let recorded = format!("the cancellation of child {recorded}");
                return fault(recorded, "nothing of the kind".to_owned());
            }
        }
        match due.first() {
            Some(ordinal) if self.turn < replay.last => fault(
                "nothing of the kind".to_owned(),
                format!("the cancellation of child {ordinal}"),
            ),
            _ => Ok(due),
        }
    }

    /// Gives numbers to what is born: those of their records, or new ones above them.
    fn number(&mut self, scope: &str, nascent: &mut [Nascent]) -> Result<(), Fault> {
        if let Some(replay) = &mut self.replay
            && nascent.len() > 1
        {
            let mut seen: HashSet<_> = HashSet::default();
            replay.ambiguous |= !nascent.iter().all(|n| seen.insert(n.ask.identity()));
        }
        // The turn ends here: a call that is the only one of it need not be counted.
        let alone = nascent.len() == 1 && self.occurrences.is_empty();
        for n in nascent.iter_mut().filter(|n| n.born.is_none()) {
            let occurrence = if alone { 0 } else { occurrence(&mut self.occurrences, &n.ask) };
            let index = self.replay.as_mut().and_then(|r| r.matching.exactly(&n.ask, occurrence));
            n.born = Some(self.numbered(n.call, index, occurrence));
        }
        for pass in [super::matching::Matching::at_site, super::matching::Matching::anywhere] {
            for n in nascent.iter_mut() {
                let born = n.born.expect("numbered above");
                if !born.recorded && !n.at_once {
                    let index = self.replay.as_mut().and_then(|r| pass(&mut r.matching, &n.ask));
                    n.born = Some(self.numbered(n.call, index, born.occurrence));
                }
            }
        }
        let last = self.replay.as_ref().map(|r| r.last);
        let mut unrecorded = None;
        for n in nascent.iter_mut() {
            let born = n.born.as_mut().expect("numbered above");
            if born.recorded || n.at_once {
                continue;
            }
            if last.is_some_and(|last| self.turn < last) {
                unrecorded = Some(n.ask.clone());
                break;
            }
            born.ordinal = self.next_ordinal;
            self.next_ordinal += 1;
            self.calls.number(n.call, born.ordinal);
        }
        match unrecorded {
            Some(ask) => Err(self.unrecorded(scope, &ask)),
            None => Ok(()),
        }
    }

    /// What a call becomes when it is matched to a record of this turn, or is not.
    fn numbered(&mut self, call: u64, index: Option<usize>, occurrence: u32) -> Number {
        let new = Number { ordinal: 0, occurrence, recorded: false, settled: false };
        let (Some(replay), Some(index)) = (&mut self.replay, index) else { return new };
        let record = replay.matching.record(index);
        let ordinal = record.ordinal;
        let settled = match &record.outcome {
            Some(outcome) => Some((record.rank, outcome.clone())),
            None => replay.late.remove(&ordinal),
        };
        self.calls.number(call, ordinal);
        let number = Number { ordinal, recorded: true, settled: settled.is_some(), ..new };
        if let Some((rank, outcome)) = settled {
            self.calls.settle(call, rank, outcome);
        }
        number
    }

    /// Numbers the call that was just asked for, in the middle of its turn.
    pub(super) fn number_at_once(&mut self, scope: &str) -> u32 {
        let n = self.nascent.last().expect("it was just asked for");
        let (call, ask) = (n.call, n.ask.clone());
        let occurrence = occurrence(&mut self.occurrences, &ask);
        let index = self.replay.as_mut().and_then(|replay| {
            let matching = &mut replay.matching;
            matching
                .exactly(&ask, occurrence)
                .or_else(|| matching.at_site(&ask))
                .or_else(|| matching.anywhere(&ask))
        });
        let mut born = self.numbered(call, index, occurrence);
        if !born.recorded {
            if self.replay.as_ref().is_some_and(|r| self.turn < r.last) {
                let fault = self.unrecorded(scope, &ask);
                self.diverged.get_or_insert(fault);
            }
            born.ordinal = self.next_ordinal;
            self.next_ordinal += 1;
            self.calls.number(call, born.ordinal);
        }
        self.nascent.last_mut().expect("it is still there").born = Some(born);
        born.ordinal
    }

    /// Checks a replayed turn against its records; true if it was the last one.
    fn finish_replayed_turn(
        &self,
        scope: &str,
        nascent: &[Nascent],
        ended: bool,
    ) -> Result<bool, Fault> {
        let Some(replay) = &self.replay else { return Ok(false) };
        if let Some(record) = replay.matching.unclaimed() {
            return Err(self.unasked(scope, record, nascent));
        }
        if ended && self.turn < replay.last {
            return Err(self.ended_early(scope, &replay.records));
        }
        Ok(self.turn == replay.last)
    }

    /// An empty record, when too many deliveries would hang on the next creation.
    fn marker(&mut self, nascent: &[Nascent], ended: bool) -> Option<Born> {
        let due = self.since.len() >= limits::DELIVERIES_PER_RECORD && self.replay.is_none();
        if !due || ended || !nascent.is_empty() {
            return None;
        }
        let ordinal = self.next_ordinal;
        self.next_ordinal += 1;
        let ask = Ask {
            kind: Kind::Marker,
            func: "".into(),
            args: "[]".into(),
            fingerprint: 0,
            site: Site::recorded(""),
            options: born_settled(),
            body: None,
        };
        Some(Born {
            ask: ask.into(),
            ordinal,
            occurrence: 0,
            recorded: false,
            settled: false,
            spawned: false,
        })
    }
}

/// The options of a record that nothing is left to be done about: a timer whose time has come.
pub(crate) fn born_settled() -> Options {
    Options { deadline: Some(Deadline::At(0)), ..Options::default() }
}

impl From<Nascent> for Born {
    fn from(n: Nascent) -> Self {
        let number = n.born.expect("every call of a closed turn is numbered");
        Self {
            spawned: n.at_once && n.ask.kind.holds_its_scope(),
            ask: n.ask,
            ordinal: number.ordinal,
            occurrence: number.occurrence,
            recorded: number.recorded,
            settled: number.settled,
        }
    }
}

type Occurrences = HashMap<(super::ask::Identity, Site), u32>;

/// The how-manieth equal call from this site in the turn.
fn occurrence(occurrences: &mut Occurrences, ask: &Ask) -> u32 {
    let count = occurrences.entry((ask.identity(), ask.site.clone())).or_default();
    let occurrence = *count;
    *count += 1;
    occurrence
}

fn foreign(
    scope: &str,
    nascent: &[Nascent],
    dropped: &[(u32, bool)],
    ended: bool,
) -> Result<(), Fault> {
    let did = match (nascent.first(), dropped.first()) {
        (Some(n), _) => format!("called {:?}", n.ask),
        (None, Some((ordinal, _))) => format!("canceled child {ordinal}"),
        (None, None) if ended => "ended".to_owned(),
        (None, None) => return Ok(()),
    };
    Err(Fault::ForeignWake { at: scope.to_owned(), did })
}

fn distinct_names(scope: &str, nascent: &[Nascent]) -> Result<(), Fault> {
    let mut seen: HashSet<_> = HashSet::default();
    for n in nascent.iter().filter(|n| n.ask.kind.needs_a_name()) {
        if !seen.insert((n.ask.kind, n.ask.func.clone())) {
            let what = match &*n.ask.func {
                "" => format!("a {} without a name", n.ask.kind),
                name => format!("a {} named {name:?}", n.ask.kind),
            };
            return Err(Fault::SameName { at: scope.to_owned(), what });
        }
    }
    Ok(())
}
