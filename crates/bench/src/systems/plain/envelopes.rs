//! The requests, as text. They are as long as those of an SDK: lineage tags, and a payload of
//! about a hundred bytes.

const HEAD: &str = r#""head":{"corrId":"1","version":"2026-04-01"}"#;

/// Ten years from now is as good as never.
pub(crate) const FAR: i64 = 2_100_000_000_000;

const PARAM: &str = "eyJmdW5jIjoiY2hhcmdlIiwiYXJncyI6WyJvcmRlci03Iix7ImFtb3VudCI6NDIsImN1cnJlbmN5IjoiRVVSIn1dLCJ2ZXJzaW9uIjoxfQ==";

const VALUE: &str = "eyJyZWNlaXB0IjoiYTdmMy0wMDAxIiwiYW1vdW50Ijo0MiwiY3VycmVuY3kiOiJFVVIifQ==";

fn envelope(kind: &str, data: &str) -> String {
    format!(r#"{{"kind":"{kind}",{HEAD},"data":{data}}}"#)
}

fn creation(id: &str, timeout_at: i64, tags: &str) -> String {
    envelope(
        "promise.create",
        &format!(
            r#"{{"id":"{id}","timeoutAt":{timeout_at},"param":{{"data":"{PARAM}"}},"tags":{{{tags}}}}}"#
        ),
    )
}

/// A promise that belongs to none.
fn root(id: &str) -> String {
    format!(r#""resonate:origin":"{id}","resonate:branch":"{id}","resonate:parent":"{id}""#)
}

/// A child that its parent executes itself.
fn within(parent: &str) -> String {
    root(parent)
}

/// A child that is an execution of its own, or is settled by somebody else.
fn beside(parent: &str, id: &str) -> String {
    format!(
        r#""resonate:scope":"global","resonate:origin":"{parent}","resonate:branch":"{id}","resonate:parent":"{parent}""#
    )
}

/// Creates a promise that nobody executes.
pub(crate) fn create(id: &str) -> String {
    creation(id, FAR, &root(id))
}

/// Creates a promise with a task for this address.
pub(crate) fn create_for(id: &str, target: &str) -> String {
    let tags = root(id);
    creation(id, FAR, &format!(r#""resonate:target":"{target}","resonate:scope":"global",{tags}"#))
}

/// Creates a local step of an execution.
pub(crate) fn create_step(parent: &str, id: &str) -> String {
    creation(id, FAR, &format!(r#""resonate:scope":"local",{}"#, within(parent)))
}

/// Creates a call that is an execution of its own.
pub(crate) fn create_call(parent: &str, id: &str, target: &str) -> String {
    creation(id, FAR, &format!(r#""resonate:target":"{target}",{}"#, beside(parent, id)))
}

/// Creates a timer.
pub(crate) fn create_timer(parent: &str, id: &str, at: i64) -> String {
    creation(id, at, &format!(r#""resonate:timer":"true",{}"#, beside(parent, id)))
}

/// Creates a promise that somebody outside settles.
pub(crate) fn create_external(parent: &str, id: &str) -> String {
    creation(id, FAR, &format!(r#""resonate:external":"true",{}"#, beside(parent, id)))
}

/// Resolves a promise.
pub(crate) fn settle(id: &str) -> String {
    let data = format!(r#"{{"id":"{id}","state":"resolved","value":{{"data":"{VALUE}"}}}}"#);
    envelope("promise.settle", &data)
}

/// Acquires a task.
pub(crate) fn acquire(id: &str, version: i64) -> String {
    let data = format!(r#"{{"id":"{id}","version":{version},"pid":"worker","ttl":60000}}"#);
    envelope("task.acquire", &data)
}

/// Does what the holder of a task may do.
pub(crate) fn fence(id: &str, version: i64, action: &str) -> String {
    let data = format!(r#"{{"id":"{id}","version":{version},"action":{action}}}"#);
    envelope("task.fence", &data)
}

/// Suspends a task until a promise is settled.
pub(crate) fn suspend(id: &str, version: i64, awaited: &str) -> String {
    let callback = format!(r#"{{"awaited":"{awaited}","awaiter":"{id}"}}"#);
    let callback = envelope("promise.register_callback", &callback);
    let data = format!(r#"{{"id":"{id}","version":{version},"actions":[{callback}]}}"#);
    envelope("task.suspend", &data)
}

/// Fulfills a task.
pub(crate) fn fulfill(id: &str, version: i64) -> String {
    let data = format!(r#"{{"id":"{id}","version":{version},"action":{}}}"#, settle(id));
    envelope("task.fulfill", &data)
}
