//! Connections over pipes in memory, with a clock that is set by hand.

mod properties;

use std::{sync::Arc, time::Duration};

use abide_node::{Config, Node};
use abide_protocol::{PromiseGet, Request, Status};
use abide_store::MemoryStore;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split},
    runtime::Handle,
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{HEAD_TIMEOUT, serve};
use crate::{
    Limits, Origins, app::App, auth::Token, cors::Cors, intake::Intake, metrics::Metrics,
    posted::BODY_TIMEOUT, routes::Routes,
};

/// Everything that the tests send and receive fits into a pipe.
const PIPE: usize = 1 << 20;

/// The longest body that is served here.
const REQUEST_BYTES: usize = 1000;

struct Served {
    node: Node,
    routes: Arc<Routes>,
    close: watch::Sender<bool>,
}

impl Served {
    async fn new(token: Option<&str>) -> Self {
        let node = Node::open(Arc::new(MemoryStore::new()), Config::default()).await.unwrap();
        let (close, closing) = watch::channel(false);
        let app = App {
            node: node.clone(),
            metrics: Arc::new(Metrics::default()),
            token: Token::new(token),
            cors: Cors::new(Origins::Local),
            limits: Limits { request_bytes: REQUEST_BYTES, ..Limits::default() },
            extensions: abide_protocol::Extensions::all(),
            url: "http://test".into(),
            closing,
        };
        Served { node, routes: Arc::new(Routes::api(Arc::new(app))), close }
    }

    fn intake(&self) -> Intake {
        Intake::start(self.node.clone(), &Handle::current())
    }

    /// A connection: the client's end, and the server's task.
    fn connect(&self) -> (DuplexStream, JoinHandle<()>) {
        self.connect_by(PIPE)
    }

    /// The same, where so much is taken from the server at a time.
    fn connect_by(&self, pipe: usize) -> (DuplexStream, JoinHandle<()>) {
        let (client, server) = duplex(pipe);
        let (reader, writer) = split(server);
        let (routes, closing) = (self.routes.clone(), self.close.subscribe());
        let served = serve(reader, writer, routes, self.intake(), closing);
        (client, tokio::spawn(async { drop(served.await) }))
    }
}

fn post(kind: &str, data: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"kind":"{kind}","head":{{"corrId":"c","version":"2026-04-01"}},"data":{data}}}"#
    );
    let length = body.len();
    format!("POST / HTTP/1.1\r\nhost: t\r\ncontent-length: {length}\r\n\r\n{body}").into()
}

fn get() -> Vec<u8> {
    post("promise.get", r#"{"id":"none"}"#)
}

/// What a server says until it hangs up, its dates struck out.
async fn said(client: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).await.unwrap();
    undated(&String::from_utf8(bytes).unwrap())
}

fn undated(text: &str) -> String {
    let line = |line: &str| match line.starts_with("date: ") {
        true => "date: -\r\n".to_owned(),
        false => line.to_owned(),
    };
    text.split_inclusive('\n').map(line).collect()
}

/// What a server says next, without waiting for more.
async fn next(client: &mut DuplexStream) -> String {
    let mut bytes = vec![0; PIPE];
    let read = timeout(Duration::from_millis(1), client.read(&mut bytes)).await;
    undated(str::from_utf8(&bytes[..read.map_or(0, Result::unwrap)]).unwrap())
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_one_piece_with_the_usual_head() {
    let (served, text) = (Served::new(None).await, r#"there is no promise \"none\""#);
    let body = format!(
        r#"{{"kind":"promise.get","head":{{"corrId":"c","status":404,"version":"2026-04-01"}},"data":"{text}"}}"#
    );
    let expected = format!(
        "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         date: -\r\n\r\n{body}",
        body.len()
    );
    let (mut client, _task) = served.connect();
    for _ in 0..3 {
        client.write_all(&get()).await.unwrap();
        assert_eq!(next(&mut client).await, expected);
    }
    client.write_all(&get().repeat(3)).await.unwrap();
    tokio::task::yield_now().await;
    sleep(Duration::from_millis(1)).await;
    assert_eq!(next(&mut client).await, expected.repeat(3));
}

/// What the client does not take at once is sent when it does, though it says nothing more.
#[tokio::test(start_paused = true)]
async fn an_answer_leaves_as_the_client_takes_it() {
    let served = Served::new(None).await;
    let (mut client, _task) = served.connect();
    client.write_all(&get()).await.unwrap();
    let answer = next(&mut client).await;
    for pipe in [1, 7, 100, 300, PIPE] {
        let (client, task) = served.connect_by(pipe);
        let (mut reader, mut writer) = split(client);
        let ask = async {
            for _ in 0..3 {
                writer.write_all(&get()).await.unwrap();
            }
            writer.shutdown().await.unwrap();
        };
        let mut said = String::new();
        let ((), read) = tokio::join!(ask, reader.read_to_string(&mut said));
        read.unwrap();
        assert_eq!(undated(&said), answer.repeat(3), "{pipe}");
        task.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_cut_anywhere_and_goes_over_to_hyper() {
    let served = Served::new(None).await;
    let long = "x".repeat(REQUEST_BYTES + 1);
    let sent = [
        get(),
        get(),
        b"GET /health HTTP/1.1\r\nhost: t\r\n\r\n".to_vec(),
        get(),
        format!("POST / HTTP/1.1\r\ncontent-length: {}\r\n\r\n{long}", long.len()).into(),
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_vec(),
        b"POST /batch HTTP/1.1\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]".to_vec(),
    ]
    .concat();
    let (mut client, _task) = served.connect();
    client.write_all(&sent).await.unwrap();
    let whole = said(&mut client).await;
    assert_eq!(whole.matches("HTTP/1.1 ").count(), 7, "{whole}");
    for text in [r#"{"status":"ok"}"#, "larger than 1000 bytes", "kind is missing"] {
        assert_eq!(whole.matches(text).count(), 1, "{whole}");
    }
    for cut in 0..sent.len() {
        let (mut client, _task) = served.connect();
        client.write_all(&sent[..cut]).await.unwrap();
        sleep(Duration::from_millis(1)).await;
        client.write_all(&sent[cut..]).await.unwrap();
        assert_eq!(said(&mut client).await, whole, "cut at {cut}");
    }
    let (mut client, _task) = served.connect();
    for byte in sent {
        client.write_all(&[byte]).await.unwrap();
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(said(&mut client).await, whole);
}

#[tokio::test(start_paused = true)]
async fn the_header_admits_as_the_envelope_does() {
    let served = Served::new(Some("secret")).await;
    for (header, status) in [
        ("", 401),
        ("authorization: Bearer secrets\r\n", 401),
        ("authorization: Bearer secret\r\n", 404),
    ] {
        let (mut client, _task) = served.connect();
        let request = String::from_utf8(get()).unwrap();
        let request = request.replace("host: t\r\n", header);
        client.write_all(request.as_bytes()).await.unwrap();
        let answer = next(&mut client).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_has_so_long_to_arrive() {
    let (served, began, request) = (Served::new(None).await, Instant::now(), get());
    let (mut client, task) = served.connect();
    client.write_all(&request[..request.len() - 1]).await.unwrap();
    let answer = said(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(answer.contains(r#""data":"the body did not arrive within 30s""#), "{answer}");
    task.await.unwrap();
    assert!((began.elapsed() - BODY_TIMEOUT) < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_request_is_closed_after_a_while() {
    let served = Served::new(None).await;
    for (first, second) in [(vec![], vec![]), (get(), vec![]), (get(), get()[..10].to_vec())] {
        let (began, (mut client, task)) = (Instant::now(), served.connect());
        let pause = if first.is_empty() { Duration::ZERO } else { HEAD_TIMEOUT * 3 / 4 };
        for _ in 0..3 {
            sleep(pause).await;
            client.write_all(&first).await.unwrap();
        }
        sleep(Duration::from_secs(1)).await;
        client.write_all(&second).await.unwrap();
        let answers = said(&mut client).await.matches("HTTP/1.1 404 ").count();
        assert_eq!(answers, if first.is_empty() { 0 } else { 3 });
        task.await.unwrap();
        let late = began.elapsed() - (pause * 3 + HEAD_TIMEOUT);
        assert!(late < Duration::from_secs(1), "{late:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_closes_what_is_idle_and_finishes_what_has_begun() {
    let request = get();
    for arrived in [0, 10, request.len() - 1] {
        let served = Served::new(None).await;
        let (mut client, task) = served.connect();
        client.write_all(&request).await.unwrap();
        assert!(next(&mut client).await.starts_with("HTTP/1.1 404 "));
        client.write_all(&request[..arrived]).await.unwrap();
        sleep(Duration::from_millis(1)).await;
        served.close.send_replace(true);
        sleep(Duration::from_millis(1)).await;
        assert_eq!(task.is_finished(), arrived == 0, "{arrived}");
        if arrived > 0 {
            client.write_all(&request[arrived..]).await.unwrap();
            let answer = said(&mut client).await;
            assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
            assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        }
        timeout(Duration::from_millis(1), task).await.expect("it ends").unwrap();
    }
}

#[tokio::test]
async fn what_was_asked_for_is_done_though_the_client_is_gone() {
    let served = Served::new(None).await;
    let (mut client, task) = served.connect();
    client
        .write_all(&post("promise.create", r#"{"id":"p","timeoutAt":9000000000000000}"#))
        .await
        .unwrap();
    drop(client);
    task.await.unwrap();
    let get = Request::PromiseGet(PromiseGet { id: "p".into() });
    assert_eq!(served.node.call(get).await.status, Status::Ok);
}
