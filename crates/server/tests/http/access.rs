//! Who may do what.

use abide_client::{HttpLink, Link};
use abide_protocol::{PromiseGet, Request, Status};
use serde_json::json;

use crate::support::{Running, envelope, options, start, within};

fn guarded() -> abide_server::Options {
    abide_server::Options { token: Some("secret".into()), ..options() }
}

async fn post_with(server: &Running, headers: &str, body: &str) -> (u16, serde_json::Value) {
    let length = body.len();
    let head = format!("POST / HTTP/1.1\r\nhost: t\r\n{headers}content-length: {length}\r\n\r\n");
    let answer = server.send(format!("{head}{body}").as_bytes()).await;
    (answer.status, answer.json()["data"].clone())
}

#[tokio::test]
async fn the_token_is_taken_from_the_envelope_or_from_the_headers() {
    let server = start(guarded()).await;
    let plain = envelope("promise.get", r#"{"id":"none"}"#);
    let with = plain.replace(r#""corrId""#, r#""auth":"secret","corrId""#);
    let wrong = with.replace("secret", "Secret");
    let refused = (401, json!("the token is missing or wrong"));
    let served = (404, json!("there is no promise \"none\""));
    for (headers, body, expected) in [
        ("", &plain, &refused),
        ("", &wrong, &refused),
        ("authorization: Bearer wrong\r\n", &plain, &refused),
        ("", &with, &served),
        ("authorization: Bearer secret\r\n", &plain, &served),
        ("authorization: Bearer secret\r\n", &wrong, &served),
    ] {
        assert_eq!(post_with(&server, headers, body).await, *expected, "{headers} {body}");
    }
    for (headers, status) in [("", 401), ("authorization: Bearer no\r\n", 401)] {
        let head = format!("GET /poll/g/w HTTP/1.1\r\nhost: t\r\n{headers}\r\n");
        assert_eq!(server.send(head.as_bytes()).await.status, status, "{headers}");
    }
    // Whoever watches over the process needs no token.
    assert_eq!(server.get("/health").await.status, 200);
    assert_eq!(server.get("/ready").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_link_with_the_token_is_served() {
    let server = start(guarded()).await;
    let url = format!("http://{}", server.address);
    let get = || Request::PromiseGet(PromiseGet { id: "none".into() });
    for (token, status) in [(None, Status::Unauthorized), (Some("secret"), Status::NotFound)] {
        let link = HttpLink::with(&url, token, abide_client::DEFAULT_TIMEOUT).unwrap();
        assert_eq!(within(link.call(get())).await.unwrap().status, status, "{token:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn debugging_is_served_only_when_it_is_on() {
    let off = start(options()).await;
    for (kind, data) in [
        ("debug.start", json!({})),
        ("debug.stop", json!({})),
        ("debug.reset", json!({})),
        ("debug.tick", json!({ "time": 0 })),
        ("debug.snap", json!({})),
    ] {
        let answer = off.ask(kind, data).await;
        let text = format!("{kind} is not served: the server runs without --debug");
        assert_eq!((answer.status, answer.json()["data"].clone()), (403, json!(text)));
    }
    off.stop().await;

    let on = start(abide_server::Options { debug: true, ..guarded() }).await;
    assert_eq!(on.ask("debug.snap", json!({})).await.status, 401);
    let snap = envelope("debug.snap", "{}");
    let (status, snapshot) = post_with(&on, "authorization: Bearer secret\r\n", &snap).await;
    assert_eq!((status, &snapshot["promises"]), (200, &json!([])));
    on.stop().await;
}

#[tokio::test]
async fn pages_of_other_machines_are_refused() {
    let server = start(options()).await;
    let body = envelope("promise.get", r#"{"id":"none"}"#);
    let (status, text) = post_with(&server, "origin: https://evil.example\r\n", &body).await;
    assert_eq!(status, 403);
    assert_eq!(text, "pages of the origin \"https://evil.example\" may not use this server");
    let (status, _) = post_with(&server, "origin: http://localhost:3000\r\n", &body).await;
    assert_eq!(status, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_browser_is_told_what_it_may_do() {
    let server = start(options()).await;
    let ask = |path: &str| {
        format!(
            "OPTIONS {path} HTTP/1.1\r\nhost: t\r\norigin: http://localhost:3000\r\n\
             access-control-request-method: POST\r\n\r\n"
        )
    };
    for path in ["/", "/poll/g/w"] {
        let answer = server.send(ask(path).as_bytes()).await;
        assert_eq!(answer.status, 204);
        for (name, value) in [
            ("access-control-allow-origin", "http://localhost:3000"),
            ("access-control-allow-methods", "GET, POST, OPTIONS"),
            ("access-control-allow-headers", "authorization, content-type"),
            ("vary", "origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path} {name}");
        }
    }
    let head = "GET /health HTTP/1.1\r\nhost: t\r\norigin: http://127.0.0.1\r\n\r\n";
    let answer = server.send(head.as_bytes()).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://127.0.0.1"));
    server.stop().await;
}
