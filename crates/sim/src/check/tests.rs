//! The checkers of the clients' view find what is wrong with a history, and nothing in one that is
//! right.

use std::sync::Arc;

use abide_protocol::{
    Body, PromiseCreate, PromiseGet, PromiseRecord, PromiseSearch, PromiseSettle, PromiseState,
    Request, Response, SettleState, Status, Tags, TaskAcquire, TaskRecord, TaskRelease, TaskState,
    Value,
};

use super::{History, claims, promises, searches};

/// A history, told one request after another unless instants are given.
#[derive(Default)]
struct Script {
    history: History,
    now: u64,
}

impl Script {
    fn during(mut self, began: u64, ended: u64, request: Request, response: Response) -> Self {
        let op = self.history.begin(&request, self.history.calls.len() as u64, began);
        self.history.end(op, &response, ended);
        self.now = self.now.max(ended);
        self
    }

    fn then(self, (request, response): (Request, Response)) -> Self {
        let began = self.now + 1;
        self.during(began, began + 1, request, response)
    }

    fn verdict(&self) -> Option<&'static str> {
        self.history.check(&[]).err().map(|broken| broken.checker)
    }
}

fn record(id: &str) -> PromiseRecord {
    PromiseRecord {
        id: id.into(),
        state: PromiseState::Pending,
        param: Arc::new(Value::of("p")),
        value: Arc::default(),
        tags: Arc::default(),
        timeout_at: 9_000,
        created_at: 10,
        settled_at: None,
    }
}

fn settled(id: &str, value: &str) -> PromiseRecord {
    let (state, value) = (PromiseState::Resolved, Arc::new(Value::of(value)));
    PromiseRecord { state, value, settled_at: Some(20), ..record(id) }
}

fn told(record: PromiseRecord) -> Response {
    Response::ok(Body::Promise { promise: Arc::new(record) })
}

fn create(id: &str) -> (Request, Response) {
    let PromiseRecord { id, param, tags, timeout_at, .. } = record(id);
    let answer = told(record(&id));
    (Request::PromiseCreate(PromiseCreate { id, timeout_at, param, tags }), answer)
}

fn get(id: &str, answer: Response) -> (Request, Response) {
    (Request::PromiseGet(PromiseGet { id: id.into() }), answer)
}

fn settle(id: &str, value: &str, answer: PromiseRecord) -> (Request, Response) {
    let (state, value) = (SettleState::Resolved, Arc::new(Value::of(value)));
    (Request::PromiseSettle(PromiseSettle { id: id.into(), state, value }), told(answer))
}

fn absent() -> Response {
    Response::error(Status::NotFound, "there is none")
}

fn acquire(version: i64, pid: &str) -> (Request, Response) {
    let request = Request::TaskAcquire(TaskAcquire {
        id: "a".into(),
        version: version - 1,
        pid: pid.into(),
        ttl: 100,
        resumed: false,
    });
    let task = TaskRecord {
        id: "a".into(),
        state: TaskState::Acquired,
        version,
        resumes: 0,
        ttl: Some(100),
        pid: Some(pid.into()),
    };
    let (promise, preload) = (Arc::new(record("a")), Vec::new());
    (request, Response::ok(Body::Claim { task, promise, preload, more: false }))
}

fn release(version: i64) -> (Request, Response) {
    let release = TaskRelease { id: "a".into(), version };
    (Request::TaskRelease(release), Response::ok(Body::Empty {}))
}

fn search(cursor: Option<&str>, ids: &[&str], next: Option<&str>) -> (Request, Response) {
    let (cursor, next) = (cursor.map(str::to_owned), next.map(str::to_owned));
    let search = PromiseSearch { state: None, tags: Tags::default(), limit: Some(2), cursor };
    let promises = ids.iter().map(|id| Arc::new(record(id))).collect();
    (Request::PromiseSearch(search), Response::ok(Body::Promises { promises, cursor: next }))
}

fn begin() -> Script {
    Script::default().then(get("a", absent())).then(create("a"))
}

#[test]
fn what_is_right_is_found_right() {
    let script = begin()
        .then(get("a", told(record("a"))))
        .then(acquire(1, "p"))
        .then(release(1))
        .then(acquire(2, "q"))
        .then(settle("a", "x", settled("a", "x")))
        .then(settle("a", "y", settled("a", "x")))
        .then(get("a", told(settled("a", "x"))));
    assert_eq!(script.history.check(&[]), Ok(()));
}

#[test]
fn a_promise_does_not_go_back() {
    let gone = begin().then(get("a", absent()));
    assert_eq!(gone.verdict(), Some(promises::LINEAR));
    let reopened = begin().then(settle("a", "x", settled("a", "x")));
    let reopened = reopened.then(get("a", told(record("a"))));
    assert_eq!(reopened.verdict(), Some(promises::LINEAR));
}

#[test]
fn what_overlaps_may_be_told_either_way() {
    let (request, answer) = settle("a", "x", settled("a", "x"));
    let (look, before) = get("a", told(record("a")));
    let script = begin().during(10, 20, request, answer).during(15, 30, look.clone(), before);
    assert_eq!(script.history.check(&[]), Ok(()));
    let late = script.during(31, 32, look, told(record("a")));
    assert_eq!(late.verdict(), Some(promises::LINEAR));
}

#[test]
fn two_settlements_are_one_too_many() {
    let script =
        begin().then(settle("a", "x", settled("a", "x"))).then(settle("a", "y", settled("a", "y")));
    assert_eq!(script.verdict(), Some(promises::AGREED));
    let other = PromiseRecord { timeout_at: 8_000, ..record("a") };
    let other = begin().then(get("a", told(other)));
    // Nobody has created it like this, either.
    assert!([promises::AGREED, promises::JUSTIFIED].map(Some).contains(&other.verdict()));
}

#[test]
fn what_nobody_asked_for_is_found() {
    let script = begin().then(get("a", told(settled("a", "x"))));
    assert_eq!(script.verdict(), Some(promises::JUSTIFIED));
    let script = Script::default().then(get("b", told(record("b"))));
    assert_eq!(script.verdict(), Some(promises::JUSTIFIED));
    // A deadline settles by itself, at its time and not at another.
    let timed_out = |at| {
        let state = PromiseState::RejectedTimedout;
        told(PromiseRecord { state, settled_at: Some(at), ..record("a") })
    };
    assert_eq!(begin().then(get("a", timed_out(9_000))).verdict(), None);
    assert_eq!(begin().then(get("a", timed_out(8_999))).verdict(), Some(promises::JUSTIFIED));
}

#[test]
fn a_version_is_claimed_once() {
    let script = begin().then(acquire(1, "p")).then(acquire(1, "q"));
    assert_eq!(script.verdict(), Some(claims::ONCE));
}

#[test]
fn only_the_holder_acts() {
    let after = begin().then(acquire(1, "p")).then(acquire(2, "q")).then(release(1));
    assert_eq!(after.verdict(), Some(claims::HELD));
    let twice = begin().then(acquire(1, "p")).then(release(1)).then(release(1));
    assert_eq!(twice.verdict(), Some(claims::HELD));
}

#[test]
fn a_version_does_not_go_back() {
    let script = begin().then(acquire(2, "p")).then(acquire(1, "q"));
    assert_eq!(script.verdict(), Some(claims::LINEAR));
}

#[test]
fn a_page_is_ordered_and_whole() {
    let all = || begin().then(create("b")).then(create("c"));
    let first = search(None, &["a", "b"], Some("b"));
    assert_eq!(all().then(first).then(search(Some("b"), &["c"], None)).verdict(), None);
    for wrong in [
        search(None, &["a", "c"], None),
        search(None, &["a"], None),
        search(None, &["b", "a"], Some("b")),
        search(Some("b"), &["b", "c"], None),
        search(Some("b"), &[], None),
    ] {
        assert_eq!(all().then(wrong).verdict(), Some(searches::FOUND));
    }
}
