//! The oracle: what a run without a crash would have written, told only who completed when.
//!
//! It drives the turns of one scope at a time, with no records to match against and one completion
//! to choose from, so it shares nothing with the replay that it judges.

use std::{collections::HashMap, sync::Arc, task::Context, task::Poll};

use super::{
    functions::nested,
    interpret::{Env, ask, outcome, root},
    left::{Left, Started, Stored, ordinal},
    program::{Call, Node},
    random::Random,
    rounds::flaky,
    segment::{Children, Segment, segments},
};
use crate::core::{
    ambient,
    ask::{Ask, Kind, Running},
    outcome::{End, Outcome},
    record::Records,
    scope::Shared,
    turn::{Born, Closed},
    wake::{RunQueue, ScopeWaker},
};

/// Attempts to find a crash-free run: equal calls can be told apart in several ways, and the order
/// after the last record is not recorded.
const ATTEMPTS: usize = 50_000;

/// Checks everything that a run left behind.
pub(crate) fn check(left: &Left<'_>, program: &Arc<Node>) -> Result<(), String> {
    effects_have_owners(left)?;
    let mut scopes = vec![(left.root.to_owned(), None)];
    let calls = nested(program);
    while let Some((id, nested)) = scopes.pop() {
        let children = children(left, &id);
        let result = match nested {
            None => left.result.clone(),
            // What was canceled may have got anywhere.
            Some(_) => {
                let outcome = left.records.get(&id).and_then(|stored| stored.outcome.clone());
                outcome.filter(|outcome| !matches!(outcome, Outcome::Canceled(_)))
            }
        };
        let env = Env::new(children.len() as u64);
        let function = match nested {
            None => root(&env, program),
            Some(what) => ask(&env, &Call { what, site: 0, cancel: false }),
        };
        explain(&id, &env, &function, &children, result.as_ref(), &left.started)?;
        for (id, stored) in children {
            let identity = stored.identity();
            if matches!(&*identity.func, "nested" | "loop") && identity.kind == Kind::Call {
                let what = calls[&identity.fingerprint].clone();
                scopes.push((id.clone(), Some(what)));
            } else if identity.kind.is_local() {
                attempts_count(left, id, stored)?;
            }
        }
    }
    Ok(())
}

/// The records of a scope, in order.
fn children<'a>(left: &'a Left<'_>, scope: &str) -> Vec<(&'a String, &'a Stored)> {
    let mut children: Vec<_> =
        left.records.iter().filter(|(_, stored)| stored.parent == scope).collect();
    children.sort_by_key(|(id, _)| ordinal(id));
    children
}

/// A leaf was tried as often as it says, and its result is that of its last attempt.
fn attempts_count(left: &Left<'_>, id: &str, leaf: &Stored) -> Result<(), String> {
    let retries = children(left, id);
    let (mut base, mut attempt) = (0, 1);
    for (id, retry) in &retries {
        attempt += 1;
        let trace = &retry.trace;
        if trace.identity.kind != Kind::Retry || (trace.base, trace.attempt) != (base, attempt) {
            return Err(format!("{id} is not attempt {attempt} after {base}: {trace:?}"));
        }
        base = ordinal(id);
    }
    let func = &*leaf.trace.identity.func;
    let may_fail = func == "fail_false" || func.starts_with("flaky");
    if attempt > 1 && !may_fail {
        return Err(format!("{func} was tried again"));
    }
    let until = func.strip_prefix("flaky_").map(|until| until.parse().unwrap());
    let expected =
        until.map(|until| outcome(flaky(leaf.trace.identity.fingerprint, until, attempt)));
    match (&leaf.outcome, expected) {
        (None | Some(Outcome::Canceled(_)), _) | (_, None) => Ok(()),
        (Some(outcome), Some(expected)) if *outcome == expected => Ok(()),
        (outcome, expected) => Err(format!("{id} is {outcome:?}, and not {expected:?}")),
    }
}

/// Every body that was started is the body of a record.
fn effects_have_owners(left: &Left<'_>) -> Result<(), String> {
    for Started { id, func, args, .. } in &left.started {
        let owned = id == left.root
            || left
                .records
                .get(id)
                .is_some_and(|s| *s.trace.identity.func == **func && s.args == *args);
        if !owned {
            return Err(format!("{func}{args} ran as {id}, and no record owns it"));
        }
    }
    Ok(())
}

fn explain(
    id: &str,
    env: &Arc<Env>,
    function: &Arc<Ask>,
    children: &Children<'_>,
    result: Option<&Outcome>,
    started: &[Started],
) -> Result<(), String> {
    let random = Random::new(id.len() as u64 + children.len() as u64);
    let mut reason = String::new();
    for _ in 0..ATTEMPTS {
        let run = Run::new(id, env, function, &Arc::default());
        match run
            .follow(function, children, result, &random)
            .and_then(|run| run.drops_are_final(started))
        {
            Ok(()) => return Ok(()),
            Err(why) => reason = why,
        }
    }
    Err(format!("no run without a crash explains {id}: {reason}"))
}

/// One run of one scope.
struct Run {
    scope: Arc<Shared>,
    future: Option<Running>,
    env: Arc<Env>,
    end: Option<End>,
    /// Which child of this run is which record.
    by_record: HashMap<u32, u32>,
    /// The children that are not delivered, as records.
    open: Vec<u32>,
    /// The local calls whose handles were dropped, as records, and in which turn after which base.
    dropped: Vec<(u32, (u32, u64))>,
    /// The base of the records that it follows.
    base: u32,
}

impl Run {
    fn new(id: &str, env: &Arc<Env>, function: &Arc<Ask>, records: &Arc<Records>) -> Self {
        let wake = ScopeWaker::new(0, Arc::<RunQueue>::default());
        let scope = Shared::new(id.into(), 0, wake, records);
        let future = Some((function.body.clone().unwrap())());
        let (end, by_record, open, dropped) = (None, HashMap::new(), Vec::new(), Vec::new());
        Self { scope, future, env: env.clone(), end, by_record, open, dropped, base: 0 }
    }

    fn follow(
        mut self,
        function: &Arc<Ask>,
        children: &Children<'_>,
        result: Option<&Outcome>,
        random: &Random,
    ) -> Result<Self, String> {
        let mut closed = self.turn(None);
        let mut calls_made = false;
        for Segment { base, children, next } in segments(children) {
            self.base = base;
            calls_made |= !children.is_empty();
            let unfinished = result.is_none() && next.is_none();
            if unfinished && children.is_empty() && closed.is_err() {
                // It was dropped before that turn was over.
                return Ok(self);
            }
            self.recorded(closed?, &children, unfinished, random)?;
            match next {
                Some((save, true)) => {
                    // Nothing else is open.
                    closed = self.turn(Some((save, Outcome::Resolved(None))));
                    self.open.clear();
                }
                Some((retry, false)) => {
                    self.rest(&children, random)?;
                    let end = self.end.take().expect("it has ended");
                    let may = function.options.retry.is_some() || !calls_made;
                    if end.outcome.is_resolved() || end.permanent || !may {
                        return Err(format!("after {:?} there is no other attempt", end.outcome));
                    }
                    let base = self.scope.lock().base.retried(retry);
                    let records = Records::since(base, retry, 0);
                    let dropped = std::mem::take(&mut self.dropped);
                    let again = Run::new(&self.scope.id, &self.env, function, &records);
                    self = Self { dropped, ..again };
                    closed = self.turn(None);
                }
                None => {
                    let Some(result) = result else { return Ok(self) };
                    self.rest(&children, random)?;
                    let end = self.end.as_ref().map(|end| &end.outcome);
                    if end != Some(result) {
                        return Err(format!("the result is {result:?}, and not {end:?}"));
                    }
                    return Ok(self);
                }
            }
        }
        unreachable!("the last segment has no next one")
    }

    /// Follows the records of a segment, of which the first turn is made.
    fn recorded(
        &mut self,
        first: Closed,
        children: &Children<'_>,
        unfinished: bool,
        random: &Random,
    ) -> Result<(), String> {
        let created = children.iter().map(|(_, s)| (s.trace.turn, &s.trace.deliveries));
        let canceled = children.iter().filter_map(|(_, s)| s.canceled.as_ref());
        let canceled = canceled.map(|canceled| (canceled.turn, &canceled.deliveries));
        let mut turns: Vec<_> = created.chain(canceled).collect();
        turns.sort_unstable();
        let mut deliveries: Vec<u32> = Vec::new();
        for (turn, list) in &turns {
            let from = (*turn as usize).checked_sub(list.len()).ok_or("too many deliveries")?;
            let Some(known) = deliveries.get(from..) else {
                return Err(format!("no way to turn {turn} after {}", self.base));
            };
            if list.len() < known.len() || list[..known.len()] != *known {
                return Err(format!("two orders before turn {turn}"));
            }
            deliveries.extend_from_slice(&list[deliveries.len() - from..]);
        }
        let last = turns.last().map(|(turn, _)| *turn);
        let last = |turn| unfinished && last.is_none_or(|last| last == turn);
        self.compare(0, first, children, last(0), random)?;
        for (i, record) in deliveries.iter().enumerate() {
            let stored = children.iter().find(|(id, _)| ordinal(id) == *record);
            let outcome = stored.and_then(|(_, s)| s.outcome.clone());
            let outcome = outcome.ok_or(format!("child {record} was delivered unsettled"))?;
            let closed = self.turn(Some((*record, outcome)))?;
            let turn = i as u64 + 1;
            self.compare(turn, closed, children, last(turn), random)?;
        }
        Ok(())
    }

    /// Goes on to the end after the last record. The order is anybody's guess, but it makes no
    /// further record.
    fn rest(&mut self, children: &Children<'_>, random: &Random) -> Result<(), String> {
        let by_ordinal: HashMap<u32, &Stored> =
            children.iter().map(|(id, stored)| (ordinal(id), *stored)).collect();
        while self.end.is_none() {
            let state = self.scope.lock();
            let alive = |o: &u32| state.calls.of_ordinal(self.by_record[o]).is_some();
            // What is canceled was left behind: nobody saw that.
            let ended =
                |s: &Stored| s.outcome.as_ref().is_some_and(|o| !matches!(o, Outcome::Canceled(_)));
            let settled = |o: &&u32| ended(by_ordinal[o]) && alive(o);
            let settled: Vec<_> = self.open.iter().filter(settled).copied().collect();
            drop(state);
            if settled.is_empty() {
                return Err("it does not end".to_owned());
            }
            let record = settled[random.below(settled.len())];
            let outcome = by_ordinal[&record].outcome.clone().unwrap();
            let closed = self.turn(Some((record, outcome)))?;
            if !closed.born.is_empty() {
                return Err(format!("child {record} leads to a call without a record"));
            }
            for own in closed.canceled {
                let record = self.record(own).ok_or("a call without a record is canceled")?;
                if by_ordinal[&record].outcome.is_none() || by_ordinal[&record].canceled.is_some() {
                    return Err(format!("the cancellation of child {record} has no record"));
                }
            }
        }
        Ok(())
    }

    /// No body was started after its caller had dropped it and this was known.
    fn drops_are_final(&self, started: &[Started]) -> Result<(), String> {
        for (record, turn) in &self.dropped {
            let id = self.scope.child_id(*record);
            if let Some(s) = started.iter().find(|s| s.id == *id && s.after >= Some(*turn)) {
                return Err(format!("{} ran as {id}, which was dropped in turn {turn:?}", s.func));
            }
        }
        Ok(())
    }

    /// Makes one turn, if somebody awaits the completion.
    fn turn(&mut self, delivery: Option<(u32, Outcome)>) -> Result<Closed, String> {
        if let Some((record, outcome)) = delivery {
            let own = self.by_record[&record];
            let mut state = self.scope.lock();
            state.settle(own, outcome);
            let waker = state.open("oracle").map_err(|f| f.to_string())?;
            drop(state);
            match waker {
                Some(waker) => waker.wake(),
                None => return Err(format!("nobody awaits child {record}")),
            }
            self.open.retain(|open| *open != record);
        } else {
            self.scope.waker().wake_by_ref();
        }
        self.poll();
        let mut state = self.scope.lock();
        for own in std::mem::take(&mut state.abandoned) {
            let record = self.record(own);
            self.dropped.extend(record.map(|record| (record, (self.base, state.turn))));
        }
        let closed = state.close("oracle", self.end.is_some());
        closed.map_err(|f| f.to_string())
    }

    /// The record of a child of this run.
    fn record(&self, own: u32) -> Option<u32> {
        self.by_record.iter().find(|(_, o)| **o == own).map(|(record, _)| *record)
    }

    fn poll(&mut self) {
        loop {
            if !self.scope.wake.take() {
                let deferred = std::mem::take(&mut *self.env.deferred.lock().unwrap());
                if deferred.is_empty() {
                    return;
                }
                deferred.into_iter().for_each(|waker| waker.wake());
                continue;
            }
            let Some(future) = &mut self.future else { return };
            let mut context = Context::from_waker(self.scope.waker());
            let poll = ambient::within(&self.scope, || future.as_mut().poll(&mut context));
            if let Poll::Ready(end) = poll {
                self.end = Some(end);
                self.future = None;
            }
        }
    }

    /// A turn bore what is recorded of it, no more and no less; the last turn of a scope that was
    /// dropped may be written in part.
    fn compare(
        &mut self,
        turn: u64,
        closed: Closed,
        children: &Children<'_>,
        partly: bool,
        random: &Random,
    ) -> Result<(), String> {
        let Closed { mut born, canceled, .. } = closed;
        for (id, stored) in children.iter().filter(|(_, s)| s.trace.turn == turn) {
            let is = |b: &Born| b.ask.identity() == stored.trace.identity;
            let exact = |b: &Born| is(b) && b.ask.site == stored.trace.site;
            let mut candidates: Vec<_> = (0..born.len()).filter(|i| exact(&born[*i])).collect();
            if candidates.is_empty() || random.one_in(4) {
                candidates = (0..born.len()).filter(|i| is(&born[*i])).collect();
            }
            if candidates.is_empty() {
                return Err(format!("{id} would not have been written in turn {turn}"));
            }
            let own = born.remove(candidates[random.below(candidates.len())]);
            self.by_record.insert(ordinal(id), own.ordinal);
            self.open.push(ordinal(id));
        }
        let canceled: Vec<_> = canceled.into_iter().filter_map(|own| self.record(own)).collect();
        for (id, stored) in children {
            let record = ordinal(id);
            let here = stored.canceled.as_ref().is_some_and(|canceled| canceled.turn == turn);
            match canceled.contains(&record) {
                false if here => return Err(format!("{id} would not have been canceled")),
                true if stored.outcome.is_none() && !partly => {
                    return Err(format!("the cancellation of {id} has no record"));
                }
                true if stored.canceled.is_some() && !here => {
                    return Err(format!("{id} would have been canceled in turn {turn}"));
                }
                true => {
                    // It is known once a later turn is durable: until then an equal call may have
                    // had this record.
                    self.dropped.push((record, (self.base, turn + 1)));
                    self.open.retain(|open| *open != record);
                }
                false => {}
            }
        }
        match born.first() {
            Some(born) if !partly => Err(format!("{:?} of turn {turn} has no record", born.ask)),
            _ => Ok(()),
        }
    }
}
