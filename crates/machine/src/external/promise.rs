use std::sync::Arc;

use abide_protocol::{Body, PromiseCreate, PromiseGet, PromiseRecord, PromiseSettle};

use super::create::{Draft, birth, fresh};
use crate::{
    Effect, Promise,
    moment::{Moment, Verdict, done, put_promise, unchanged},
};

pub(super) fn get(at: &Moment, data: &PromiseGet) -> Verdict {
    let promise = at.need_promise(&data.id)?;
    fault!(ReadAsWritten => return unchanged(Body::Promise { promise: promise.row.record.clone() }));
    unchanged(Body::Promise { promise: promise.record })
}

pub(super) fn create(at: &Moment, data: &PromiseCreate) -> Verdict {
    if let Some(existing) = at.promise(&data.id).filter(|_| !fault!(CreateOverwrites)) {
        return unchanged(Body::Promise { promise: existing.record });
    }
    let mut effects = Vec::with_capacity(3);
    let promise = birth(at, Draft::requested(data, at.now), &mut effects);
    done(Body::Promise { promise }, effects)
}

/// Creates a promise that is settled at once.
pub(super) fn record(at: &Moment, create: &PromiseCreate, settle: &PromiseSettle) -> Vec<Effect> {
    let promise = fresh(&Draft::requested(create, at.now).record(at.now));
    fault!(RecordedPending => return vec![put_promise(promise)]);
    let mut effects = Vec::with_capacity(1);
    write(at, promise, settle, &mut effects);
    effects
}

pub(super) fn settle(at: &Moment, data: &PromiseSettle) -> Verdict {
    let promise = at.need_promise(&data.id)?;
    // A settled promise keeps its first value: the caller learns what it is instead.
    let open = promise.record.is_pending()
        || fault!(SettleOverwrites)
        || fault!(SettlePastDeadline) && promise.row.record.is_pending();
    if !open {
        return unchanged(Body::Promise { promise: promise.record });
    }
    let mut effects = Vec::with_capacity(2);
    let promise = write(at, Promise::clone(promise.row), data, &mut effects);
    done(Body::Promise { promise }, effects)
}

/// Settles a promise that is pending.
fn write(
    at: &Moment,
    promise: Promise,
    data: &PromiseSettle,
    effects: &mut Vec<Effect>,
) -> Arc<PromiseRecord> {
    let record = Arc::new(PromiseRecord {
        state: data.state.into(),
        value: if fault!(ValueDropped) { Arc::default() } else { data.value.clone() },
        settled_at: Some(at.now),
        ..PromiseRecord::clone(&promise.record)
    });
    at.settle(Promise { record: record.clone(), ..promise }, effects);
    record
}
