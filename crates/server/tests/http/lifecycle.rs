//! Starting, watching and ending a server.

use abide_server::{BindError, Server};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{envelope, get, options, post, start, within};

#[tokio::test]
async fn health_and_readiness() {
    let server = start(options()).await;
    for (path, body) in [("/health", r#"{"status":"ok"}"#), ("/ready", r#"{"status":"ready"}"#)] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, body));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    server.stop().await;
}

#[tokio::test]
async fn requests_are_counted() {
    let server = start(options()).await;
    server.ask("promise.create", json!({ "id": "p", "timeoutAt": i64::MAX })).await;
    server.ask("promise.get", json!({ "id": "p" })).await;
    server.ask("promise.get", json!({ "id": "q" })).await;
    server.post(b"nonsense").await;
    let answer = get(server.metrics, "/metrics").await;
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4"));
    for line in [
        r#"abide_requests_total{kind="promise.create",status="200"} 1"#,
        r#"abide_requests_total{kind="promise.get",status="200"} 1"#,
        r#"abide_requests_total{kind="promise.get",status="404"} 1"#,
        r#"abide_request_seconds_count{kind="promise.get"} 2"#,
        "abide_unreadable_requests_total 1",
        "abide_members 0",
    ] {
        assert!(answer.body.lines().any(|each| each == line), "{line} in\n{}", answer.body);
    }
    assert_eq!(server.get("/metrics").await.status, 404, "metrics have a port of their own");
    server.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let server = start(options()).await;
    let taken = abide_server::Options { port: server.address.port(), ..options() };
    let Err(error) = Server::bind(taken).await else { panic!("two servers at one port") };
    assert!(matches!(error, BindError::Listen { address, .. } if address == server.address));
    assert!(error.to_string().contains(&server.address.to_string()), "{error}");
    server.stop().await;
}

#[tokio::test]
async fn a_request_in_progress_is_finished_and_then_nobody_listens() {
    let server = start(options()).await;
    let address = server.address;
    let create = envelope("promise.create", r#"{"id":"p","timeoutAt":9223372036854775807}"#);
    let bytes = post(create.as_bytes());
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&bytes[..bytes.len() - 1]).await.unwrap();
    // A second exchange makes sure that the server has seen the beginning of the first.
    assert_eq!(server.get("/health").await.status, 200);
    let stopped = tokio::spawn(server.stop());
    within(async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    stream.write_all(&bytes[bytes.len() - 1..]).await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    within(stopped).await.unwrap();
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let server = start(options()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = post(envelope("promise.get", r#"{"id":"none"}"#).as_bytes());
    for _ in 0..3 {
        stream.write_all(&request).await.unwrap();
        let answer = within(crate::support::read_answer(&mut stream)).await;
        assert_eq!(answer.status, 404);
    }
    server.stop().await;
}

#[tokio::test]
async fn numbers_at_the_edge_are_kept() {
    let server = start(options()).await;
    let data = json!({ "id": "p", "timeoutAt": i64::MAX });
    let answer = server.ask("promise.create", data).await.json();
    assert_eq!(answer["data"]["promise"]["timeoutAt"], i64::MAX);
    assert_eq!(answer["head"], json!({ "corrId": "c", "status": 200, "version": "2026-04-01" }));
    server.stop().await;
}
