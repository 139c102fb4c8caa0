use std::collections::BTreeSet;

use abide_protocol::{
    Body, Leased, TaskContinue, TaskFulfill, TaskGet, TaskHalt, TaskHeartbeat, TaskRelease,
};

use super::promise;
use crate::{
    Phase, Task,
    moment::{Moment, Verdict, done, put_task, unchanged},
};

pub(super) fn get(at: &Moment, data: &TaskGet) -> Verdict {
    let task = at.need_task(&data.id)?.record();
    unchanged(Body::Task { task })
}

pub(super) fn fulfill(at: &Moment, data: &TaskFulfill) -> Verdict {
    at.need_held(&data.id, data.version)?;
    promise::settle(at, &data.action.settle)
}

pub(super) fn release(at: &Moment, data: &TaskRelease) -> Verdict {
    let mut task = at.need_held(&data.id, data.version)?.to_task();
    fault!(VersionOnRelease => task.version += 1);
    fault!(ReleaseDropsResumes => (task.resumes, task.resumed) = (0, Vec::new()));
    let mut effects = Vec::new();
    at.dispatch(task, &mut effects);
    done(Body::Empty {}, effects)
}

pub(super) fn halt(at: &Moment, data: &TaskHalt) -> Verdict {
    let task = at.need_task(&data.id)?;
    if !task.is_live() && !fault!(HaltPastDeadline) {
        return Err(task.conflict("it can no longer be halted"));
    }
    if task.row.phase == Phase::Halted {
        return unchanged(Body::Empty {});
    }
    done(Body::Empty {}, vec![put_task(Task { phase: Phase::Halted, ..task.to_task() })])
}

/// `task.continue`.
pub(super) fn resume(at: &Moment, data: &TaskContinue) -> Verdict {
    let task = at.need_task(&data.id)?;
    let live = task.is_live() || fault!(ContinuePastDeadline);
    let halted = task.row.phase == Phase::Halted || fault!(ContinueLive);
    if !live || !halted {
        return Err(task.conflict("it is not halted"));
    }
    fault!(ContinueIdle => return unchanged(Body::Empty {}));
    let mut effects = Vec::new();
    at.dispatch(task.to_task(), &mut effects);
    done(Body::Empty {}, effects)
}

pub(super) fn heartbeat(at: &Moment, data: &TaskHeartbeat) -> Verdict {
    let named: BTreeSet<_> = data.tasks.iter().map(|task| (&task.id, task.version)).collect();
    let extended = named
        .into_iter()
        .filter_map(|(id, version)| extend(at, &data.pid, &Leased { id: id.clone(), version }));
    done(Body::Empty {}, extended.map(put_task).collect())
}

/// The task with its lease extended, if the process still holds it at that version.
fn extend(at: &Moment, pid: &str, leased: &Leased) -> Option<Task> {
    let task = at.need_held(&leased.id, leased.version).ok()?;
    fault!(HeartbeatIdle => return None);
    match &task.row.phase {
        Phase::Acquired { pid: holder, ttl, .. }
            if &**holder == pid || fault!(HeartbeatOfStranger) =>
        {
            Some(Task { phase: at.held(holder, *ttl), ..task.to_task() })
        }
        _ => None,
    }
}
