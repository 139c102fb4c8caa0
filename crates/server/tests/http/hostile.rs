//! What is oversized, cut off, or hostile to the transport.

use serde_json::json;

use crate::support::{envelope, options, post, start};

const OK: &str = r#"{"status":"ok"}"#;

/// The raw bytes; the status (0: the connection is closed without an answer); the text.
fn transport() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let posted =
        |head: &str, body: &str| format!("POST / HTTP/1.1\r\nhost: t\r\n{head}\r\n\r\n{body}");
    let long = "x".repeat(200 << 10);
    let nested =
        |open: &str, close: &str, depth| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    let deep = |inner: String| {
        let data = format!(r#"{{"id":"none","extra":{inner}}}"#);
        post(envelope("promise.get", &data).as_bytes())
    };
    let nothing = "the body must be a JSON object with kind, head and data";
    vec![
        ("not HTTP", b"hello\r\n\r\n".to_vec(), 400, ""),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), 400, ""),
        ("HTTP/0.9", b"GET /\r\n\r\n".to_vec(), 400, ""),
        ("a NUL in a header", b"GET / HTTP/1.1\r\nhost: \0\r\n\r\n".to_vec(), 400, ""),
        ("no colon in a header", b"GET / HTTP/1.1\r\nhost\r\n\r\n".to_vec(), 400, ""),
        ("a head without end", format!("GET / HTTP/1.1\r\nx: {long}\r\n\r\n").into(), 431, ""),
        ("a path without end", format!("GET /{long} HTTP/1.1\r\n\r\n").into(), 431, ""),
        ("a negative length", posted("content-length: -1", "{}").into(), 400, ""),
        ("two lengths", posted("content-length: 2\r\ncontent-length: 3", "{}").into(), 400, ""),
        (
            "a length beyond all ranges",
            posted("content-length: 99999999999999999999999", "").into(),
            400,
            "",
        ),
        (
            "a length and chunks",
            posted("content-length: 3\r\ntransfer-encoding: chunked", "0\r\n\r\n").into(),
            400,
            nothing,
        ),
        (
            "a broken chunk",
            posted("transfer-encoding: chunked", "zz\r\n{}\r\n").into(),
            400,
            "the body did not arrive whole",
        ),
        (
            "a chunk beyond all ranges",
            posted("transfer-encoding: chunked", "fffffffffffffffff\r\n").into(),
            400,
            "the body did not arrive whole",
        ),
        ("an encoding", posted("transfer-encoding: gzip", "{}").into(), 400, ""),
        ("no body", posted("content-length: 0", "").into(), 400, nothing),
        ("no length", posted("x: y", "").into(), 400, nothing),
        ("no UTF-8", post(b"\xff\xfe{\x00}\x00"), 400, nothing),
        ("a byte order mark", post("\u{feff}{}".as_bytes()), 400, nothing),
        (
            "no UTF-8 in a string",
            post(b"{\"kind\":\"\xff\"}"),
            400,
            "the envelope cannot be read: invalid unicode code point at line 1 column 10",
        ),
        (
            "arrays a million deep",
            deep(nested("[", "]", 1_000_000)),
            404,
            "there is no promise \"none\"",
        ),
        (
            "objects deeper than any stack",
            deep(nested("{\"a\":", "}", 500_000)),
            404,
            "there is no promise \"none\"",
        ),
        ("arrays that never close", post("[".repeat(1_000_000).as_bytes()), 400, nothing),
        (
            "a number of a million digits",
            deep("9".repeat(1_000_000)),
            404,
            "there is no promise \"none\"",
        ),
        ("a million spaces", post(" ".repeat(1_000_000).as_bytes()), 400, nothing),
        ("GET", b"GET / HTTP/1.1\r\nhost: t\r\n\r\n".to_vec(), 405, "requests are posted to /"),
        (
            "DELETE",
            b"DELETE / HTTP/1.1\r\nhost: t\r\n\r\n".to_vec(),
            405,
            "requests are posted to /",
        ),
        (
            "an unknown method",
            b"BREW / HTTP/1.1\r\nhost: t\r\n\r\n".to_vec(),
            405,
            "requests are posted to /",
        ),
        (
            "POST to a stream",
            b"POST /poll/g/w HTTP/1.1\r\nhost: t\r\ncontent-length: 0\r\n\r\n".to_vec(),
            405,
            "POST is not served at /poll/g/w",
        ),
        (
            "nowhere",
            b"GET /admin HTTP/1.1\r\nhost: t\r\n\r\n".to_vec(),
            404,
            "there is nothing at /admin: requests are posted to /",
        ),
        (
            "above the root",
            b"GET /../../etc/passwd HTTP/1.1\r\nhost: t\r\n\r\n".to_vec(),
            404,
            "there is nothing at /../../etc/passwd: requests are posted to /",
        ),
        (
            "a stream without an id",
            b"GET /poll/g HTTP/1.1\r\nhost: t\r\n\r\n".to_vec(),
            404,
            "there is nothing at /poll/g: requests are posted to /",
        ),
        (
            "a stream with an empty group",
            b"GET /poll//w HTTP/1.1\r\nhost: t\r\n\r\n".to_vec(),
            400,
            "the group must not be empty",
        ),
        (
            "a group that is no UTF-8",
            b"GET /poll/%ff/w HTTP/1.1\r\nhost: t\r\n\r\n".to_vec(),
            400,
            "the group and the id must be UTF-8",
        ),
        (
            "a group with a NUL",
            b"GET /poll/g%00/w HTTP/1.1\r\nhost: t\r\n\r\n".to_vec(),
            400,
            "the group must not hold a NUL character",
        ),
        (
            "an id without end",
            format!("GET /poll/g/{} HTTP/1.1\r\nhost: t\r\n\r\n", "x".repeat(4097)).into(),
            400,
            "the id is longer than 4096 bytes",
        ),
    ]
}

#[tokio::test]
async fn the_transport_answers_exactly_and_stays_up() {
    let server = start(options()).await;
    let mut wrong = Vec::new();
    for (name, bytes, status, text) in transport() {
        let answer = server.send(&bytes).await;
        let said: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let said = said["data"].as_str().unwrap_or(&answer.body).to_owned();
        if (answer.status, said.as_str()) != (status, text) {
            wrong.push(format!("{name}: {} {said:?}, not {status} {text:?}", answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(server.get("/health").await.body, OK);
    server.stop().await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_with_a_clear_text() {
    let mut options = options();
    options.limits.request_bytes = 100_000;
    options.limits.payload_bytes = 10_000;
    let server = start(options).await;
    let x = |count| "x".repeat(count);
    let create = |id: &str, param: &str, tags: serde_json::Value| json!({ "id": id, "timeoutAt": 9, "param": { "data": param }, "tags": tags });
    let settle =
        |value: &str| json!({ "id": "none", "state": "resolved", "value": { "data": value } });
    let tagged = |name: &str, count| create("p", "", json!({ name: x(count) }));
    for (kind, data, status, text) in [
        (
            "promise.create",
            create("p", &x(100_000), json!({})),
            400,
            "the request is larger than 100000 bytes",
        ),
        (
            "promise.create",
            create("p", &x(10_001), json!({})),
            400,
            "param is larger than 10000 bytes",
        ),
        (
            "promise.create",
            json!({ "id": "p", "timeoutAt": 9, "param": { "headers": { "a": x(10_000) } } }),
            400,
            "param is larger than 10000 bytes",
        ),
        ("promise.create", tagged("a", 65_536), 400, "the tags are larger than 65536 bytes"),
        (
            "promise.create",
            tagged("resonate:target", 4097),
            400,
            "the tag resonate:target is longer than 4096 bytes",
        ),
        ("promise.create", create(&x(4097), "", json!({})), 400, "id is longer than 4096 bytes"),
        ("promise.settle", settle(&x(10_001)), 400, "value is larger than 10000 bytes"),
        ("promise.settle", settle(&x(10_000)), 404, "there is no promise \"none\""),
        ("promise.search", json!({ "cursor": x(4097) }), 400, "cursor is longer than 4096 bytes"),
        (
            "task.acquire",
            json!({ "id": "t", "version": 0, "pid": x(4097), "ttl": 1 }),
            400,
            "pid is longer than 4096 bytes",
        ),
        (
            "schedule.create",
            json!({ "id": "s", "cron": x(4097), "promiseId": "x", "promiseTimeout": 1, "promiseTags": {} }),
            400,
            "cron is longer than 4096 bytes",
        ),
    ] {
        let answer = server.ask(kind, data).await;
        let said = answer.json()["data"].clone();
        assert_eq!((answer.status, said), (status, json!(text)), "{kind}");
    }
    // Far beyond the limit nothing is read any more; the client sees a closed connection.
    let answer = server.post(&vec![b' '; 4_000_000]).await;
    assert!([0, 400].contains(&answer.status), "{answer:?}");
    assert_eq!(server.get("/health").await.body, OK);
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_hangs_up_in_the_middle_harms_nobody() {
    let server = start(options()).await;
    let whole = post(envelope("promise.get", r#"{"id":"none"}"#).as_bytes());
    for end in [1, 10, 30, whole.len() / 2, whole.len() - 1] {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, &whole[..end]).await.unwrap();
    }
    assert_eq!(server.send(&whole).await.status, 404);
    server.stop().await;
}
