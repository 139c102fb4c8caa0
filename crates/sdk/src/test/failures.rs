//! Processes that crash and freeze.

use std::{sync::Arc, time::Duration};

use abide_protocol::{Body, Request, TaskRelease, TaskSearch, TaskState, limit};

use super::{
    faults::Fault,
    process::{Phase, Process},
    sim::{Event, State},
};
use crate::clock;

/// Crashes, and freezes, by chance in one run; after that, processes live for ever.
const ACCIDENTS: u64 = 200;

/// How long a frozen process stands still: for less than a lease, or for much longer.
const FROZEN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(120));

/// How long it takes until a process that has crashed is started again: at once, soon, or when its
/// leases are over.
const RESTARTS: [Duration; 3] =
    [Duration::from_millis(10), Duration::from_secs(1), Duration::from_secs(45)];

impl State {
    /// What is to happen to a process with this request.
    pub(super) fn fault(&mut self, process: &Arc<Process>, write: Option<u64>) -> Option<Fault> {
        let own = process.requested(u64::from(write.is_some()));
        let write = write?;
        if let Some(point) = self.plan.point.filter(|point| point.write == write) {
            return Some(point.fault);
        }
        if self.faults.crash_every.is_some_and(|every| own >= every) {
            return Some(Fault::CrashAfter);
        }
        if self.counts.crashes < ACCIDENTS && self.happens(self.faults.crash) {
            let after = self.rng.bool();
            return Some(if after { Fault::CrashAfter } else { Fault::CrashBefore });
        }
        if self.counts.freezes < ACCIDENTS && self.happens(self.faults.freeze) {
            return Some(Fault::Freeze);
        }
        None
    }

    /// A process dies, and the engine with it if it is in that process.
    pub(super) fn crash(&mut self, process: &Arc<Process>) {
        self.counts.crashes += 1;
        self.say(Some(process), "✝ crashes");
        process.set(Phase::Dead);
        let gone = self.members.of(process);
        if self.engine.is_embedded() {
            self.reopen();
        } else if self.away.is_none() {
            for member in gone {
                self.node.disconnect(member.receiver(), clock::now());
            }
        }
        self.post();
    }

    /// When a process is started again that has crashed.
    pub(super) fn restarts_in(&mut self) -> Duration {
        if self.engine.is_embedded() {
            RESTARTS[0]
        } else {
            RESTARTS[self.rng.usize(..RESTARTS.len())]
        }
    }

    /// The only process starts again, so that its tasks are nobody's: as `Abide::open` does.
    pub(super) fn release_all(&mut self) {
        let now = clock::now();
        let mut cursor = None;
        loop {
            let search = TaskSearch {
                state: Some(TaskState::Acquired),
                limit: Some(limit::PAGE),
                cursor: cursor.take(),
            };
            let found = self.node.call(Request::TaskSearch(search), now);
            let Body::Tasks { tasks, cursor: next } = found.body else { return };
            for task in tasks {
                let release = TaskRelease { id: task.id, version: task.version };
                self.node.call(Request::TaskRelease(release), now);
            }
            match next {
                Some(next) => cursor = Some(next),
                None => return self.post(),
            }
        }
    }

    /// A process stands still. The engine may notice that, or take it for connected.
    pub(super) fn freeze(&mut self, process: &Arc<Process>) {
        self.counts.freezes += 1;
        let (least, most) = FROZEN;
        let span = self.between(least, most);
        self.say(Some(process), format!("freezes for {} s", span / 1_000));
        process.set(Phase::Frozen);
        self.push(clock::now() + span, Event::Thaw(process.clone()));
        if self.rng.bool() {
            self.reachable(process, false);
        }
    }

    pub(super) fn thaw(&mut self, process: &Arc<Process>) {
        if process.phase() == Phase::Frozen {
            self.say(Some(process), "goes on");
            process.set(Phase::Alive);
            self.reachable(process, true);
        }
    }

    fn reachable(&mut self, process: &Arc<Process>, reachable: bool) {
        let now = clock::now();
        for member in &mut self.members.all {
            if !Arc::ptr_eq(&member.process, process) || member.reachable == reachable {
                continue;
            }
            member.reachable = reachable;
            match (self.away, reachable) {
                (Some(_), _) => {}
                (None, true) => self.node.connect(member.receiver(), now),
                (None, false) => self.node.disconnect(member.receiver(), now),
            }
        }
        self.post();
    }
}
