use std::sync::Arc;

use abide_machine::{Key, Row, Step, promise_at};
use abide_protocol::{
    Body, Id, Leased, PromiseRecord, Request, Response, TaskHeartbeat, TaskState,
};

use crate::{
    Shard,
    io::{Batch, Found, Position, Range, Ticket},
    job::{Cause, Job},
    scan::{Purpose, Scanned},
    weight,
};

/// A response that is to tell of promises.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Claim {
    ticket: Ticket,
    response: Response,
    /// The newest batch that the response tells of.
    batch: Batch,
    /// What is told.
    pub(crate) told: Vec<Id>,
    /// Whether that has woken the task. Then it is said if some are left out.
    woken: bool,
}

/// A branch that is looked through for a claim.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Branch {
    pub(crate) claim: Claim,
    /// What their ids extend, and what they name as their branch.
    id: Id,
    /// The promise that the response is about anyway.
    own: Id,
    /// Which of the two separators stands between it and the ids that are looked at.
    separator: usize,
    /// How many promises have been looked at that are not of the branch.
    missed: usize,
}

impl Branch {
    /// How many more promises may be told.
    fn room(&self, limit: usize) -> usize {
        limit.saturating_sub(self.claim.told.len())
    }

    /// How many promises to look at next: as many as have been found to tell of, and a few. None
    /// once that many have been looked at in vain, so that what is read for nothing is never much
    /// more than what is told.
    pub(crate) fn page(&self, shard: &Shard) -> usize {
        let page = shard.limits.preload_missed.saturating_add(self.claim.told.len());
        if self.missed >= page {
            return 0;
        }
        page.min(self.room(shard.config.preload_limit)).min(shard.limits.page)
    }

    fn holds(&self, record: &PromiseRecord) -> bool {
        record.tags.branch() == Some(&*self.id) && record.id != self.own
    }

    /// Where to go on after the last promise of a page. What an execution below the branch has done
    /// lies side by side, under one separator, and is passed over.
    fn after(&self, last: &PromiseRecord) -> Key {
        let below = last.tags.branch().filter(|it| last.id.extends(it) && it.len() > self.id.len());
        let end = below.map(|below| format!("{}{}", &last.id[..=below.len()], char::MAX));
        Key::Promise(end.map_or(last.id.clone(), |end| last.id.clone().max(end.into())))
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
                let id = if fault!(PreloadElsewhere) { &*own.id } else { branch };
                let (id, own) = (Id::from(id), own.id.clone());
                let claim = Claim { ticket, response, batch, told: Vec::new(), woken: false };
                let branch = Branch { claim, id, own, separator: 0, missed: 0 };
                self.look_through(Box::new(branch), None);
            }
            _ => self.reply(ticket, response, batch),
        }
    }

    /// Answers with the promises that have woken the task.
    fn answer_woken(
        &mut self,
        ticket: Ticket,
        mut response: Response,
        mut told: Vec<Id>,
        batch: Batch,
    ) {
        let most = self.config.preload_limit;
        if let Body::Claim { more, .. } | Body::Preload { more, .. } = &mut response.body {
            *more |= told.len() > most;
        }
        told.truncate(most);
        if told.is_empty() {
            return self.reply(ticket, response, batch);
        }
        let claim = Claim { ticket, response, batch, told, woken: true };
        self.enqueue(Job::Claim(Box::new(claim)));
    }

    fn stored(&self, id: &Id) -> Option<Arc<PromiseRecord>> {
        match self.cache.row(&Key::Promise(id.clone()))? {
            Row::Promise(promise) => Some(promise.record.clone()),
            _ => None,
        }
    }

    /// Looks at the next promises of a branch, unless as many as may be have been found, or too many
    /// in vain: one that is not told only costs whoever asks a request.
    fn look_through(&mut self, branch: Box<Branch>, after: Option<Position>) {
        match Id::SEPARATORS.get(branch.separator) {
            Some(separator) if branch.page(self) > 0 => {
                let range = Range::Promises(format!("{}{separator}", branch.id).into());
                self.scan(Purpose::Branch(branch), range, after);
            }
            _ => self.enqueue(Job::Claim(Box::new(branch.claim))),
        }
    }

    pub(crate) fn branch_page(&mut self, mut branch: Box<Branch>, scanned: Scanned) {
        let last = match &scanned.page.found {
            Found::Rows(rows) if scanned.page.more => rows.last().and_then(record).cloned(),
            _ => None,
        };
        let merged = self.rows(scanned);
        let room = branch.room(self.config.preload_limit);
        branch.claim.batch = branch.claim.batch.max(merged.batch);
        let found = merged.found.iter().filter_map(record).filter(|record| branch.holds(record));
        let found: Vec<Id> = found.take(room).map(|record| record.id.clone()).collect();
        branch.missed += merged.found.len() - found.len();
        branch.claim.told.extend(found);
        fault!(PreloadFirstPage => return self.enqueue(Job::Claim(Box::new(branch.claim))));
        let after = last.map(|last| Position::Key(branch.after(&last)));
        if after.is_none() {
            branch.separator += 1 + usize::from(fault!(PreloadOneDialect));
        }
        self.look_through(branch, after);
    }

    /// Tells of the promises of the branch, or of those that have woken the task: of one at least
    /// then, however large, so that whoever asks again gets on.
    pub(crate) fn preload(&mut self, claim: Claim, batch: Batch) {
        let Claim { ticket, mut response, told: ids, woken, .. } = claim;
        let mut bytes = 0;
        let mut left_out = false;
        let mut told: Vec<Arc<PromiseRecord>> = Vec::new();
        for id in &ids {
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

fn record(row: &Row) -> Option<&Arc<PromiseRecord>> {
    match row {
        Row::Promise(promise) => Some(&promise.record),
        _ => None,
    }
}

#[cfg(feature = "testing")]
impl Claim {
    pub(crate) fn name_batch(&mut self, renamed: &crate::testing::Renamed) {
        self.batch = renamed.batch(self.batch);
    }
}
