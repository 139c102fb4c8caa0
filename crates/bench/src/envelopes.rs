//! The requests, as text. They are as long as those of an SDK: lineage tags, and a payload of
//! about a hundred bytes.

const HEAD: &str = r#""head":{"corrId":"1","version":"2026-04-01"}"#;

/// Ten years from now is as good as never.
const FAR: i64 = 2_100_000_000_000;

const PARAM: &str = "eyJmdW5jIjoiY2hhcmdlIiwiYXJncyI6WyJvcmRlci03Iix7ImFtb3VudCI6NDIsImN1cnJlbmN5IjoiRVVSIn1dLCJ2ZXJzaW9uIjoxfQ==";

const VALUE: &str = "eyJyZWNlaXB0IjoiYTdmMy0wMDAxIiwiYW1vdW50Ijo0MiwiY3VycmVuY3kiOiJFVVIifQ==";

/// Creates a promise that nobody executes.
pub(crate) fn create(id: &str) -> String {
    format!(
        r#"{{"kind":"promise.create",{HEAD},"data":{{"id":"{id}","timeoutAt":{FAR},"param":{{"data":"{PARAM}"}},"tags":{{"resonate:origin":"{id}","resonate:branch":"{id}","resonate:parent":"{id}"}}}}}}"#
    )
}

/// Creates a promise with a task for this address.
pub(crate) fn create_for(id: &str, target: &str) -> String {
    format!(
        r#"{{"kind":"promise.create",{HEAD},"data":{{"id":"{id}","timeoutAt":{FAR},"param":{{"data":"{PARAM}"}},"tags":{{"resonate:target":"{target}","resonate:scope":"global","resonate:origin":"{id}","resonate:branch":"{id}","resonate:parent":"{id}"}}}}}}"#
    )
}

fn settlement(id: &str) -> String {
    format!(
        r#"{{"kind":"promise.settle",{HEAD},"data":{{"id":"{id}","state":"resolved","value":{{"data":"{VALUE}"}}}}}}"#
    )
}

/// Resolves a promise.
pub(crate) fn settle(id: &str) -> String {
    settlement(id)
}

/// Acquires a task.
pub(crate) fn acquire(id: &str, version: i64) -> String {
    format!(
        r#"{{"kind":"task.acquire",{HEAD},"data":{{"id":"{id}","version":{version},"pid":"worker","ttl":60000}}}}"#
    )
}

/// Fulfills a task.
pub(crate) fn fulfill(id: &str, version: i64) -> String {
    let action = settlement(id);
    format!(
        r#"{{"kind":"task.fulfill",{HEAD},"data":{{"id":"{id}","version":{version},"action":{action}}}}}"#
    )
}

/// Reads a promise.
pub(crate) fn get(id: &str) -> String {
    format!(r#"{{"kind":"promise.get",{HEAD},"data":{{"id":"{id}"}}}}"#)
}
