use std::sync::Arc;

use abide_protocol::Id;

use super::Changes;
use crate::{
    Effect, Key, Phase, Promise, RESUMED_LIMIT, Row, Task, Unblock,
    moment::{Moment, PromiseNow, TaskNow, put_promise, put_task},
};

pub(super) fn callback(at: &Moment, awaited: &Id, awaiter: &Id) -> Changes {
    let promise = settled(at, awaited)?;
    let mut row = Promise::clone(promise.row);
    if !row.awaiters.remove(awaiter) {
        return None;
    }
    let mut effects = Vec::new();
    write(at, &promise, row, &mut effects);
    fault!(LostResume => return Some(effects));
    resume(at, awaited, awaiter, &mut effects);
    Some(effects)
}

/// Tells the task of the awaiter that one of the promises it waits for has settled.
fn resume(at: &Moment, awaited: &Id, awaiter: &Id, effects: &mut Vec<Effect>) {
    // An awaiter that has settled may have been reclaimed.
    let Some(task) = at.task(awaiter) else { return };
    if !task.is_live() && !fault!(ResumedDeadAwaiter) {
        // The awaiter's own deadline comes first, or a dying task would be dispatched.
        if task.promise.row.record.is_pending() {
            let row = Promise::clone(task.promise.row);
            at.settle(Promise { record: task.promise.record, ..row }, effects);
        }
        return;
    }
    let woken = woken(at, &task, awaited);
    match task.row.phase {
        Phase::Suspended => at.dispatch(woken, effects),
        Phase::Acquired { .. } if fault!(DoubleDispatch) => at.dispatch(woken, effects),
        Phase::Halted if fault!(HaltedResumed) => at.dispatch(woken, effects),
        Phase::Pending { .. } | Phase::Acquired { .. } | Phase::Halted => {
            effects.push(put_task(woken));
        }
        Phase::Fulfilled => unreachable!("the task of a pending promise is not fulfilled"),
    }
}

/// The task, woken once more.
fn woken(at: &Moment, task: &TaskNow, awaited: &Id) -> Task {
    let mut task = task.to_task();
    fault!(ResumeUncounted => return task);
    task.resumes += 1;
    if at.config.extensions.resumed() && task.resumed.len() < RESUMED_LIMIT {
        task.resumed.push(awaited.clone());
    }
    task
}

pub(super) fn listener(at: &Moment, id: &Id, address: &Arc<str>) -> Changes {
    let promise = settled(at, id)?;
    let mut row = Promise::clone(promise.row);
    if !row.listeners.remove(address) {
        return None;
    }
    if at.config.extensions.reclaim() && !row.record.id.is_root() {
        row.unheard.insert(address.clone());
    }
    let mut effects = Vec::new();
    write(at, &promise, row, &mut effects);
    fault!(LostUnblock => return Some(effects));
    let unblock = Unblock { address: address.clone(), promise: id.clone() };
    effects.push(Effect::Put(Row::Unblock(Arc::new(unblock))));
    Some(effects)
}

/// Forgets a message that its receiver has.
pub(super) fn delivered(at: &Moment, unblock: &Unblock) -> Vec<Effect> {
    let key = Key::Unblock(unblock.address.clone(), unblock.promise.clone());
    let mut effects = vec![Effect::Delete(key)];
    fault!(MessageKept => effects.clear());
    if !unblock.promise.is_root()
        && let Some(promise) = at.view.promise(&unblock.promise)
        && promise.unheard.contains(&unblock.address)
    {
        let mut promise = Promise::clone(promise);
        promise.unheard.remove(&unblock.address);
        effects.push(put_promise(promise));
    }
    effects
}

fn settled<'a>(at: &Moment<'a>, id: &Id) -> Option<PromiseNow<'a>> {
    at.promise(id).filter(|promise| !promise.record.is_pending())
}

/// Writes a settled promise with one obligation fewer. If its deadline has settled it and nobody
/// has written that yet, this does, and fulfils its task.
fn write(at: &Moment, promise: &PromiseNow, row: Promise, effects: &mut Vec<Effect>) {
    if promise.row.record.is_pending() {
        at.settle(Promise { record: promise.record.clone(), ..row }, effects);
    } else {
        effects.push(put_promise(row));
    }
}
