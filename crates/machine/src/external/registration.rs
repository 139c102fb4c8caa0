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
    if !awaited.record.is_pending() || awaited.row.listeners.contains(data.address.as_str()) {
        return unchanged(body);
    }
    let mut promise = Promise::clone(awaited.row);
    promise.listeners.insert(Arc::from(data.address.as_str()));
    done(body, vec![put_promise(promise)])
}
