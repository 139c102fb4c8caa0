use std::sync::Arc;

use abide_machine::{Entry, Internal, Phase, Promise, Row, Task, Unblock, promise_at, task_at};
use abide_protocol::{
    Body, Due, Edge, Id, Listening, Message, Millis, Outgoing, Request, Response, Snapshot, Status,
    TaskDue,
};
use std::collections::BTreeMap;

use crate::{
    Shard,
    io::{Addresses, Output, Range, Ticket},
    job::{Cause, Job},
    scan::{Purpose, Scanned},
};

/// A tick of a debug server: everything that is due fires before it is answered.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Tick {
    ticket: Ticket,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    /// The timers fire.
    Timers,
    /// The pending tasks that are due are being looked for.
    Retries,
    /// They are being offered.
    Offers,
}

/// The whole state, being gathered.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Snap {
    ticket: Ticket,
    promises: BTreeMap<Id, Arc<Promise>>,
    tasks: Vec<Arc<Task>>,
    unblocks: Vec<Arc<Unblock>>,
}

fn every_address() -> Addresses {
    Addresses::Prefix("".into())
}

impl Shard {
    /// Carries out a request of the debug surface.
    pub(crate) fn debug(&mut self, ticket: Ticket, request: &Request, debug_time: Option<Millis>) {
        let done = Response::ok(Body::Empty {});
        match request {
            Request::DebugStart => {
                self.paused = true;
                self.reply(ticket, done, 0);
            }
            Request::DebugStop => {
                self.paused = false;
                self.reply(ticket, done, 0);
            }
            Request::DebugReset => self.reset(ticket),
            Request::DebugTick(tick) if debug_time.is_some_and(|time| time != tick.time) => {
                let text = "time differs from the head's resonate:debug_time";
                self.reply(ticket, Response::error(Status::BadRequest, text), 0);
            }
            Request::DebugTick(tick) => {
                self.clock = self.clock.max(tick.time);
                self.ticks.push_back(Tick { ticket, stage: Stage::Timers });
            }
            _ => {
                let snap = Snap { ticket, ..Snap::default() };
                self.scan(Purpose::Snap(Box::new(snap)), Range::Promises("".into()), None);
            }
        }
    }

    /// Moves the first tick on when nothing is left to do before it. Whether it did.
    pub(crate) fn advance_tick(&mut self) -> bool {
        let quiet = || self.unfinished == 0 && self.due.is_past(self.clock);
        let Some(tick) = self.ticks.front_mut().filter(|_| quiet()) else { return false };
        match tick.stage {
            Stage::Timers => {
                tick.stage = Stage::Retries;
                self.scan(Purpose::Retry, Range::Ready(every_address()), None);
                true
            }
            Stage::Retries => false,
            Stage::Offers => {
                let ticket = tick.ticket;
                self.ticks.pop_front();
                self.reply(ticket, Response::ok(Body::Empty {}), self.batches.newest());
                true
            }
        }
    }

    pub(crate) fn retry_page(&mut self, scanned: Scanned) {
        let (range, last) = (scanned.range.clone(), scanned.last());
        for entry in self.entries(scanned).found {
            if let Entry::Ready(_, id) = entry {
                self.enqueue(Job::internal(Internal::Dispatch { id }, Cause::Other));
            }
        }
        match (last, self.ticks.front_mut()) {
            (Some(last), _) => self.scan(Purpose::Retry, range, Some(last)),
            (None, Some(tick)) => tick.stage = Stage::Offers,
            (None, None) => {}
        }
    }

    /// Empties the store. Every call in progress fails, and so does every one that comes before
    /// the store is empty.
    fn reset(&mut self, ticket: Ticket) {
        let lost = Response::error(Status::Unavailable, "the store is being emptied");
        self.tickets.remove(&ticket);
        self.call_bytes = 0;
        for ticket in std::mem::take(&mut self.tickets).into_keys() {
            self.outputs.push_back(Output::Reply { ticket, response: lost.clone() });
        }
        self.resetting = Some(ticket);
        self.forget();
        self.outputs.push_back(Output::Reset);
    }

    /// Forgets all that it knows of the records.
    fn forget(&mut self) {
        let fresh = Shard::new(self.config, self.limits, self.clock);
        self.cache = fresh.cache;
        self.overlay = fresh.overlay;
        self.gate = fresh.gate;
        self.due = fresh.due;
        self.calls = fresh.calls;
        self.work = fresh.work;
        self.unfinished = 0;
        self.parked = fresh.parked;
        self.loading = fresh.loading;
        self.loads = fresh.loads;
        self.scans = fresh.scans;
        self.firing = fresh.firing;
        self.owed = fresh.owed;
        self.reclaiming = fresh.reclaiming;
        self.ticks = fresh.ticks;
        self.batches.clear();
        self.outbox.clear();
    }

    pub(crate) fn reset_done(&mut self) {
        // Time starts over: the one exception to its never going back.
        self.clock = 0;
        if let Some(ticket) = self.resetting.take() {
            self.outputs
                .push_back(Output::Reply { ticket, response: Response::ok(Body::Empty {}) });
        }
    }

    pub(crate) fn snap_page(&mut self, mut snap: Box<Snap>, scanned: Scanned) {
        let (range, last) = (scanned.range.clone(), scanned.last());
        for row in self.rows(scanned).found {
            match row {
                Row::Promise(promise) => {
                    snap.promises.insert(promise.record.id.clone(), promise);
                }
                Row::Task(task) => snap.tasks.push(task),
                Row::Unblock(unblock) => snap.unblocks.push(unblock),
                Row::Schedule(_) => {}
            }
        }
        let next = match range {
            range if last.is_some() => Some(range),
            Range::Promises(_) => Some(Range::Tasks),
            Range::Tasks => Some(Range::Unblocks(every_address())),
            _ => None,
        };
        match next {
            Some(range) => self.scan(Purpose::Snap(snap), range, last),
            None => {
                let ticket = snap.ticket;
                let snapshot = Box::new(snap.build(self.clock));
                let newest = self.batches.newest();
                self.reply(ticket, Response::ok(Body::Snapshot(snapshot)), newest);
            }
        }
    }
}

impl Snap {
    fn build(self, now: Millis) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (id, promise) in &self.promises {
            let record = promise_at(&promise.record, now);
            if record.is_pending() && promise.is_armed() {
                snapshot.promise_timeouts.push(Due { id: id.clone(), timeout: record.timeout_at });
            }
            snapshot.promises.push(record);
            let edge = |awaiter: &Id| Edge { awaited: id.clone(), awaiter: awaiter.clone() };
            snapshot.callbacks.extend(promise.awaiters.iter().map(edge));
            let listening =
                |address: &Arc<str>| Listening { id: id.clone(), address: address.to_string() };
            snapshot.listeners.extend(promise.listeners.iter().map(listening));
        }
        for task in &self.tasks {
            let Some(promise) = self.promises.get(&task.id) else { continue };
            let task = task_at(task, &promise.record, now);
            let due = match task.phase {
                Phase::Pending { due, .. } => Some((0, due)),
                Phase::Acquired { expires, .. } => Some((1, expires)),
                Phase::Suspended | Phase::Halted | Phase::Fulfilled => None,
            };
            let due = due.map(|(kind, timeout)| TaskDue { id: task.id.clone(), kind, timeout });
            snapshot.task_timeouts.extend(due);
            if let Phase::Pending { offered: true, .. } = task.phase {
                let message = Message::Execute { id: task.id.clone(), version: task.version };
                snapshot.messages.push(Outgoing::new(&task.address, &message));
            }
            snapshot.tasks.push(task.record());
        }
        for unblock in &self.unblocks {
            let Some(promise) = self.promises.get(&unblock.promise) else { continue };
            let message = Message::Unblock { promise: promise_at(&promise.record, now) };
            snapshot.messages.push(Outgoing::new(&unblock.address, &message));
        }
        snapshot
    }
}
