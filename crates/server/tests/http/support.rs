//! A server in this process, and a client that sends whatever bytes a test wants.

use std::{net::SocketAddr, time::Duration};

use abide_client::HttpLink;
use abide_server::{Data, Options, Server};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

/// Nothing here takes long; what does hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The options of most tests: free ports, data in memory.
pub(crate) fn options() -> Options {
    Options { port: 0, metrics_port: Some(0), ..Options::new(Data::Memory) }
}

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) metrics: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

pub(crate) async fn start(options: Options) -> Running {
    let server = Server::bind(options).await.expect("free ports");
    let (address, metrics) = (server.address(), server.metrics_address().expect("asked for"));
    let (stop, stopped) = oneshot::channel();
    let served = tokio::spawn(server.serve(async { drop(stopped.await) }));
    Running { address, metrics, stop, served }
}

impl Running {
    pub(crate) fn link(&self) -> HttpLink {
        HttpLink::new(&format!("http://{}", self.address)).expect("a plain URL")
    }

    /// Asks the server to end, and waits until it has.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        within(self.served).await.expect("no panic");
    }

    /// Posts a body to `/`.
    pub(crate) async fn post(&self, body: &[u8]) -> Answer {
        self.send(&post(body)).await
    }

    /// Posts an envelope of this kind with this data.
    pub(crate) async fn ask(&self, kind: &str, data: Value) -> Answer {
        self.post(envelope(kind, &data.to_string()).as_bytes()).await
    }

    /// Sends a request without a body.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        get(self.address, path).await
    }

    /// Sends bytes on a connection of their own and reads one response.
    pub(crate) async fn send(&self, bytes: &[u8]) -> Answer {
        exchange(self.address, bytes).await
    }
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    exchange(address, format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n").as_bytes()).await
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it hangs")
}

/// An envelope with the correlation id `c`.
pub(crate) fn envelope(kind: &str, data: &str) -> String {
    let head = json!({ "corrId": "c", "version": "2026-04-01" });
    format!("{{\"kind\":{},\"head\":{head},\"data\":{data}}}", json!(kind))
}

pub(crate) fn post(body: &[u8]) -> Vec<u8> {
    let head = format!("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }
}

async fn exchange(address: SocketAddr, bytes: &[u8]) -> Answer {
    let stream = TcpStream::connect(address).await.expect("it listens");
    let (mut from, mut to) = stream.into_split();
    let bytes = bytes.to_vec();
    // The server may answer and hang up before it has read everything.
    let writing = tokio::spawn(async move {
        let _ = to.write_all(&bytes).await;
        to
    });
    let answer = within(read_answer(&mut from)).await;
    drop(within(writing).await);
    answer
}

/// Reads a head, and a body of the length that it tells.
pub(crate) async fn read_answer(from: &mut (impl AsyncReadExt + Unpin)) -> Answer {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        let read = from.read_buf(&mut bytes).await.unwrap_or(0);
        if read == 0 {
            return Answer { status: 0, head: String::new(), body: String::new() };
        }
    };
    let mut body = bytes.split_off(end);
    let head = String::from_utf8(bytes).expect("heads are ASCII");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    let mut answer = Answer { status, head, body: String::new() };
    let length = answer.header("content-length").map_or(0, |text| text.parse().expect("digits"));
    while body.len() < length {
        if from.read_buf(&mut body).await.unwrap_or(0) == 0 {
            break;
        }
    }
    answer.body = String::from_utf8(body).expect("bodies are UTF-8");
    answer
}
