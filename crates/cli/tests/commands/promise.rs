use crate::support::Abide;

#[test]
fn a_promise_is_created_read_and_resolved() {
    let abide = Abide::dev();
    let created = abide.run(&[
        "promise",
        "create",
        "a",
        "--timeout",
        "1h",
        "--param",
        r#"{"amount":42}"#,
        "--tag",
        "x=y",
    ]);
    let created = created.exits(0).shows("a  pending\n").shows(r#"param    {"amount":42}"#);
    assert!(created.shows("x=y").stderr.is_empty());

    abide.run(&["promise", "get", "a"]).exits(0).shows("a  pending\n").shows("(in 59m 59s)");

    let settled = abide.run(&["promise", "resolve", "a", "--value", "[1,2]"]);
    settled.exits(0).shows("a  resolved\n").shows("value    [1,2]");
    abide.run(&["promise", "get", "a"]).exits(0).shows("a  resolved\n").shows(", after ");
}

#[test]
fn programs_get_the_record_with_its_payloads_decoded() {
    let abide = Abide::dev();
    let created = abide.run(&["promise", "create", "a", "--param", "7", "--json"]).exits(0).json();
    assert_eq!(created["state"], "pending");
    assert_eq!(created["param"], serde_json::json!({"data": "Nw==", "json": 7}));
    assert_eq!(created["value"], serde_json::json!({}));
    assert_eq!(created.get("settledAt"), None);

    let got = abide.run(&["promise", "get", "a", "--json"]).exits(0).json();
    assert_eq!(got, created);

    let settled = abide.run(&["promise", "resolve", "a", "--value", "\"ok\"", "--json"]).exits(0);
    let settled = settled.json();
    assert_eq!(settled["value"], serde_json::json!({"data": "Im9rIg==", "json": "ok"}));
    assert!(settled["settledAt"].as_i64() >= settled["createdAt"].as_i64());
}

#[test]
fn a_promise_is_rejected_with_an_error_that_every_sdk_reads() {
    let abide = Abide::dev();
    abide.run(&["promise", "create", "a"]).exits(0);
    let rejected = abide.run(&["promise", "reject", "a", "--message", "too dear", "--json"]);
    let value = &rejected.exits(0).json()["value"]["json"];
    assert_eq!(*value, serde_json::json!({"__type": "error", "message": "too dear"}));
    abide.run(&["promise", "get", "a"]).exits(0).shows("a  rejected\n").shows("error    too dear");
}

#[test]
fn a_promise_is_canceled() {
    let abide = Abide::dev();
    abide.run(&["promise", "create", "a"]).exits(0);
    abide.run(&["promise", "cancel", "a"]).exits(0).shows("a  canceled\n");
    let got = abide.run(&["promise", "get", "a", "--json"]).exits(0).json();
    assert_eq!(got["state"], "rejected_canceled");
}

#[test]
fn settling_twice_alike_is_no_conflict_and_otherwise_is() {
    let abide = Abide::dev();
    abide.run(&["promise", "create", "a"]).exits(0);
    abide.run(&["promise", "resolve", "a", "--value", "1"]).exits(0);
    abide.run(&["promise", "resolve", "a", "--value", "1"]).exits(0);
    let other = abide.run(&["promise", "resolve", "a", "--value", "2"]).exits(4);
    other.shows("value    1").says("settled before (resolved)");
    abide.run(&["promise", "reject", "a"]).exits(4).says("the first settlement stands");
}

#[test]
fn creating_twice_changes_nothing_and_says_so() {
    let abide = Abide::dev();
    abide.run(&["promise", "create", "a", "--param", "1"]).exits(0);
    let again = abide.run(&["promise", "create", "a", "--param", "2"]).exits(0);
    again.shows("param    1").says("it was there already");
}

#[test]
fn a_promise_times_out() {
    let abide = Abide::dev();
    abide.run(&["promise", "create", "a", "--timeout", "1ms"]).exits(0);
    abide.run(&["promise", "get", "a", "--wait"]).exits(0).shows("a  timed out\n");
    let got = abide.run(&["promise", "search", "--state", "timedout", "--json"]).exits(0);
    assert_eq!(got.json()["state"], "rejected_timedout");
}

#[test]
fn waiting_ends_when_somebody_settles() {
    let abide = Abide::dev();
    abide.run(&["promise", "create", "a"]).exits(0);
    let mut waiting = abide.spawn(&["promise", "get", "a", "--wait", "--json"]);
    assert!(waiting.is_running());
    abide.run(&["promise", "resolve", "a", "--value", "true"]).exits(0);
    assert_eq!(waiting.finish().exits(0).json()["value"]["json"], true);
}

#[test]
fn a_search_prints_a_table_page_by_page() {
    let abide = Abide::dev();
    for id in ["a", "b", "c"] {
        abide.run(&["promise", "create", id, "--tag", "kind=letter"]).exits(0);
    }
    abide.run(&["promise", "create", "d", "--param", "\"other\""]).exits(0);
    abide.run(&["promise", "resolve", "b", "--value", "1"]).exits(0);

    let all = abide.run(&["promise", "search"]).exits(0);
    let lines: Vec<_> = all.stdout.lines().collect();
    assert_eq!(lines.len(), 5, "{all:#?}");
    assert!(lines[0].starts_with("ID  STATE"), "{all:#?}");
    assert!(lines[2].starts_with("b   resolved") && lines[2].ends_with("= 1"), "{all:#?}");
    assert!(lines[4].ends_with("\"other\""), "{all:#?}");

    let page = abide.run(&["promise", "search", "--tag", "kind=letter", "--limit", "2"]).exits(0);
    assert_eq!(page.stdout.lines().count(), 3, "{page:#?}");
    page.says(r#"--after "b""#);
    let rest = abide
        .run(&["promise", "search", "--tag", "kind=letter", "--after", "b", "--json"])
        .exits(0);
    assert_eq!(rest.json()["id"], "c");

    let all = abide.run(&["promise", "search", "--limit", "1", "--all", "--json"]).exits(0);
    let ids: Vec<_> = all.json_lines().iter().map(|p| p["id"].to_string()).collect();
    assert_eq!(ids, [r#""a""#, r#""b""#, r#""c""#, r#""d""#]);

    let pending = abide.run(&["promise", "search", "--state", "pending", "--json"]).exits(0);
    assert_eq!(pending.json_lines().len(), 3);
}

#[test]
fn nothing_found_is_said_not_printed() {
    let abide = Abide::dev();
    let none = abide.run(&["promise", "search"]).exits(0).says("nothing found");
    assert!(none.stdout.is_empty());
}

#[test]
fn a_hostile_id_does_not_reach_the_terminal_as_it_is() {
    let abide = Abide::dev();
    abide.run(&["promise", "create", "a\u{1b}[2Jb"]).exits(0).shows("a\\u{1b}[2Jb  pending");
}
