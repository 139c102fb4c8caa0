use std::sync::Arc;

use abide_protocol::Id;

use super::Changes;
use crate::{
    Effect, Phase, Promise, Row, Task, Unblock,
    moment::{Moment, PromiseNow, put_promise, put_task},
};

pub(super) fn callback(at: &Moment, awaited: &Id, awaiter: &Id) -> Changes {
    let promise = settled(at, awaited)?;
    let mut row = Promise::clone(promise.row);
    if !row.awaiters.remove(awaiter) {
        return None;
    }
    let mut effects = Vec::new();
    write(at, &promise, row, &mut effects);
    resume(at, awaiter, &mut effects);
    Some(effects)
}

/// Tells the task of the awaiter that one of the promises it waits for has settled.
fn resume(at: &Moment, awaiter: &Id, effects: &mut Vec<Effect>) {
    let task = at.task(awaiter).expect("an awaiter is targeted, so it has a task");
    if !task.is_live() {
        // The awaiter's own deadline comes first, or a dying task would be dispatched.
        if task.promise.row.record.is_pending() {
            let row = Promise::clone(task.promise.row);
            at.settle(Promise { record: task.promise.record, ..row }, effects);
        }
        return;
    }
    match task.row.phase {
        Phase::Suspended => at.dispatch(Task { resumes: 1, ..task.to_task() }, effects),
        Phase::Pending { .. } | Phase::Acquired { .. } | Phase::Halted => {
            let resumes = task.row.resumes + 1;
            effects.push(put_task(Task { resumes, ..task.to_task() }));
        }
        Phase::Fulfilled => unreachable!("the task of a pending promise is not fulfilled"),
    }
}

pub(super) fn listener(at: &Moment, id: &Id, address: &Arc<str>) -> Changes {
    let promise = settled(at, id)?;
    let mut row = Promise::clone(promise.row);
    if !row.listeners.remove(address) {
        return None;
    }
    let mut effects = Vec::new();
    write(at, &promise, row, &mut effects);
    let unblock = Unblock { address: address.clone(), promise: id.clone() };
    effects.push(Effect::Put(Row::Unblock(Arc::new(unblock))));
    Some(effects)
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
