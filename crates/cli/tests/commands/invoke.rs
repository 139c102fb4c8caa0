use abide_protocol::SettleState;

use crate::{support::Abide, worker::Worker};

#[test]
fn a_call_is_a_targeted_promise_that_every_sdk_reads() {
    let abide = Abide::dev();
    let args = ["--func", "order", "--arg", "7", "--arg", "\"x\"", "--on", "workers"];
    let called = abide.run(&[&["invoke", "o", "--json"][..], &args].concat()).exits(0);
    let promise = called.json();
    assert_eq!(promise["param"]["json"], serde_json::json!({"func": "order", "args": [7, "x"]}));
    assert_eq!(
        promise["tags"],
        serde_json::json!({
            "resonate:target": "poll://any@workers",
            "resonate:scope": "global",
            "resonate:origin": "o",
            "resonate:branch": "o",
            "resonate:parent": "o",
        })
    );
    let task = abide.run(&["task", "get", "o", "--json"]).exits(0).json();
    assert_eq!((&task["state"], &task["version"]), (&"pending".into(), &0.into()));
    assert!(called.says("abide tree o --watch").stderr.lines().count() == 1);
}

#[test]
fn people_see_the_call() {
    let abide = Abide::dev();
    let called = abide.run(&["invoke", "o", "--func", "order", "--arg", "7"]).exits(0);
    called.shows("o  pending\n").shows("call     order(7)");
}

#[test]
fn calling_again_attaches_and_another_call_is_a_conflict() {
    let abide = Abide::dev();
    abide.run(&["invoke", "o", "--func", "order", "--arg", "7"]).exits(0);
    abide.run(&["invoke", "o", "--func", "order", "--arg", "7", "--timeout", "1h"]).exits(0);
    let other = abide.run(&["invoke", "o", "--func", "order", "--arg", "8"]).exits(4);
    other.shows("order(7)").says("another call has this id");
}

#[test]
fn waiting_prints_the_bare_value() {
    let abide = Abide::dev();
    let _worker = Worker::start(abide.url(), "workers", (SettleState::Resolved, r#"{"n":42}"#));
    let args = ["invoke", "o", "--func", "order", "--on", "workers", "--wait"];
    let done = abide.run(&args).exits(0);
    assert_eq!(done.stdout, "{\"n\":42}\n");
    assert_eq!(done.stderr, "");
    let again = abide.run(&[&args[..], &["--json"]].concat()).exits(0);
    assert_eq!(again.json()["value"]["json"]["n"], 42);
}

#[test]
fn waiting_for_what_fails_says_why_and_exits_6() {
    let abide = Abide::dev();
    let error = r#"{"__type":"error","message":"no funds"}"#;
    let _worker = Worker::start(abide.url(), "workers", (SettleState::Rejected, error));
    let args = ["invoke", "o", "--func", "order", "--on", "workers", "--wait"];
    let failed = abide.run(&args).exits(6).says("o: rejected: no funds");
    assert_eq!(failed.stdout, "");
    let failed = abide.run(&[&args[..], &["--json"]].concat()).exits(6);
    assert_eq!(failed.json()["state"], "rejected");
}

#[test]
fn waiting_ends_at_the_deadline() {
    let abide = Abide::dev();
    let args = ["invoke", "o", "--func", "order", "--timeout", "50ms", "--wait"];
    abide.run(&args).exits(6).says("o: timed out");
}

#[test]
fn waiting_outlives_the_server() {
    let directory = tempfile::tempdir().unwrap();
    let mut abide = Abide::serve(directory.path());
    let port = abide.port();
    let args = ["invoke", "o", "--func", "order", "--on", "workers", "--wait"];
    let waiting = abide.spawn(&args);
    crate::support::until("the call", || abide.run(&["promise", "get", "o"]).code == 0);
    abide.kill();
    let abide = Abide::serve_on(directory.path(), port);
    abide.run(&["promise", "resolve", "o", "--value", "42"]).exits(0);
    assert_eq!(waiting.finish().exits(0).stdout, "42\n");
}
