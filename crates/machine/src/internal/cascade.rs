use std::sync::Arc;

use abide_protocol::{Id, PromiseRecord, PromiseState};

use super::Changes;
use crate::{
    Promise,
    moment::{Moment, put_promise},
    owner,
};

/// Cancels a promise with its owner. What it owns in turn is its own obligation.
pub(super) fn cancel(at: &Moment, by: &Id, id: &Id) -> Changes {
    at.view.promise(by).filter(|owner| owner.cascading)?;
    let promise = at.promise(id)?;
    let owned = owner(&promise.row.record) == Some(&**by) || fault!(CascadeOfStrangers);
    if !promise.row.record.is_pending() || !owned {
        return None;
    }
    let record = if promise.record.is_pending() || fault!(CancelPastDeadline) {
        Arc::new(PromiseRecord {
            state: PromiseState::RejectedCanceled,
            settled_at: Some(at.now),
            ..PromiseRecord::clone(&promise.record)
        })
    } else {
        // Its own deadline came first.
        promise.record
    };
    let mut effects = Vec::new();
    at.settle(Promise { record, ..Promise::clone(promise.row) }, &mut effects);
    Some(effects)
}

/// Notes that nothing is left to cancel.
pub(super) fn end(at: &Moment, id: &Id) -> Changes {
    let promise = at.view.promise(id).filter(|promise| promise.cascading)?;
    Some(vec![put_promise(Promise { cascading: false, ..Promise::clone(promise) })])
}
