use std::sync::Arc;

use abide_machine::{Entry, Key, Phase, Row, Step, promise_at};
use abide_protocol::{
    Body, Id, Leased, PromiseRecord, Request, Response, TaskHeartbeat, TaskState,
};

use crate::{
    Shard,
    io::{Batch, Position, Range, Ticket},
    job::{Cause, Job},
    scan::{Purpose, Scanned},
    weight,
};

/// A response that is to tell of the promises of a branch.
pub(crate) struct Claim {
    ticket: Ticket,
    response: Response,
    /// The newest batch that the response tells of.
    batch: Batch,
    /// The promise that the response is about anyway.
    own: Id,
    /// The promises of the branch.
    pub(crate) branch: Vec<Id>,
}

impl Claim {
    /// How many more promises it may tell of.
    pub(crate) fn room(&self, limit: usize) -> usize {
        limit.saturating_sub(self.branch.len())
    }
}

impl Shard {
    /// Answers a step's call. `suspended` is the task of a suspension.
    pub(crate) fn answer(
        &mut self,
        ticket: Ticket,
        response: Response,
        suspended: Option<&Id>,
        batch: Batch,
    ) {
        let own = match &response.body {
            // Whoever claims a task for the first time finds nothing done for it yet; a promise
            // of its branch that exists all the same only costs it one idempotent create.
            Body::Claim { task, promise, .. }
                if task.state == TaskState::Acquired && task.version > 1 =>
            {
                Some(promise.clone())
            }
            Body::Preload { .. } => suspended.and_then(|id| self.stored(id)),
            _ => None,
        };
        let branch = own.as_ref().and_then(|own| own.tags.branch());
        match (own.as_ref(), branch) {
            (Some(own), Some(branch)) if self.config.preload_limit > 0 => {
                let own = own.id.clone();
                let range = Range::Branch(branch.into());
                let claim = Claim { ticket, response, batch, own, branch: Vec::new() };
                self.scan(Purpose::Branch(Box::new(claim)), range, None);
            }
            _ => self.reply(ticket, response, batch),
        }
    }

    fn stored(&self, id: &Id) -> Option<Arc<PromiseRecord>> {
        match self.cache.row(&Key::Promise(id.clone()))? {
            Row::Promise(promise) => Some(promise.record.clone()),
            _ => None,
        }
    }

    pub(crate) fn branch_page(&mut self, mut claim: Box<Claim>, scanned: Scanned) {
        let (range, last) = (scanned.range.clone(), scanned.last());
        let merged = self.entries(scanned);
        claim.batch = claim.batch.max(merged.batch);
        let ids = merged.found.into_iter().filter_map(|entry| match entry {
            Entry::Branch(_, id) if id != claim.own => Some(id),
            _ => None,
        });
        let room = claim.room(self.config.preload_limit);
        let ids: Vec<Id> = ids.take(room).collect();
        claim.branch.extend(ids);
        match last {
            Some(last) if claim.room(self.config.preload_limit) > 0 => {
                self.scan(Purpose::Branch(claim), range, Some(last));
            }
            _ => self.enqueue(Job::Claim(claim)),
        }
    }

    /// Tells of the promises of the branch.
    pub(crate) fn preload(&mut self, claim: Claim, batch: Batch) {
        let Claim { ticket, mut response, branch, .. } = claim;
        let mut bytes = 0;
        let told: Vec<Arc<PromiseRecord>> = branch
            .iter()
            .filter_map(|id| self.stored(id))
            .map(|record| promise_at(&record, self.clock))
            .take_while(|record| {
                bytes += weight::of_value(&record.param) + weight::of_value(&record.value);
                bytes <= self.limits.preload_bytes
            })
            .collect();
        if let Body::Claim { preload, .. } | Body::Preload { preload, .. } = &mut response.body {
            *preload = told;
        }
        self.reply(ticket, response, batch.max(claim.batch));
    }

    /// Extends whatever a process holds.
    pub(crate) fn heartbeat(
        &mut self,
        ticket: Ticket,
        data: TaskHeartbeat,
        held: Vec<Id>,
        rest: Option<(Range, Position)>,
    ) {
        let tasks =
            held.into_iter().filter_map(|id| match self.cache.row(&Key::Task(id.clone()))? {
                Row::Task(task) if matches!(task.phase, Phase::Acquired { .. }) => {
                    Some(Leased { id, version: task.version })
                }
                _ => None,
            });
        let tasks = tasks.collect();
        let request = Request::TaskHeartbeat(TaskHeartbeat { tasks, pid: data.pid.clone() });
        let cause = match rest {
            Some((range, after)) => Cause::Heartbeat(ticket, data, range, after),
            None => Cause::Call(ticket),
        };
        self.enqueue(Job::Step { step: Step::Request(request), cause });
    }
}
