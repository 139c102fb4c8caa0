//! What is read and what is refused, one line each: the kind, the data, and the reason for a 400.

use abide_protocol::{Envelope, VERSION};

fn read(kind: &str, data: &str) -> Result<Envelope, String> {
    let json = format!(
        r#"{{"kind":"{kind}","head":{{"corrId":"c","version":"{VERSION}"}},"data":{data}}}"#
    );
    Envelope::from_json(json.as_bytes()).map_err(|refused| {
        assert_eq!(refused.response.status.code(), 400);
        assert_eq!((&*refused.kind, &*refused.corr_id), (kind, "c"), "{data}");
        refused.response.message().expect("a refusal says why").to_owned()
    })
}

/// What a line expects: that it is read, or a part of the reason why not.
enum Expect {
    Read,
    Refused(&'static str),
}

use Expect::{Read, Refused};

fn check(lines: &[(&str, &str, Expect)]) {
    let mut wrong = String::new();
    for (kind, data, expect) in lines {
        match (read(kind, data), expect) {
            (Ok(_), Read) => {}
            (Err(reason), Refused(part)) if reason.contains(part) => {}
            (found, _) => wrong += &format!("{kind} {data}\n  {found:?}\n"),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn integers_are_integers() {
    check(&[
        ("promise.create", r#"{"id":"a","timeoutAt":9223372036854775807}"#, Read),
        ("promise.create", r#"{"id":"a","timeoutAt":-9223372036854775808}"#, Read),
        ("promise.create", r#"{"id":"a","timeoutAt":9223372036854775808}"#, Refused("i64")),
        ("promise.create", r#"{"id":"a","timeoutAt":-9223372036854775809}"#, Refused("i64")),
        ("promise.create", r#"{"id":"a","timeoutAt":1e400}"#, Refused("number out of range")),
        ("promise.create", r#"{"id":"a","timeoutAt":1.0}"#, Refused("i64")),
        ("promise.create", r#"{"id":"a","timeoutAt":1e3}"#, Refused("i64")),
        ("promise.create", r#"{"id":"a","timeoutAt":"1"}"#, Refused("i64")),
        ("promise.create", r#"{"id":"a","timeoutAt":true}"#, Refused("i64")),
        ("promise.create", r#"{"id":"a","timeoutAt":null}"#, Refused("i64")),
        ("promise.create", r#"{"id":"a","timeoutAt":[1]}"#, Refused("i64")),
        ("promise.create", r#"{"id":"a"}"#, Refused("timeoutAt")),
        ("task.acquire", r#"{"id":"a","version":0.5,"pid":"p","ttl":1}"#, Refused("i64")),
        ("task.acquire", r#"{"id":"a","version":0,"pid":"p","ttl":null}"#, Refused("i64")),
        ("task.heartbeat", r#"{"pid":"p","tasks":[{"id":"a","version":1.0}]}"#, Refused("i64")),
        ("promise.search", r#"{"limit":10.0}"#, Refused("i64")),
        ("debug.tick", r#"{"time":1.5}"#, Refused("i64")),
    ]);
}

#[test]
fn texts_are_texts() {
    check(&[
        ("promise.get", r#"{"id":1}"#, Refused("string")),
        ("promise.get", r#"{"id":null}"#, Refused("string")),
        ("promise.get", r#"{"id":["a"]}"#, Refused("string")),
        ("promise.get", r#"{}"#, Refused("missing field `id`")),
        ("promise.get", r#"{"id":"\ud83d"}"#, Refused("escape")),
        ("promise.get", r#"{"id":"\ud83d\ude00"}"#, Read),
        ("promise.get", r#"{"id":"a"}"#, Read),
        ("task.heartbeat", r#"{"pid":7,"tasks":[]}"#, Refused("string")),
    ]);
}

#[test]
fn null_means_absent_where_a_field_may_be_absent() {
    check(&[
        ("promise.search", r#"{"state":null,"limit":null,"cursor":null}"#, Read),
        ("task.search", r#"{"state":null,"limit":null,"cursor":null}"#, Read),
        ("schedule.search", r#"{"limit":null,"cursor":null}"#, Read),
        (
            "promise.create",
            r#"{"id":"a","timeoutAt":1,"param":{"headers":null,"data":null}}"#,
            Read,
        ),
    ]);
}

#[test]
fn payloads_and_tags_are_objects() {
    check(&[
        ("promise.create", r#"{"id":"a","timeoutAt":1,"param":{},"tags":{}}"#, Read),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"param":null}"#, Refused("an object")),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"param":[]}"#, Refused("an object")),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"param":[null,"x"]}"#, Refused("an object")),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"param":"x"}"#, Refused("an object")),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"param":{"data":{}}}"#, Refused("string")),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"param":{"data":1}}"#, Refused("string")),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"param":{"headers":[]}}"#, Refused("map")),
        (
            "promise.create",
            r#"{"id":"a","timeoutAt":1,"param":{"headers":{"a":1}}}"#,
            Refused("string"),
        ),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"tags":null}"#, Refused("map")),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"tags":[]}"#, Refused("map")),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"tags":{"a":1}}"#, Refused("string")),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"tags":{"a":null}}"#, Refused("string")),
        ("promise.settle", r#"{"id":"a","state":"resolved"}"#, Read),
        ("promise.settle", r#"{"id":"a","state":"resolved","value":null}"#, Refused("an object")),
        ("promise.settle", r#"{"id":"a","state":"resolved","value":[]}"#, Refused("an object")),
        ("promise.search", r#"{"tags":null}"#, Refused("map")),
        ("schedule.search", r#"{"tags":null}"#, Refused("map")),
        (
            "schedule.create",
            r#"{"id":"s","cron":"* * * * *","promiseId":"x","promiseTimeout":1,"promiseTags":null}"#,
            Refused("map"),
        ),
        (
            "schedule.create",
            r#"{"id":"s","cron":"* * * * *","promiseId":"x","promiseTimeout":1,"promiseParam":[]}"#,
            Refused("an object"),
        ),
    ]);
}

#[test]
fn names_are_known() {
    check(&[
        ("promise.settle", r#"{"id":"a","state":"rejected_canceled"}"#, Read),
        ("promise.settle", r#"{"id":"a","state":"rejected_timedout"}"#, Refused("variant")),
        ("promise.settle", r#"{"id":"a","state":"pending"}"#, Refused("variant")),
        ("promise.settle", r#"{"id":"a","state":"RESOLVED"}"#, Refused("variant")),
        ("promise.settle", r#"{"id":"a","state":null}"#, Refused("")),
        ("promise.settle", r#"{"id":"a"}"#, Refused("state")),
        ("promise.search", r#"{"state":"rejected_timedout"}"#, Read),
        ("promise.search", r#"{"state":"timedout"}"#, Refused("variant")),
        ("task.search", r#"{"state":"suspended"}"#, Read),
        ("task.search", r#"{"state":"resolved"}"#, Refused("variant")),
    ]);
}

#[test]
fn lists_are_lists_of_objects() {
    check(&[
        ("task.heartbeat", r#"{"pid":"p"}"#, Read),
        ("task.heartbeat", r#"{"pid":"p","tasks":[]}"#, Read),
        ("task.heartbeat", r#"{"pid":"p","tasks":{}}"#, Refused("sequence")),
        ("task.heartbeat", r#"{"pid":"p","tasks":["a"]}"#, Refused("an object")),
        ("task.heartbeat", r#"{"pid":"p","tasks":[["a",1]]}"#, Refused("an object")),
        ("task.heartbeat", r#"{"pid":"p","tasks":[null]}"#, Refused("an object")),
        ("task.suspend", r#"{"id":"a","version":1,"actions":[]}"#, Read),
        ("task.suspend", r#"{"id":"a","version":1,"actions":[],"again":null}"#, Read),
        ("task.suspend", r#"{"id":"a","version":1,"actions":[],"again":1}"#, Refused("boolean")),
        ("task.acquire", r#"{"id":"a","version":1,"pid":"p","ttl":1,"resumed":true}"#, Read),
        ("task.reclaim", r#"{"id":"a","version":1,"promises":["a.1"]}"#, Read),
        ("task.reclaim", r#"{"id":"a","version":1,"promises":[1]}"#, Refused("string")),
        ("task.reclaim", r#"{"id":"a","version":1}"#, Refused("promises")),
        ("task.suspend", r#"{"id":"a","version":1}"#, Refused("actions")),
        ("task.suspend", r#"{"id":"a","version":1,"actions":{}}"#, Refused("sequence")),
        ("task.suspend", r#"{"id":"a","version":1,"actions":[[]]}"#, Refused("an object")),
    ]);
}

#[test]
fn inner_envelopes_are_envelopes() {
    let create =
        r#"{"kind":"promise.create","head":{"corrId":"i"},"data":{"id":"b","timeoutAt":1}}"#;
    let fence = |action: &str| format!(r#"{{"id":"a","version":1,"action":{action}}}"#);
    assert!(read("task.fence", &fence(create)).is_ok());
    assert!(read("task.fence", &fence(&create.replace(r#""head":{"corrId":"i"},"#, ""))).is_ok());
    let refusals = [
        (create.replace("promise.create", "promise.get"), "promise.get"),
        (create.replace("promise.create", ""), "is needed"),
        (create.replace(r#""kind":"promise.create","#, ""), "kind"),
        (create.replace(r#"{"corrId":"i"}"#, r#"["i"]"#), "an object"),
        (create.replace(r#"{"id":"b","timeoutAt":1}"#, r#"["b",1]"#), "must be an object"),
        (create.replace(r#"{"id":"b","timeoutAt":1}"#, "null"), "must be an object"),
        (create.replace(r#","data":{"id":"b","timeoutAt":1}"#, ""), "data"),
        (create.replace(r#""timeoutAt":1"#, r#""timeoutAt":1.0"#), "i64"),
        (r#"["promise.create",{},{"id":"b","timeoutAt":1}]"#.to_owned(), "an object"),
        ("null".to_owned(), "an object"),
        ("\"promise.create\"".to_owned(), "an object"),
    ];
    for (action, part) in refusals {
        let reason = read("task.fence", &fence(&action)).expect_err(&action);
        assert!(reason.contains(part), "{action}: {reason}");
    }
    for kind in ["task.fulfill", "task.suspend"] {
        let data = match kind {
            "task.suspend" => format!(r#"{{"id":"a","version":1,"actions":[{create}]}}"#),
            _ => fence(create),
        };
        assert!(read(kind, &data).unwrap_err().contains("is needed"), "{kind}");
    }
    let settle = create
        .replace("promise.create", "promise.settle")
        .replace(r#""timeoutAt":1"#, r#""state":"resolved""#);
    assert!(read("task.fence", &fence(&settle)).is_ok());
    let data = format!(r#"{{"pid":"p","ttl":1,"action":{settle}}}"#);
    assert!(read("task.create", &data).unwrap_err().contains("is needed"));
}

#[test]
fn what_is_unknown_is_ignored_and_what_is_there_twice_is_not() {
    check(&[
        ("promise.get", r#"{"id":"a","later":{"x":[1,2]},"null":null}"#, Read),
        ("promise.get", r#"{"id":"a","id":"b"}"#, Refused("duplicate field")),
        ("promise.create", r#"{"id":"a","timeoutAt":1,"timeoutAt":2}"#, Refused("duplicate field")),
    ]);
}

/// Whole envelopes: the text, the reason, and what of it is echoed.
#[test]
fn envelopes() {
    let head = format!(r#""head":{{"corrId":"c","version":"{VERSION}"}}"#);
    let get = format!(r#"{{"kind":"promise.get",{head},"data":{{"id":"a"}}}}"#);
    for fine in [
        get.clone(),
        format!("  \n{get}\n "),
        get.replace(r#""corrId""#, r#""resonate:origin":"o","auth":null,"corrId""#),
        get.replace(r#""corrId""#, r#""resonate:debug_time":null,"corrId""#),
        get.replace(r#""corrId""#, r#""resonate:debug_time":5,"corrId""#),
        get.replace(r#""kind""#, r#""extra":[{"deep":[]}],"kind""#),
        get.replace(r#""c""#, r#""""#),
    ] {
        Envelope::from_json(fine.as_bytes())
            .unwrap_or_else(|refused| panic!("{fine}: {refused:?}"));
    }
    let no_head = r#"{"kind":"promise.get","data":{"id":"a"}}"#;
    let cases: Vec<(String, &str, &str, &str)> = vec![
        (String::new(), "JSON object", "unknown", "0"),
        ("null".into(), "JSON object", "unknown", "0"),
        ("[]".into(), "JSON object", "unknown", "0"),
        (r#""promise.get""#.into(), "JSON object", "unknown", "0"),
        (r#"["promise.get",{},{}]"#.into(), "JSON object", "unknown", "0"),
        ("{".into(), "cannot be read", "unknown", "0"),
        (format!("{get}x"), "trailing", "unknown", "0"),
        (format!("{get}{get}"), "trailing", "unknown", "0"),
        (format!("\u{feff}{get}"), "JSON object", "unknown", "0"),
        ("{}".into(), "kind is missing", "unknown", "0"),
        (get.replace(r#""promise.get""#, "null"), "kind is missing", "unknown", "c"),
        (get.replace(r#""promise.get""#, "7"), "string", "unknown", "c"),
        (get.replace("promise.get", ""), "kind must not be empty", "unknown", "c"),
        (get.replace("promise.get", "promise.fly"), "is unknown", "promise.fly", "c"),
        (get.replace("promise.get", "Promise.Get"), "is unknown", "Promise.Get", "c"),
        (no_head.into(), "head is missing", "promise.get", "0"),
        (get.replace(&head, r#""head":null"#), "head is missing", "promise.get", "0"),
        (get.replace(&head, r#""head":[]"#), "head must be", "promise.get", "0"),
        (get.replace(&head, r#""head":"x""#), "head must be", "promise.get", "0"),
        (get.replace(r#""corrId":"c","#, ""), "corrId is missing", "promise.get", "0"),
        (get.replace(r#""c""#, "null"), "corrId is missing", "promise.get", "0"),
        (get.replace(r#""c""#, "1"), "string", "promise.get", "0"),
        (get.replace(&format!(r#","version":"{VERSION}""#), ""), "version is", "promise.get", "c"),
        (get.replace(VERSION, "2025-01-15"), "is not served", "promise.get", "c"),
        (get.replace(&format!("{VERSION:?}"), "1"), "string", "promise.get", "c"),
        (get.replace(r#"{"id":"a"}"#, "null"), "data is missing", "promise.get", "c"),
        (get.replace(r#"{"id":"a"}"#, "[]"), "data must be", "promise.get", "c"),
        (get.replace(r#"{"id":"a"}"#, r#"["a"]"#), "data must be", "promise.get", "c"),
        (get.replace(r#"{"id":"a"}"#, r#""a""#), "data must be", "promise.get", "c"),
        (get.replace(r#","data":{"id":"a"}"#, ""), "data is missing", "promise.get", "c"),
        (get.replace(r#""kind""#, r#""kind":"task.get","kind""#), "duplicate", "unknown", "0"),
        (
            get.replace(r#""corrId""#, r#""resonate:debug_time":1.5,"corrId""#),
            "i64",
            "promise.get",
            "c",
        ),
        (get.replace(r#""corrId""#, r#""auth":7,"corrId""#), "string", "promise.get", "c"),
    ];
    for (json, part, kind, corr_id) in cases {
        let refused = *Envelope::from_json(json.as_bytes()).expect_err(&json);
        let reason = refused.response.message().unwrap();
        assert!(reason.contains(part), "{json}\n  {reason}");
        assert_eq!((&*refused.kind, &*refused.corr_id), (kind, corr_id), "{json}");
        let answer: serde_json::Value = serde_json::from_slice(&refused.to_json()).unwrap();
        assert_eq!(answer["data"], reason);
        assert_eq!(answer["head"]["status"], 400);
    }
}

/// Nothing that is nested deeply enough can exhaust the stack.
#[test]
fn depth_is_no_danger() {
    let deep = "[".repeat(200_000);
    for json in [
        deep.clone(),
        format!(r#"{{"kind":{deep}"#),
        format!(r#"{{"kind":"promise.get","data":{deep}"#),
        format!(r#"{{"kind":"promise.get","extra":{deep}{}}}"#, "]".repeat(200_000)),
        r#"{"a":"#.repeat(200_000),
    ] {
        assert!(Envelope::from_json(json.as_bytes()).is_err());
    }
}
