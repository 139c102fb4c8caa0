use abide_machine::{Key, Row, Step};
use abide_protocol::{Millis, PromiseRecord, Request, Response, Status};

use crate::{
    Shard,
    io::{Batch, Output, Range, Ticket},
    job::{Cause, Job},
    reclaim::Reclaim,
    scan::Purpose,
    search::Search,
    shard::{Following, Parked, Queued, Taken},
    weight,
};

/// The deadline of a stored promise, if it has passed and that is not written.
pub(crate) fn passed(promise: &PromiseRecord, now: Millis) -> Option<Millis> {
    (promise.is_pending() && promise.timeout_at <= now).then_some(promise.timeout_at)
}

impl Shard {
    /// Takes in a request, to take effect after the one before it.
    pub(crate) fn call(
        &mut self,
        ticket: Ticket,
        request: Request,
        debug_time: Option<Millis>,
        before: Option<Ticket>,
    ) {
        let request = match request.limited_to(self.config.extensions) {
            Ok(request) => request,
            Err(invalid) => {
                return self.outputs.push_back(Output::Reply { ticket, response: invalid.into() });
            }
        };
        let bytes = weight::of_request(&request);
        let fits = self.tickets.is_empty() || self.call_bytes + bytes <= self.limits.call_bytes;
        let refusal = if let Err(invalid) = request.validate() {
            Some(invalid.into())
        } else if self.tickets.len() >= self.limits.calls || !fits {
            Some(Response::error(Status::TooManyRequests, "too many requests wait already"))
        } else if self.resetting.is_some() {
            Some(Response::error(Status::Unavailable, "the store is being emptied"))
        } else {
            None
        };
        if let Some(response) = refusal {
            self.outputs.push_back(Output::Reply { ticket, response });
            return;
        }
        self.tickets.insert(ticket, Taken { bytes, done: false });
        self.call_bytes += bytes;
        let waits = |before: &Ticket| self.tickets.get(before).is_some_and(|taken| !taken.done);
        match before.filter(waits) {
            Some(before) => {
                self.following.insert(before, Following { ticket, request, debug_time });
            }
            None => self.start(ticket, request, debug_time),
        }
    }

    /// Has a request that was taken in carried out.
    fn start(&mut self, ticket: Ticket, request: Request, debug_time: Option<Millis>) {
        match request {
            Request::PromiseSearch(_) | Request::TaskSearch(_) | Request::ScheduleSearch(_) => {
                self.search(Search::new(ticket, request));
            }
            Request::TaskHeartbeat(data) if data.tasks.is_empty() => {
                let range = Range::Held(data.pid.as_str().into());
                self.scan(Purpose::Held { ticket, data }, range, None);
            }
            Request::TaskReclaim(data) => {
                self.reclaiming.insert(ticket, self.batches.durable());
                self.enqueue(Job::Reclaim(Box::new(Reclaim::new(ticket, data))));
            }
            Request::DebugStart
            | Request::DebugStop
            | Request::DebugReset
            | Request::DebugTick(_)
            | Request::DebugSnap => self.debug(ticket, &request, debug_time),
            request => {
                let job = Job::Step { step: Step::Request(request), cause: Cause::Call(ticket) };
                self.enqueue(job);
            }
        }
    }

    /// Answers a call as soon as what the answer tells is durable. What follows it begins now.
    pub(crate) fn reply(&mut self, ticket: Ticket, response: Response, batch: Batch) {
        let reply = Output::Reply { ticket, response };
        if batch <= self.batches.durable() || fault!(ReplyBeforeCommit) {
            self.call_bytes -= self.tickets.remove(&ticket).map_or(0, |taken| taken.bytes);
            self.outputs.push_back(reply);
        } else {
            if let Some(taken) = self.tickets.get_mut(&ticket) {
                taken.done = true;
            }
            self.gate.hold(batch, reply);
        }
        if let Some(Following { ticket, request, debug_time }) = self.following.remove(&ticket) {
            self.start(ticket, request, debug_time);
        }
    }

    /// Has a job carried out when its turn comes.
    pub(crate) fn enqueue(&mut self, job: Job) {
        self.unfinished += usize::from(!job.is_call());
        self.requeue(Queued { job, pinned: None });
    }

    fn requeue(&mut self, queued: Queued) {
        if queued.job.is_call() {
            self.calls.push_back(queued);
        } else {
            self.work.push_back(queued);
        }
    }

    /// Carries a job out if the rows it reads are in memory; has them loaded otherwise.
    pub(crate) fn run(&mut self, queued: Queued) {
        let Queued { job, pinned } = queued;
        let pins = pinned.is_some();
        let keys = pinned.unwrap_or_else(|| job.keys());
        let mut batch = 0;
        let mut missing = false;
        let is_call = job.is_call();
        for key in &keys {
            match self.cache.touch(key) {
                Some(_) if fault!(ReadBeforeCommit) => {}
                Some(slot) => {
                    batch = batch.max(slot.batch);
                    // If its deadline has passed and that is not written, the time is what the
                    // answer of a call rests on that sees this row.
                    if let Some(Row::Promise(promise)) = &slot.row
                        && is_call
                        && let Some(time) = passed(&promise.record, self.clock)
                        && !fault!(TimeToldEarly)
                    {
                        batch = batch.max(self.batches.of_time(time));
                    }
                }
                None => missing = true,
            }
        }
        if missing {
            debug_assert!(!pins, "what is pinned stays");
            return self.park(job, keys);
        }
        self.unfinished -= usize::from(!is_call);
        self.carry_out(job, batch);
        if pins {
            keys.iter().for_each(|key| self.cache.unpin(key));
        }
    }

    fn park(&mut self, job: Job, keys: Vec<Key>) {
        let number = self.number();
        let mut parked = Parked { job, keys, missing: 0 };
        let mut wanted = Vec::new();
        for key in &parked.keys {
            if self.cache.pin(key) {
                continue;
            }
            parked.missing += 1;
            let awaited = self.loading.get_or_default(key.clone());
            if awaited.jobs.is_empty() {
                awaited.deferred = is_deferred(&parked.job, key, &wanted);
                if !awaited.deferred {
                    wanted.push(key.clone());
                }
            }
            awaited.jobs.push(number);
        }
        self.parked.insert(number, parked);
        self.load(wanted);
    }

    fn load(&mut self, keys: Vec<Key>) {
        if !keys.is_empty() {
            let load = self.number();
            self.loads.insert(load);
            self.outputs.push_back(Output::Load { load, keys });
        }
    }

    pub(crate) fn loaded(&mut self, load: u64, rows: Vec<(Key, Option<Row>)>) {
        if !self.loads.remove(&load) {
            return;
        }
        let mut wanted = Vec::new();
        for (key, row) in rows {
            let deferred = self.deferred(&key);
            let has_task = matches!(&row, Some(Row::Promise(promise))
                if promise.record.tags.target().is_some());
            self.arrived(key, row);
            match deferred {
                Some(task) if has_task => wanted.push(task),
                // Where no promise is, or one without a target, there is no task.
                Some(task) => self.arrived(task, None),
                None => {}
            }
        }
        self.load(wanted);
    }

    /// The task that is to be asked for if there is this promise.
    fn deferred(&mut self, promise: &Key) -> Option<Key> {
        let Key::Promise(id) = promise else { return None };
        let task = Key::Task(id.clone());
        let awaited = self.loading.get_mut(&task)?;
        std::mem::take(&mut awaited.deferred).then_some(task)
    }

    /// Takes in a row that jobs wait for.
    fn arrived(&mut self, key: Key, row: Option<Row>) {
        let waiting = self.loading.remove(&key).unwrap_or_default().jobs;
        self.cache.loaded(key, row, waiting.len());
        for number in waiting {
            let Some(parked) = self.parked.get_mut(&number) else { continue };
            parked.missing -= 1;
            if parked.missing == 0
                && let Some(Parked { job, keys, .. }) = self.parked.remove(&number)
            {
                self.requeue(Queued { job, pinned: Some(keys) });
            }
        }
    }
}

/// Whether this is the task of a promise that the job creates and that has just been asked for: that
/// is mostly not there, and then there is no task either.
fn is_deferred(job: &Job, key: &Key, wanted: &[Key]) -> bool {
    let Key::Task(id) = key else { return false };
    let promise = |key: &Key| matches!(key, Key::Promise(other) if other == id);
    job.creates() == Some(id) && wanted.iter().any(promise)
}
