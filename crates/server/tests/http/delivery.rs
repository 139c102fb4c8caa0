//! How messages reach workers and listeners.

use abide_client::{Link, Messages};
use abide_protocol::{Id, Message};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{Running, get, options, start, within};

const FAR: i64 = i64::MAX;

async fn create(server: &Running, id: &str, target: &str) {
    let tags = json!({ "resonate:target": target });
    let data = json!({ "id": id, "timeoutAt": FAR, "tags": tags });
    assert_eq!(server.ask("promise.create", data).await.status, 200);
}

async fn create_plain(server: &Running, id: &str) {
    let data = json!({ "id": id, "timeoutAt": FAR });
    assert_eq!(server.ask("promise.create", data).await.status, 200);
}

async fn settle(server: &Running, id: &str, value: &str) {
    let data = json!({ "id": id, "state": "resolved", "value": { "data": value } });
    assert_eq!(server.ask("promise.settle", data).await.status, 200);
}

async fn listen(server: &Running, id: &str, address: &str) {
    let data = json!({ "awaited": id, "address": address });
    assert_eq!(server.ask("promise.register_listener", data).await.status, 200);
}

async fn next(messages: &mut Messages) -> Message {
    within(messages.next()).await.expect("the stream goes on")
}

fn execute(id: &str) -> Message {
    Message::Execute { id: Id::from(id), version: 0 }
}

/// A stream as raw bytes, opened and acknowledged.
async fn stream(server: &Running, path: &str, agent: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: t\r\nuser-agent: {agent}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let text = read_until(&mut stream, ":\n\n").await;
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(text.contains("content-type: text/event-stream\r\n"), "{text}");
    stream
}

/// Reads until this text has come.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !String::from_utf8_lossy(&bytes).contains(end) {
        assert!(within(stream.read_buf(&mut bytes)).await.unwrap() > 0, "the stream ended");
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_connected_worker_is_told_at_once() {
    let server = start(options()).await;
    let mut worker = server.link().connect("workers", "w1");
    create(&server, "early", "poll://any@workers").await;
    assert_eq!(next(&mut worker).await, execute("early"));
    create(&server, "mine", "poll://uni@workers/w1").await;
    assert_eq!(next(&mut worker).await, execute("mine"));
    server.stop().await;
}

#[tokio::test]
async fn a_task_waits_for_a_worker_and_goes_out_the_moment_one_connects() {
    // The retry interval is an hour, so that nothing but the connection can bring the message.
    let retry_interval = std::time::Duration::from_secs(3600);
    let server = start(abide_server::Options { retry_interval, ..options() }).await;
    create(&server, "any", "poll://any@late").await;
    create(&server, "uni", "poll://uni@late/w1").await;
    create(&server, "other", "poll://uni@late/w2").await;
    let mut worker = server.link().connect("late", "w1");
    let mut told = [next(&mut worker).await, next(&mut worker).await];
    told.sort_by_key(|message| format!("{message:?}"));
    assert_eq!(told, [execute("any"), execute("uni")]);
    server.stop().await;
}

#[tokio::test]
async fn a_listener_that_connects_late_is_told_of_what_has_settled() {
    let server = start(options()).await;
    create_plain(&server, "p").await;
    listen(&server, "p", "poll://uni@listeners/l1").await;
    settle(&server, "p", "done").await;
    let mut listener = server.link().connect("listeners", "l1");
    let Message::Unblock { promise } = next(&mut listener).await else { panic!("an execute") };
    assert_eq!((&*promise.id, promise.value.data.as_deref()), ("p", Some("done")));
    server.stop().await;
}

#[tokio::test]
async fn names_in_the_path_are_decoded() {
    let server = start(options()).await;
    for (group, id) in [("g g\u{e4}%", "w/1 +"), ("g", "%2F")] {
        let mut worker = server.link().connect(group, id);
        create(&server, &format!("for {id}"), &format!("poll://uni@{group}/{id}")).await;
        assert_eq!(next(&mut worker).await, execute(&format!("for {id}")));
    }
    server.stop().await;
}

#[tokio::test]
async fn events_are_one_line_of_ascii() {
    let server = start(options()).await;
    let mut stream = stream(&server, "/poll/g/l", "test").await;
    create_plain(&server, "p").await;
    listen(&server, "p", "poll://uni@g/l").await;
    settle(&server, "p", "ä\u{2028}\n日本").await;
    let text = read_until(&mut stream, "\n\n").await;
    let data = text.split("data: ").nth(1).unwrap().split("\n\n").next().unwrap();
    assert!(data.is_ascii(), "{data}");
    let message: Value = serde_json::from_str(data).unwrap();
    assert_eq!(message["kind"], "unblock");
    assert_eq!(message["head"], json!({}));
    assert_eq!(message["data"]["promise"]["value"]["data"], "ä\u{2028}\n日本");
    server.stop().await;
}

#[tokio::test]
async fn an_execute_tells_where_to_acquire_it() {
    let server_url = Some("https://abide.example.com".to_owned());
    let server = start(abide_server::Options { server_url, ..options() }).await;
    let mut stream = stream(&server, "//poll/g/w", "test").await;
    create(&server, "p", "poll://any@g").await;
    let text = read_until(&mut stream, "}\n\n").await;
    let data = text.split("data: ").nth(1).unwrap().split("\n\n").next().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(data).unwrap(),
        json!({
            "kind": "execute",
            "head": { "serverUrl": "https://abide.example.com" },
            "data": { "task": { "id": "p", "version": 0 } },
        })
    );
    server.stop().await;
}

#[tokio::test]
async fn http_addresses_are_posted_to_until_they_take_the_message() {
    let server = start(options()).await;
    let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/inbox?x=1", receiver.local_addr().unwrap());
    create_plain(&server, "p").await;
    listen(&server, "p", &address).await;
    settle(&server, "p", "v").await;
    for answer in ["500 Oh", "302 Found", "204 No Content"] {
        let (mut stream, _) = within(receiver.accept()).await.unwrap();
        let request = within(read_request(&mut stream)).await;
        assert!(request.starts_with("POST /inbox?x=1 HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("content-type: application/json\r\n"), "{request}");
        let body = request.split("\r\n\r\n").nth(1).unwrap();
        let message: Value = serde_json::from_str(body).unwrap();
        assert_eq!(message["data"]["promise"]["id"], "p");
        let head = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
    }
    let counted = |text: &str| {
        text.contains(r#"abide_messages_total{kind="unblock",way="http",outcome="taken"} 1"#)
            && text
                .contains(r#"abide_messages_total{kind="unblock",way="http",outcome="refused"} 2"#)
    };
    within(async {
        while !counted(&get(server.metrics, "/metrics").await.body) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    server.stop().await;
}

/// A request, head and body.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    loop {
        let mut bytes = Vec::new();
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "half a request: {text}");
        text.push_str(std::str::from_utf8(&bytes).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if length.is_some_and(|length| length.parse() == Ok(body.len())) {
            return text;
        }
    }
}

#[tokio::test]
async fn a_member_is_counted_while_it_is_connected() {
    let server = start(options()).await;
    let members = async |count: usize| {
        let line = format!("\nabide_members {count}\n");
        within(async {
            while !get(server.metrics, "/metrics").await.body.contains(&line) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    };
    let first = stream(&server, "/poll/g/a", "test").await;
    let second = stream(&server, "/poll/g/b", "test").await;
    members(2).await;
    drop(first);
    members(1).await;
    drop(second);
    members(0).await;
    server.stop().await;
}

#[tokio::test]
async fn a_stream_is_taken_up_again_after_the_server_has_been_replaced() {
    let server = start(options()).await;
    let port = server.address.port();
    let mut worker = server.link().connect("g", "w");
    create(&server, "first", "poll://any@g").await;
    assert_eq!(next(&mut worker).await, execute("first"));
    server.stop().await;
    let server = start(abide_server::Options { port, ..options() }).await;
    create(&server, "second", "poll://any@g").await;
    assert_eq!(next(&mut worker).await, execute("second"));
    server.stop().await;
}

#[tokio::test]
async fn a_stream_ends_with_the_server() {
    let server = start(options()).await;
    let mut stream = stream(&server, "/poll/g/w", "test").await;
    let stopped = tokio::spawn(server.stop());
    let mut rest = Vec::new();
    within(stream.read_to_end(&mut rest)).await.unwrap();
    // The chunk of length nothing: the end is a clean one.
    assert!(rest.ends_with(b"0\r\n\r\n"), "{rest:?}");
    within(stopped).await.unwrap();
}

#[tokio::test]
async fn half_an_answer_is_never_read() {
    // A server that says nothing and hangs up: what was asked may have been done or not.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let link = abide_client::HttpLink::new(&url).unwrap();
    let hangs_up = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
    });
    let request =
        abide_protocol::Request::PromiseGet(abide_protocol::PromiseGet { id: "p".into() });
    let error = within(link.call(request.clone())).await.unwrap_err();
    assert!(matches!(error, abide_client::LinkError::Interrupted { .. }), "{error}");
    within(hangs_up).await.unwrap();
    // Now nobody listens any more.
    let error = within(link.call(request)).await.unwrap_err();
    assert!(matches!(error, abide_client::LinkError::Unreachable { .. }), "{error}");
    assert!(error.is_transient());
}
