//! The requests, as text. They are as long as those of an SDK: lineage tags, and a payload of
//! about a hundred bytes.

/// What is between the kind of a request and its data.
const HEAD: &str = r#"","head":{"corrId":"1","version":"2026-04-01"},"data":"#;

/// Room for any of them.
const ROOM: usize = 1 << 10;

/// Ten years from now is as good as never.
const FAR: &str = "2100000000000";

/// Who holds a task, and for how long without a sign of life.
const HOLDER: &str = r#""pid":"worker","ttl":60000"#;

/// The version of a task that has just been begun.
pub(crate) const BEGUN: i64 = 1;

const PARAM: &str = "eyJmdW5jIjoiY2hhcmdlIiwiYXJncyI6WyJvcmRlci03Iix7ImFtb3VudCI6NDIsImN1cnJlbmN5IjoiRVVSIn1dLCJ2ZXJzaW9uIjoxfQ==";

const VALUE: &str = "eyJyZWNlaXB0IjoiYTdmMy0wMDAxIiwiYW1vdW50Ijo0MiwiY3VycmVuY3kiOiJFVVIifQ==";

/// Puts a request together out of its data: texts one after the other, without looking into them.
fn envelope(kind: &str, data: &[&str]) -> String {
    let mut text = String::with_capacity(ROOM);
    text.extend([r#"{"kind":""#, kind, HEAD].iter().chain(data).copied());
    text.push('}');
    text
}

/// A tag that says where a promise belongs, and its value.
type Lineage<'a> = (&'a str, &'a str);

fn creation(id: &str, timeout_at: &str, first: &[&str], lineage: [Lineage<'_>; 3]) -> String {
    let [(a, origin), (b, branch), (c, parent)] = lineage;
    let begin = [r#"{"id":""#, id, r#"","timeoutAt":"#, timeout_at];
    let param = [r#","param":{"data":""#, PARAM, r#""},"tags":{"#];
    let tags = [a, origin, b, branch, c, parent, r#""}}"#];
    envelope("promise.create", &[&begin[..], &param, first, &tags].concat())
}

const ORIGIN: &str = r#""resonate:origin":""#;
const BRANCH: &str = r#"","resonate:branch":""#;
const PARENT: &str = r#"","resonate:parent":""#;
const GLOBAL: &str = r#""resonate:scope":"global","#;

/// A promise that belongs to none, or a child that its parent executes itself.
fn within(parent: &str) -> [Lineage<'_>; 3] {
    [(ORIGIN, parent), (BRANCH, parent), (PARENT, parent)]
}

/// A child that is an execution of its own, or is settled by somebody else.
fn beside<'a>(parent: &'a str, id: &'a str) -> [Lineage<'a>; 3] {
    [(ORIGIN, parent), (BRANCH, id), (PARENT, parent)]
}

/// Creates a promise that nobody executes.
pub(crate) fn create(id: &str) -> String {
    creation(id, FAR, &[], within(id))
}

/// Creates a promise with a task for this address.
pub(crate) fn create_for(id: &str, target: &str) -> String {
    creation(id, FAR, &[r#""resonate:target":""#, target, r#"","#, GLOBAL], within(id))
}

/// Creates a local step of an execution.
pub(crate) fn create_step(parent: &str, id: &str) -> String {
    creation(id, FAR, &[r#""resonate:scope":"local","#], within(parent))
}

/// Creates a call that is an execution of its own.
pub(crate) fn create_call(parent: &str, id: &str, target: &str) -> String {
    let first = [r#""resonate:target":""#, target, r#"","#, GLOBAL];
    creation(id, FAR, &first, beside(parent, id))
}

/// Creates a timer.
pub(crate) fn create_timer(parent: &str, id: &str, at: i64) -> String {
    let first = [r#""resonate:timer":"true","#, GLOBAL];
    creation(id, &at.to_string(), &first, beside(parent, id))
}

/// Creates a promise that somebody outside settles.
pub(crate) fn create_external(parent: &str, id: &str) -> String {
    creation(id, FAR, &[r#""resonate:external":"true","#, GLOBAL], beside(parent, id))
}

/// Resolves a promise.
pub(crate) fn settle(id: &str) -> String {
    let value = r#"","state":"resolved","value":{"data":""#;
    envelope("promise.settle", &[r#"{"id":""#, id, value, VALUE, r#""}}"#])
}

/// What the holder of a task does.
fn held(kind: &str, id: &str, version: i64, rest: &[&str]) -> String {
    let version = version.to_string();
    envelope(kind, &[&[r#"{"id":""#, id, r#"","version":"#, &version], rest].concat())
}

/// Creates a promise with a task that is held at once, at [`BEGUN`], by whoever asks.
pub(crate) fn begin(id: &str, target: &str) -> String {
    envelope("task.create", &["{", HOLDER, r#","action":"#, &create_for(id, target), "}"])
}

/// Acquires a task.
pub(crate) fn acquire(id: &str, version: i64) -> String {
    held("task.acquire", id, version, &[",", HOLDER, "}"])
}

/// Does what the holder of a task may do.
pub(crate) fn fence(id: &str, version: i64, action: &str) -> String {
    held("task.fence", id, version, &[r#","action":"#, action, "}"])
}

/// Suspends a task until a promise is settled.
pub(crate) fn suspend(id: &str, version: i64, awaited: &str) -> String {
    let callback = [r#"{"awaited":""#, awaited, r#"","awaiter":""#, id, r#""}"#];
    let callback = envelope("promise.register_callback", &callback);
    held("task.suspend", id, version, &[r#","actions":["#, &callback, "]}"])
}

/// Fulfills a task.
pub(crate) fn fulfill(id: &str, version: i64) -> String {
    held("task.fulfill", id, version, &[r#","action":"#, &settle(id), "}"])
}

#[cfg(test)]
mod tests {
    use abide_protocol::{Envelope, tag};

    use super::*;

    /// The server would say so too, but of a run that takes minutes.
    #[test]
    fn they_are_requests() {
        let calls = [create_call("a", "a:1", "poll://any@g"), create_timer("a", "a:1", 5)];
        let inner = [create_step("a", "a:1"), create_external("a", "a:1"), settle("a:1")];
        let fences = inner.iter().chain(&calls).map(|action| fence("a", 1, action));
        let (target, a) = ("poll://any@g", "a");
        let roots = [create(a), create_for(a, target), begin(a, target), acquire(a, 0)];
        let ends = [suspend("a", 1, "a:1"), fulfill("a", 1)];
        let all: Vec<String> = fences.chain(inner.clone()).chain(roots).chain(ends).collect();
        for text in all {
            let envelope = Envelope::from_json(text.as_bytes())
                .unwrap_or_else(|why| panic!("{text}: {why:?}"));
            assert_eq!(envelope.request.validate(), Ok(()), "{text}");
        }
        assert!(inner[0].contains(tag::BRANCH));
    }
}
