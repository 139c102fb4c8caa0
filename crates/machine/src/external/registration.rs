use std::sync::Arc;

use abide_protocol::{Body, RegisterCallback, RegisterListener, Response, Status};

use crate::{
    Promise,
    moment::{Moment, Verdict, done, put_promise, unchanged},
};

pub(super) fn callback(at: &Moment, data: &RegisterCallback) -> Verdict {
    let awaited = at.need_promise(&data.awaited)?;
    let unfit = |why: &str| {
        Response::error(Status::Unprocessable, format!("the awaiter {:?} {why}", &*data.awaiter))
    };
    let awaiter = at.promise(&data.awaiter).ok_or_else(|| unfit("does not exist"))?;
    if awaiter.record.tags.target().is_none() {
        return Err(unfit("has no target, so there is no task to resume"));
    }
    let body = Body::Promise { promise: awaited.record.clone() };
    let both_pending = awaited.record.is_pending() && awaiter.record.is_pending();
    let both_pending = both_pending
        || fault!(CallbackOnSettled) && awaiter.record.is_pending()
        || fault!(CallbackPastDeadline) && awaited.row.record.is_pending()
        || fault!(CallbackForDead) && awaited.record.is_pending();
    fault!(CallbackLost => return unchanged(body));
    if !both_pending || awaited.row.awaiters.contains(&data.awaiter) {
        return unchanged(body);
    }
    let mut promise = Promise::clone(awaited.row);
    promise.awaiters.insert(data.awaiter.clone());
    done(body, vec![put_promise(promise)])
}

pub(super) fn listener(at: &Moment, data: &RegisterListener) -> Verdict {
    let awaited = at.need_promise(&data.awaited)?;
    let body = Body::Promise { promise: awaited.record.clone() };
    let pending = awaited.record.is_pending();
    let pending = pending || fault!(ListenPastDeadline) && awaited.row.record.is_pending();
    if !pending || awaited.row.listeners.contains(data.address.as_str()) {
        return unchanged(body);
    }
    let mut promise = Promise::clone(awaited.row);
    fault!(ListenerReplaced => promise.listeners.clear());
    promise.listeners.insert(Arc::from(data.address.as_str()));
    done(body, vec![put_promise(promise)])
}
