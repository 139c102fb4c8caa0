use abide_machine::Step;
use abide_protocol::{Millis, PromiseRecord, Request, Response, Status};

use crate::{
    Shard,
    io::{Batch, Output, Range, Ticket},
    job::{Cause, Job},
    reclaim::Reclaim,
    scan::Purpose,
    search::Search,
    shard::{Following, Queued, Taken},
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
        self.tickets.insert(ticket, Taken { bytes, done: false, then: None });
        self.call_bytes += bytes;
        match before.and_then(|before| self.tickets.get_mut(&before)) {
            Some(taken) if !taken.done => {
                taken.then = Some(Box::new(Following { ticket, request, debug_time }));
            }
            _ => self.start(ticket, request, debug_time),
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
        let then = if batch <= self.batches.durable() || fault!(ReplyBeforeCommit) {
            self.outputs.push_back(reply);
            let taken = self.tickets.remove(&ticket);
            self.call_bytes -= taken.as_ref().map_or(0, |taken| taken.bytes);
            taken.and_then(|taken| taken.then)
        } else {
            self.gate.hold(batch, reply);
            self.tickets.get_mut(&ticket).and_then(|taken| {
                taken.done = true;
                taken.then.take()
            })
        };
        if let Some(then) = then {
            let Following { ticket, request, debug_time } = *then;
            self.start(ticket, request, debug_time);
        }
    }

    /// Has a job carried out when its turn comes.
    pub(crate) fn enqueue(&mut self, job: Job) {
        self.unfinished += usize::from(!job.is_call());
        self.requeue(Queued { job, pinned: None });
    }

    pub(crate) fn requeue(&mut self, queued: Queued) {
        if queued.job.is_call() {
            self.calls.push_back(queued);
        } else {
            self.work.push_back(queued);
        }
    }
}
