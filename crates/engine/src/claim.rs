use std::sync::Arc;

use abide_machine::{Entry, Key, Row, Step, promise_at};
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
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Claim {
    ticket: Ticket,
    response: Response,
    /// The newest batch that the response tells of.
    batch: Batch,
    /// The promise that the response is about anyway.
    own: Id,
    /// The promises of the branch, or those to tell of instead.
    pub(crate) branch: Vec<Id>,
    /// Whether they have woken the task. Then it is said if some are left out.
    woken: bool,
}

impl Claim {
    /// How many more promises it may tell of.
    pub(crate) fn room(&self, limit: usize) -> usize {
        limit.saturating_sub(self.branch.len())
    }
}

impl Shard {
    /// Answers a step's call. `suspended` is the task of a suspension, `told` what to tell of
    /// instead of the branch.
    pub(crate) fn answer(
        &mut self,
        ticket: Ticket,
        response: Response,
        suspended: Option<&Id>,
        told: Option<Vec<Id>>,
        batch: Batch,
    ) {
        if let Some(told) = told {
            return self.answer_woken(ticket, response, told, batch);
        }
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
                let branch = if fault!(PreloadElsewhere) { &*own } else { branch };
                let range = Range::Branch(branch.into());
                let (branch, woken) = (Vec::new(), false);
                let claim = Claim { ticket, response, batch, own, branch, woken };
                self.scan(Purpose::Branch(Box::new(claim)), range, None);
            }
            _ => self.reply(ticket, response, batch),
        }
    }

    /// Answers with the promises that have woken the task.
    fn answer_woken(
        &mut self,
        ticket: Ticket,
        mut response: Response,
        mut branch: Vec<Id>,
        batch: Batch,
    ) {
        let most = self.config.preload_limit;
        if let Body::Claim { more, .. } | Body::Preload { more, .. } = &mut response.body {
            *more |= branch.len() > most;
        }
        branch.truncate(most);
        if branch.is_empty() {
            return self.reply(ticket, response, batch);
        }
        let own = Id::from("");
        let claim = Claim { ticket, response, batch, own, branch, woken: true };
        self.enqueue(Job::Claim(Box::new(claim)));
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
            _ if fault!(PreloadFirstPage) => self.enqueue(Job::Claim(claim)),
            Some(last) if claim.room(self.config.preload_limit) > 0 => {
                self.scan(Purpose::Branch(claim), range, Some(last));
            }
            _ => self.enqueue(Job::Claim(claim)),
        }
    }

    /// Tells of the promises of the branch, or of those that have woken the task: of one at least
    /// then, however large, so that whoever asks again gets on.
    pub(crate) fn preload(&mut self, claim: Claim, batch: Batch) {
        let Claim { ticket, mut response, branch, woken, .. } = claim;
        let mut bytes = 0;
        let mut left_out = false;
        let mut told: Vec<Arc<PromiseRecord>> = Vec::new();
        for id in &branch {
            let Some(record) = self.stored(id) else { continue };
            let record =
                if fault!(PreloadAsWritten) { record } else { promise_at(&record, self.clock) };
            // One that was reclaimed and created anew has woken nobody.
            if woken && record.is_pending() && !fault!(PendingTold) {
                continue;
            }
            bytes += weight::of_value(&record.param) + weight::of_value(&record.value);
            if bytes > self.limits.preload_bytes && !(woken && told.is_empty()) {
                left_out = true;
                break;
            }
            told.push(record);
        }
        if let Body::Claim { preload, more, .. } | Body::Preload { preload, more } =
            &mut response.body
        {
            *preload = told;
            *more |= woken && left_out;
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
                // What it no longer holds by now is left alone by the step.
                Row::Task(task) => Some(Leased { id, version: task.version }),
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

#[cfg(feature = "testing")]
impl Claim {
    pub(crate) fn name_batch(&mut self, renamed: &crate::testing::Renamed) {
        self.batch = renamed.batch(self.batch);
    }
}
