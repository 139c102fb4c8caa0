use abide_machine::{DueKind, Effect, Entry, Internal, Key, Phase, Reindexing, Row, Step, entries};
#[cfg(not(feature = "testing"))]
use abide_machine::{Outcome, step_checked};
use abide_protocol::{Id, Message, Request};

use crate::{
    Shard,
    io::{Batch, Output},
    job::{Cause, Job},
    limits::FIRED_PER_ROUND,
    outbox::Timer,
    scan::Purpose,
    weight,
};

impl Shard {
    /// Carries out a job whose rows are in memory. `batch` is the newest that wrote one of them.
    pub(crate) fn carry_out(&mut self, job: Job, batch: Batch) {
        match job {
            Job::Step { step, cause } => self.step(step, cause, batch),
            Job::Owed(id) => self.meet(id),
            Job::Occurrence(id) => self.occurrence(id),
            Job::Send(family, unblock) => self.send(&family, unblock, batch),
            Job::Heartbeat { ticket, data, held, rest } => self.heartbeat(ticket, data, held, rest),
            Job::Claim(claim) => self.preload(*claim, batch),
            Job::Reclaim(reclaim) => self.look_up(reclaim),
            Job::Tasks(page) => self.task_page(*page, batch),
        }
    }

    fn step(&mut self, mut step_: Step, mut cause: Cause, batch: Batch) {
        if let (Step::Reclaim(data), Cause::Reclaim(reclaim)) = (&mut step_, &mut cause) {
            self.add_born(data, reclaim);
        }
        let outcome = self.outcome(&step_);
        let changed = !outcome.effects.is_empty();
        let batch = if changed { self.batches.open() } else { batch };
        if changed {
            self.batches.count_step();
            outcome.effects.into_iter().for_each(|effect| self.apply(effect));
        }
        match cause {
            Cause::Call(ticket) => {
                let response = outcome.response.expect("a request is answered");
                let suspended = match &step_ {
                    Step::Request(Request::TaskSuspend(data)) => Some(&data.id),
                    _ => None,
                };
                self.answer(ticket, response, suspended, outcome.told, batch);
            }
            Cause::Reclaim(reclaim) => {
                let response = outcome.response.expect("a request is answered");
                self.reclaimed(reclaim, response, batch);
            }
            Cause::Heartbeat(ticket, data, range, after) => {
                self.scan(Purpose::Held { ticket, data }, range, Some(after));
            }
            Cause::Due(kind, id) => self.fired(kind, id, changed),
            Cause::Owed(id) => self.met(id),
            Cause::Offer(family, id) => self.outbox.unreserve(&family, &id),
            Cause::Other => {}
        }
    }

    #[cfg(not(feature = "testing"))]
    fn outcome(&self, step_: &Step) -> Outcome {
        step_checked(&self.cache, step_, self.clock, &self.config)
    }

    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Put(row) => self.write(row.key(), Some(row)),
            Effect::Delete(key) => self.write(key, None),
            Effect::Execute { address, id, version } => {
                let Some(family) = self.outbox.live(&address) else { return };
                let task = self.cache.row(&Key::Task(id.clone()));
                let Some(Row::Task(task)) = task else { unreachable!("an offered task is stored") };
                let Phase::Pending { due, .. } = task.phase else {
                    unreachable!("an offered task is pending")
                };
                if self.outbox.offered(&family, &id, due) {
                    let message = Message::Execute { id, version };
                    let deliver = Output::Deliver { delivery: None, address, message };
                    fault!(OfferBeforeCommit => return self.outputs.push_back(deliver));
                    self.gate.hold(self.batches.open(), deliver);
                }
            }
        }
    }

    fn write(&mut self, key: Key, row: Option<Row>) {
        let batch = self.batches.open();
        let written = self.cache.write(&key, row.clone(), batch, self.batches.next_place());
        self.batches.count_bytes(weight::of_key(&key) + written.bytes);
        let index = Reindexing::new(written.old.as_ref(), row.as_ref());
        for entry in &index.gone {
            if let Entry::Due(time, kind, id) = entry {
                self.due.remove(&(*time, *kind, id.clone()));
            }
            self.overlay.entry(entry.clone(), false, batch);
        }
        for entry in &index.come {
            if let Entry::Due(time, kind, id) = entry
                && !fault!(NewTimerForgotten)
            {
                self.due.insert((*time, *kind, id.clone()));
            }
            self.overlay.entry(entry.clone(), true, batch);
        }
        match (&row, &key) {
            (Some(Row::Task(task)), _) if !matches!(task.phase, Phase::Pending { .. }) => {
                self.outbox.forget(&task.address, &task.id);
            }
            (Some(Row::Unblock(unblock)), _) => {
                if let Some(family) = self.outbox.pack(unblock) {
                    self.enqueue(Job::Send(family, (**unblock).clone()));
                }
            }
            (None, Key::Task(id)) => {
                if let Some(Row::Task(task)) = &written.old {
                    self.outbox.forget(&task.address, id);
                }
            }
            (None, Key::Unblock(address, promise)) => self.outbox.delivered(address, promise),
            _ => {}
        }
        self.overlay.key(key.clone(), batch);
        fault!(SecondWriteLost => if written.batch > self.batches.durable() { return });
        if written.batch == batch {
            self.batches.changed_again(written.place, row, index);
        } else {
            self.batches.changed(key, row, index);
        }
    }

    /// Starts what is due.
    pub(crate) fn fire(&mut self) {
        let timers = !self.paused || !self.ticks.is_empty();
        for _ in 0..FIRED_PER_ROUND {
            let Some((_, kind, id)) = self.due.pop(self.clock, timers) else { break };
            // What is under way already looks again at its record when it ends.
            if let Some(again) = self.firing.get_mut(&(kind, id.clone())) {
                *again = true;
                continue;
            }
            self.firing.insert((kind, id.clone()), false);
            let cause = Cause::Due(kind, id.clone());
            self.enqueue(match kind {
                DueKind::Deadline => Job::internal(Internal::Deadline { id }, cause),
                DueKind::Lease => Job::internal(Internal::Lease { id }, cause),
                DueKind::Dispatch => Job::internal(Internal::Dispatch { id }, cause),
                DueKind::Occurrence => Job::Occurrence(id),
                DueKind::Obligation => Job::Owed(id),
            });
        }
        if self.paused {
            return;
        }
        for _ in 0..FIRED_PER_ROUND {
            match self.outbox.pop(self.clock) {
                None => break,
                Some(Timer::Retry(family, id)) => {
                    let cause = Cause::Offer(family, id.clone());
                    self.enqueue(Job::internal(Internal::Dispatch { id }, cause));
                }
                Some(Timer::Resend(family, unblock)) => self.enqueue(Job::Send(family, unblock)),
            }
        }
    }

    /// Notes that what was due has been carried out. What its record arms now is due in turn.
    pub(crate) fn fired(&mut self, kind: DueKind, id: Id, changed: bool) {
        let again = self.firing.remove(&(kind, id.clone())).unwrap_or(false);
        let again = again && !fault!(DueMeanwhileForgotten);
        if !changed && !again || fault!(RearmForgotten) {
            return;
        }
        let key = match kind {
            DueKind::Deadline | DueKind::Obligation => Key::Promise(id),
            DueKind::Lease | DueKind::Dispatch => Key::Task(id),
            DueKind::Occurrence => Key::Schedule(id),
        };
        for entry in self.cache.row(&key).map(entries).unwrap_or_default() {
            if let Entry::Due(time, kind, id) = entry {
                self.due.insert((time, kind, id));
            }
        }
    }

    fn occurrence(&mut self, id: Id) {
        match self.cache.row(&Key::Schedule(id.clone())) {
            Some(Row::Schedule(schedule)) => {
                let step = schedule.occurrence();
                self.enqueue(Job::internal(step, Cause::Due(DueKind::Occurrence, id)));
            }
            _ => self.fired(DueKind::Occurrence, id, false),
        }
    }
}
