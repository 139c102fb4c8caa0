use std::sync::Arc;

use abide_protocol::{
    Id, PromiseRecord, PromiseState, ScheduleRecord, Tags, TaskRecord, TaskState, Value,
};
use proptest::{collection::btree_map, option, prelude::*};

/// Text, some of it hard to write down.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        any::<String>(),
        Just("\u{2028}\u{85}\u{0}\"\\\u{10ffff}".to_owned()),
        Just(String::new()),
    ]
}

pub(crate) fn id() -> impl Strategy<Value = Id> {
    text().prop_map(Id::from)
}

pub(crate) fn value() -> impl Strategy<Value = Arc<Value>> {
    (option::of(tags()), option::of(text()))
        .prop_map(|(headers, data)| Arc::new(Value { headers, data }))
}

pub(crate) fn tags() -> impl Strategy<Value = Tags> {
    btree_map(text(), text(), 0..4).prop_map(|tags| tags.into_iter().collect())
}

pub(crate) fn promise_state() -> impl Strategy<Value = PromiseState> {
    prop_oneof![
        Just(PromiseState::Pending),
        Just(PromiseState::Resolved),
        Just(PromiseState::Rejected),
        Just(PromiseState::RejectedCanceled),
        Just(PromiseState::RejectedTimedout),
    ]
}

pub(crate) fn task_state() -> impl Strategy<Value = TaskState> {
    prop_oneof![
        Just(TaskState::Pending),
        Just(TaskState::Acquired),
        Just(TaskState::Suspended),
        Just(TaskState::Halted),
        Just(TaskState::Fulfilled),
    ]
}

pub(crate) fn promise() -> impl Strategy<Value = Arc<PromiseRecord>> {
    let times = (any::<i64>(), any::<i64>(), option::of(any::<i64>()));
    (id(), promise_state(), value(), value(), tags(), times).prop_map(
        |(id, state, param, value, tags, (timeout_at, created_at, settled_at))| {
            let tags = Arc::new(tags);
            Arc::new(PromiseRecord {
                id,
                state,
                param,
                value,
                tags,
                timeout_at,
                created_at,
                settled_at,
            })
        },
    )
}

pub(crate) fn task() -> impl Strategy<Value = TaskRecord> {
    let held = (option::of(any::<i64>()), option::of(text()));
    (id(), task_state(), any::<i64>(), any::<u64>(), held).prop_map(
        |(id, state, version, resumes, (ttl, pid))| TaskRecord {
            id,
            state,
            version,
            resumes,
            ttl,
            pid,
        },
    )
}

pub(crate) fn schedule() -> impl Strategy<Value = Arc<ScheduleRecord>> {
    let times = (any::<i64>(), any::<i64>(), any::<i64>(), option::of(any::<i64>()));
    (id(), text(), text(), value(), tags(), times).prop_map(
        |(id, cron, promise_id, promise_param, tags, times)| {
            let (promise_timeout, created_at, next_run_at, last_run_at) = times;
            Arc::new(ScheduleRecord {
                id,
                cron,
                promise_id,
                promise_timeout,
                promise_param,
                promise_tags: Arc::new(tags),
                created_at,
                next_run_at,
                last_run_at,
            })
        },
    )
}
