//! What a record *is* at a time, as opposed to what was last written. A promise stored pending
//! whose deadline has passed is settled; a task whose promise is settled is fulfilled. Every read,
//! every guard and every response sees this.

use std::sync::Arc;

use abide_protocol::{Millis, PromiseRecord, PromiseState, Tags, TaskRecord, TaskState};

use crate::{Phase, Task};

/// The promise at `now`: settled at its deadline if it is pending and its deadline has passed.
pub fn promise_at(record: &Arc<PromiseRecord>, now: Millis) -> Arc<PromiseRecord> {
    if !record.is_pending() || is_live(record, now) {
        return record.clone();
    }
    let mut settled = PromiseRecord::clone(record);
    settled.state = verdict(&record.tags);
    settled.settled_at = Some(record.timeout_at);
    fault!(DeadlineSettlesNow => settled.settled_at = Some(now));
    Arc::new(settled)
}

/// What the deadline of a promise with these tags makes of it.
pub fn verdict(tags: &Tags) -> PromiseState {
    fault!(TimerRejected => return PromiseState::RejectedTimedout);
    fault!(TimeoutResolves => return PromiseState::Resolved);
    if tags.is_timer() { PromiseState::Resolved } else { PromiseState::RejectedTimedout }
}

/// Whether the promise is pending at `now`.
pub fn is_live(record: &PromiseRecord, now: Millis) -> bool {
    record.is_pending() && record.timeout_at > now
}

/// The task at `now`, given its promise as stored: fulfilled and cleared if the promise is
/// settled, its version kept.
pub fn task_at(task: &Arc<Task>, promise: &PromiseRecord, now: Millis) -> Arc<Task> {
    if is_live(promise, now) || task.phase == Phase::Fulfilled {
        task.clone()
    } else {
        Arc::new(fulfilled(task))
    }
}

/// The task, fulfilled and cleared.
pub(crate) fn fulfilled(task: &Task) -> Task {
    Task { resumes: 0, resumed: Vec::new(), phase: Phase::Fulfilled, ..task.clone() }
}

impl Task {
    /// The state, without what belongs to it.
    pub fn state(&self) -> TaskState {
        match self.phase {
            Phase::Pending { .. } => TaskState::Pending,
            Phase::Acquired { .. } => TaskState::Acquired,
            Phase::Suspended => TaskState::Suspended,
            Phase::Halted => TaskState::Halted,
            Phase::Fulfilled => TaskState::Fulfilled,
        }
    }

    /// Whether more promises have woken it than are remembered by name.
    pub fn has_more(&self) -> bool {
        self.resumes > self.resumed.len() as u64
    }

    /// The task as it appears on the wire.
    pub fn record(&self) -> TaskRecord {
        let (ttl, pid) = match &self.phase {
            Phase::Acquired { pid, ttl, .. } => (Some(*ttl), Some(pid.to_string())),
            _ => (None, None),
        };
        TaskRecord {
            id: self.id.clone(),
            state: self.state(),
            version: self.version,
            resumes: self.resumes,
            ttl,
            pid,
        }
    }
}
