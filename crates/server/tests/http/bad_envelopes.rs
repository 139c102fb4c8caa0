//! Bodies that are no envelope of the protocol.

use serde_json::json;

use crate::support::{options, start};

/// The body; then the kind, the correlation id and the text of the answer, which is a 400.
type Case = (&'static str, &'static str, &'static str, &'static str);

const CASES: &[Case] = &[
    ("", "unknown", "0", "the body must be a JSON object with kind, head and data"),
    (" ", "unknown", "0", "the body must be a JSON object with kind, head and data"),
    ("hello", "unknown", "0", "the body must be a JSON object with kind, head and data"),
    ("[]", "unknown", "0", "the body must be a JSON object with kind, head and data"),
    ("7", "unknown", "0", "the body must be a JSON object with kind, head and data"),
    (r#""text""#, "unknown", "0", "the body must be a JSON object with kind, head and data"),
    ("null", "unknown", "0", "the body must be a JSON object with kind, head and data"),
    (
        "{",
        "unknown",
        "0",
        "the envelope cannot be read: EOF while parsing an object at line 1 column 1",
    ),
    ("{}", "unknown", "0", "kind is missing"),
    (
        r#"{"kind":"promise.get""#,
        "unknown",
        "0",
        "the envelope cannot be read: EOF while parsing an object at line 1 column 21",
    ),
    (
        r#"{"head":{"corrId":"c","version":"2026-04-01"},"data":{"id":"p"}}"#,
        "unknown",
        "c",
        "kind is missing",
    ),
    (
        r#"{"kind":"","head":{"corrId":"c","version":"2026-04-01"},"data":{"id":"p"}}"#,
        "unknown",
        "c",
        "kind must not be empty",
    ),
    (
        r#"{"kind":7,"head":{"corrId":"c","version":"2026-04-01"},"data":{"id":"p"}}"#,
        "unknown",
        "c",
        "the envelope cannot be read: invalid type: integer `7`, expected a string at line 1 column 9",
    ),
    (
        r#"{"kind":null,"head":{"corrId":"c","version":"2026-04-01"},"data":{"id":"p"}}"#,
        "unknown",
        "c",
        "kind is missing",
    ),
    (
        r#"{"kind":"promise.eat","head":{"corrId":"c","version":"2026-04-01"},"data":{"id":"p"}}"#,
        "promise.eat",
        "c",
        r#"the kind "promise.eat" is unknown"#,
    ),
    (
        r#"{"kind":"PROMISE.GET","head":{"corrId":"c","version":"2026-04-01"},"data":{"id":"p"}}"#,
        "PROMISE.GET",
        "c",
        r#"the kind "PROMISE.GET" is unknown"#,
    ),
    (r#"{"kind":"promise.get","data":{"id":"p"}}"#, "promise.get", "0", "head is missing"),
    (
        r#"{"kind":"promise.get","head":null,"data":{"id":"p"}}"#,
        "promise.get",
        "0",
        "head is missing",
    ),
    (
        r#"{"kind":"promise.get","head":[],"data":{"id":"p"}}"#,
        "promise.get",
        "0",
        "head must be an object",
    ),
    (
        r#"{"kind":"promise.get","head":"c","data":{"id":"p"}}"#,
        "promise.get",
        "0",
        "head must be an object",
    ),
    (
        r#"{"kind":"promise.get","head":{"version":"2026-04-01"},"data":{"id":"p"}}"#,
        "promise.get",
        "0",
        "head.corrId is missing",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":7,"version":"2026-04-01"},"data":{"id":"p"}}"#,
        "promise.get",
        "0",
        "head cannot be read: invalid type: integer `7`, expected a string at line 1 column 11",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c"},"data":{"id":"p"}}"#,
        "promise.get",
        "c",
        "head.version is missing",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":"2025-01-15"},"data":{"id":"p"}}"#,
        "promise.get",
        "c",
        r#"the version "2025-01-15" is not served: use "2026-04-01""#,
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":20260401},"data":{"id":"p"}}"#,
        "promise.get",
        "c",
        "head cannot be read: invalid type: integer `20260401`, expected a string at line 1 column 32",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":"2026-04-01","auth":7},"data":{"id":"p"}}"#,
        "promise.get",
        "c",
        "head cannot be read: invalid type: integer `7`, expected a string at line 1 column 45",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":"2026-04-01","resonate:debug_time":"1"},"data":{"id":"p"}}"#,
        "promise.get",
        "c",
        r#"head cannot be read: invalid type: string "1", expected i64 at line 1 column 62"#,
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":"2026-04-01"}}"#,
        "promise.get",
        "c",
        "data is missing",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":"2026-04-01"},"data":null}"#,
        "promise.get",
        "c",
        "data is missing",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":"2026-04-01"},"data":["p"]}"#,
        "promise.get",
        "c",
        "data must be an object",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":"2026-04-01"},"data":"p"}"#,
        "promise.get",
        "c",
        "data must be an object",
    ),
    (
        r#"{"kind":"promise.get","kind":"task.get","head":{"corrId":"c","version":"2026-04-01"},"data":{"id":"p"}}"#,
        "unknown",
        "0",
        "the envelope cannot be read: duplicate field `kind` at line 1 column 28",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":"2026-04-01"},"data":{"id":"p"}} {}"#,
        "unknown",
        "0",
        "the envelope cannot be read: trailing characters at line 1 column 87",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":"2026-04-01"},"data":{"id":"p",}}"#,
        "unknown",
        "0",
        "the envelope cannot be read: key must be a string at line 1 column 85",
    ),
    (
        "{'kind':'promise.get'}",
        "unknown",
        "0",
        "the envelope cannot be read: key must be a string at line 1 column 2",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":"2026-04-01"},"data":{"id":NaN}}"#,
        "unknown",
        "0",
        "the envelope cannot be read: expected value at line 1 column 81",
    ),
    (
        r#"{"kind":"promise.get","head":{"corrId":"c","version":"2026-04-01"},"data":{"id":"\n\x"}}"#,
        "unknown",
        "0",
        "the envelope cannot be read: invalid escape at line 1 column 85",
    ),
];

#[tokio::test]
async fn each_is_answered_exactly() {
    let server = start(options()).await;
    for (body, kind, corr_id, text) in CASES {
        let answer = server.post(body.as_bytes()).await;
        let head = json!({ "corrId": corr_id, "status": 400, "version": "2026-04-01" });
        let expected = json!({ "kind": kind, "head": head, "data": text });
        assert_eq!((answer.status, answer.json()), (400, expected), "{body}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{body}");
    }
    assert_eq!(server.get("/health").await.status, 200);
    server.stop().await;
}
