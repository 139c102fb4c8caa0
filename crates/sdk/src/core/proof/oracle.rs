//! The oracle: what a run without a crash would have written, told only who completed when.
//!
//! It drives the turns of one scope at a time, with no records to match against and one completion
//! to choose from, so it shares nothing with the replay that it judges.

use std::{collections::HashMap, sync::Arc, task::Context, task::Poll};

use super::{
    interpret::{Env, ask, root},
    program::{Call, Node, What},
    random::Random,
    world::{ROOT, Started, Stored, World, ordinal},
};
use crate::core::{
    ambient,
    ask::{Ask, Running},
    outcome::Outcome,
    record::Records,
    scope::Shared,
    turn::{Born, Closed},
    wake::{RunQueue, ScopeWaker},
};

/// Attempts to find a crash-free run: equal calls can be told apart in several ways, and the order
/// after the last record is not recorded.
const ATTEMPTS: usize = 50_000;

/// Checks everything that a run left behind.
pub(super) fn check(world: &World, program: &Arc<Node>) -> Result<(), String> {
    effects_have_owners(world)?;
    let mut scopes = vec![(ROOT.to_owned(), None)];
    let calls = nested(program);
    while let Some((id, nested)) = scopes.pop() {
        let mut children: Vec<_> =
            world.store.iter().filter(|(_, stored)| stored.parent == id).collect();
        children.sort_by_key(|(id, _)| ordinal(id));
        let result = match nested {
            None => world.result.clone(),
            // What was canceled may have got anywhere.
            Some(_) => {
                let outcome = world.store[&id].outcome.clone();
                outcome.filter(|outcome| !matches!(outcome, Outcome::Canceled(_)))
            }
        };
        let env = Env::new(world.store.len() as u64);
        let function = match nested {
            None => root(&env, program),
            Some(what) => ask(&env, &Call { what, site: 0, cancel: false }),
        };
        explain(&id, &env, &function, &children, result.as_ref(), &world.started)?;
        for (id, stored) in children {
            if &*stored.trace.identity.func == "nested" {
                let what = calls[&stored.trace.identity.fingerprint].clone();
                scopes.push((id.clone(), Some(what)));
            }
        }
    }
    Ok(())
}

/// Every body that was started is the body of a record.
fn effects_have_owners(world: &World) -> Result<(), String> {
    for Started { id, func, args, .. } in &world.started {
        let owned = id == ROOT
            || world
                .store
                .get(id)
                .is_some_and(|s| *s.trace.identity.func == **func && s.args == *args);
        if !owned {
            return Err(format!("{func}{args} ran as {id}, and no record owns it"));
        }
    }
    Ok(())
}

type Children<'a> = [(&'a String, &'a Stored)];

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
        let run = Run::new(id, env, function);
        match run.follow(children, result, &random).and_then(|run| run.drops_are_final(started)) {
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
    end: Option<Outcome>,
    /// Which child of this run is which record.
    by_record: HashMap<u32, u32>,
    /// The children that are not delivered, as records.
    open: Vec<u32>,
    /// The local calls whose handles were dropped, as records, and in which turn.
    dropped: Vec<(u32, u64)>,
}

impl Run {
    fn new(id: &str, env: &Arc<Env>, function: &Arc<Ask>) -> Self {
        let wake = ScopeWaker::new(0, Arc::<RunQueue>::default());
        let scope = Shared::new(id.into(), wake, &Arc::new(Records::default()));
        let future = Some((function.body.clone().unwrap())());
        let (end, by_record, open, dropped) = (None, HashMap::new(), Vec::new(), Vec::new());
        Self { scope, future, env: env.clone(), end, by_record, open, dropped }
    }

    fn follow(
        mut self,
        children: &Children<'_>,
        result: Option<&Outcome>,
        random: &Random,
    ) -> Result<Self, String> {
        let by_ordinal: HashMap<u32, &Stored> =
            children.iter().map(|(id, stored)| (ordinal(id), *stored)).collect();
        let created = children.iter().map(|(_, s)| (s.trace.turn, &s.trace.deliveries));
        let canceled = children.iter().filter_map(|(_, s)| s.canceled.as_ref());
        let canceled = canceled.map(|canceled| (canceled.turn, &canceled.deliveries));
        let mut turns: Vec<_> = created.chain(canceled).collect();
        turns.sort_unstable();
        let mut deliveries: Vec<u32> = Vec::new();
        for (turn, list) in &turns {
            let from = *turn as usize - list.len();
            let Some(known) = deliveries.get(from..) else {
                return Err(format!("no way to turn {turn}"));
            };
            if list[..known.len()] != *known {
                return Err(format!("two orders before turn {turn}"));
            }
            deliveries.extend_from_slice(&list[deliveries.len() - from..]);
        }
        let turns: Vec<_> = turns.into_iter().map(|(turn, _)| turn).collect();
        let closed = self.turn(None)?;
        let last = |turn| result.is_none() && turns.last().is_none_or(|last| *last == turn);
        self.compare(0, closed, children, last(0), random)?;
        for (i, record) in deliveries.iter().enumerate() {
            let outcome = by_ordinal.get(record).and_then(|s| s.outcome.clone());
            let outcome = outcome.ok_or(format!("child {record} was delivered unsettled"))?;
            let closed = self.turn(Some((*record, outcome)))?;
            let turn = i as u64 + 1;
            self.compare(turn, closed, children, last(turn), random)?;
        }
        let Some(result) = result else { return Ok(self) };
        while self.end.is_none() {
            // The rest of the order is anybody's guess, but it makes no further record.
            let settled =
                |o: &&u32| by_ordinal[o].outcome.is_some() && by_ordinal[o].canceled.is_none();
            let settled: Vec<_> = self.open.iter().filter(settled).copied().collect();
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
        if self.end.as_ref() != Some(result) {
            return Err(format!("the result is {result:?}, and not {:?}", self.end));
        }
        Ok(self)
    }

    /// No body was started after its caller had dropped it and this was known.
    fn drops_are_final(&self, started: &[Started]) -> Result<(), String> {
        for (record, turn) in &self.dropped {
            let id = self.scope.child_id(*record);
            if let Some(s) = started.iter().find(|s| s.id == *id && s.after >= Some(*turn)) {
                return Err(format!("{} ran as {id}, which was dropped in turn {turn}", s.func));
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
            self.dropped.extend(record.map(|record| (record, state.turn)));
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
                self.end = Some(end.outcome);
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
                    self.dropped.push((record, turn));
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

/// The nested functions of a program, by fingerprint.
fn nested(program: &Node) -> HashMap<u64, What> {
    let mut found = HashMap::new();
    let mut nodes = vec![program];
    while let Some(node) = nodes.pop() {
        let mut calls: Vec<&Call> = Vec::new();
        match node {
            Node::Call(call) | Node::Dropped { call, .. } => calls.push(call),
            Node::Seq(all) | Node::JoinAll { all, .. } => nodes.extend(all),
            Node::Join(a, b) | Node::TryJoin(a, b) | Node::Lock(a, b) => {
                nodes.extend([&**a, &**b]);
            }
            Node::Channel(a, b, c) => nodes.extend([&**a, &**b, &**c]),
            Node::Select { calls: both, then, .. } => {
                calls.extend(both);
                nodes.extend(&**then);
            }
            Node::SelectBlocks { blocks, .. } => nodes.extend(&**blocks),
            Node::Repeat(_, node) => nodes.push(node),
            Node::Pinned { pinned, body, .. } => {
                calls.push(pinned);
                nodes.push(body);
            }
            Node::PolledOnce { calls: both, between, then } => {
                calls.extend(both);
                nodes.push(between);
                nodes.extend(&**then);
            }
            Node::Unordered { calls: all, then } => {
                calls.extend(all);
                nodes.extend(then);
            }
            Node::Spawn { call, rest, .. } | Node::Cancel { call, rest } => {
                calls.push(call);
                nodes.push(rest);
            }
            Node::If { value, then } => {
                nodes.push(value);
                nodes.extend(&**then);
            }
            Node::Yield => {}
        }
        for call in calls {
            if let What::Nested(arg, node) = &call.what {
                found.insert(*arg, call.what.clone());
                nodes.push(node);
            }
        }
    }
    found
}
