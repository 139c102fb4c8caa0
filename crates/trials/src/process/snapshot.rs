//! Everything in the store, and what must hold of it whatever happened.

use std::collections::BTreeMap;

use abide_client::{HttpLink, Link};
use abide_protocol::{
    Body, PromiseRecord, PromiseSearch, Request, Tags, TaskRecord, TaskSearch, TaskState,
};

use super::{
    model::{Entries, Entry, brief},
    pulse,
};

/// The size of a page: what a store with large payloads can put into one answer.
const PAGE: i64 = 500;

/// Reads everything. Nobody writes meanwhile but the server itself.
pub(crate) async fn read(link: &HttpLink) -> Entries {
    let promises = promises(link).await;
    let mut tasks = tasks(link).await;
    // A schedule may have run between the two.
    tasks.retain(|id, _| promises.contains_key(id) || !pulse::ran(id));
    whole(&promises, &tasks);
    let entry = |promise: &PromiseRecord| Entry {
        state: promise.state,
        param: promise.param.data.as_deref().map(brief),
        value: promise.value.data.as_deref().map(brief),
        task: tasks.get(promise.id.as_str()).map(|task| (task.state, task.version)),
    };
    promises.iter().map(|(id, promise)| (id.clone(), entry(promise))).collect()
}

async fn promises(link: &HttpLink) -> BTreeMap<String, PromiseRecord> {
    let mut promises: BTreeMap<String, PromiseRecord> = BTreeMap::new();
    let mut cursor = None;
    loop {
        let search =
            PromiseSearch { state: None, tags: Tags::default(), limit: Some(PAGE), cursor };
        let response = link.call(Request::PromiseSearch(search)).await.expect("it answers");
        let Body::Promises { promises: page, cursor: next } = response.body else {
            panic!("{response:?}");
        };
        promises.extend(page.iter().map(|promise| (promise.id.to_string(), (**promise).clone())));
        match next {
            Some(next) => cursor = Some(next),
            None => return promises,
        }
    }
}

async fn tasks(link: &HttpLink) -> BTreeMap<String, TaskRecord> {
    let mut tasks: BTreeMap<String, TaskRecord> = BTreeMap::new();
    let mut cursor = None;
    loop {
        let search = TaskSearch { state: None, limit: Some(PAGE), cursor };
        let response = link.call(Request::TaskSearch(search)).await.expect("it answers");
        let Body::Tasks { tasks: page, cursor: next } = response.body else {
            panic!("{response:?}");
        };
        tasks.extend(page.into_iter().map(|task| (task.id.to_string(), task)));
        match next {
            Some(next) => cursor = Some(next),
            None => return tasks,
        }
    }
}

/// Of these promises, the ones that are still listened to and the ones whose message is still in
/// the store. What is neither has been delivered, as far as the server knows.
pub(crate) async fn owed(link: &HttpLink, of: &Entries) -> (Vec<String>, Vec<String>) {
    let response = link.call(Request::DebugSnap).await.expect("it answers");
    let Body::Snapshot(snapshot) = response.body else { panic!("{response:?}") };
    let listened = snapshot.listeners.iter().map(|listening| format!("listened: {}", listening.id));
    let stored = snapshot.messages.iter().filter_map(|message| {
        let id = message.message["data"]["promise"]["id"].as_str()?;
        of.contains_key(id).then(|| format!("stored: {id}"))
    });
    (listened.collect(), stored.collect())
}

/// Nothing is half-done.
fn whole(promises: &BTreeMap<String, PromiseRecord>, tasks: &BTreeMap<String, TaskRecord>) {
    for (id, task) in tasks {
        let promise =
            promises.get(id).unwrap_or_else(|| panic!("a task without promise: {task:?}"));
        let fulfilled = task.state == TaskState::Fulfilled;
        assert_eq!(fulfilled, !promise.is_pending(), "{promise:?}\n{task:?}");
        let held = task.state == TaskState::Acquired;
        assert_eq!((task.pid.is_some(), task.ttl.is_some()), (held, held), "{task:?}");
        assert!(promise.tags.target().is_some(), "a task without target: {promise:?}");
    }
    for (id, promise) in promises {
        assert_eq!(promise.settled_at.is_some(), !promise.is_pending(), "{promise:?}");
        let targeted = promise.tags.target().is_some();
        assert_eq!(targeted, tasks.contains_key(id), "a target without task: {promise:?}");
    }
}
