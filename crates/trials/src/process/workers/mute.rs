//! Streams that nobody reads.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    net::{Shutdown, TcpStream},
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

use abide_client::Link;
use abide_protocol::{
    Message, PromiseCreate, PromiseSettle, RegisterListener, Request, SettleState, Status, Value,
};

use super::PATIENCE;
use crate::process::Server;

/// How many messages of which size are sent to one that does not read: more than fit into the
/// buffers of a connection.
const MESSAGES: usize = 400;
const BYTES: usize = 64 << 10;

/// By how much the server may grow by that, in bytes. What is not read is in the store, and what is
/// held in memory for a connection is bounded.
const GROWTH: u64 = 256 << 20;

/// A connection that asked for its messages and does not read them.
pub(super) struct Mute(TcpStream);

impl Mute {
    pub(super) fn connect(port: u16, group: &str, number: usize) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        let request = format!("GET /poll/{group}/mute-{number} HTTP/1.1\r\nhost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("the server reads");
        Mute(stream)
    }

    /// Reads at last: the numbers of the messages that come, until the stream is ended.
    fn read(&self) -> Receiver<usize> {
        let (tell, told) = channel();
        let stream = self.0.try_clone().expect("the system gives a descriptor");
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let number = line.split("\"flood-").nth(1).and_then(|rest| rest.split('"').next());
                // Nobody listens in the end.
                number.map(|number| tell.send(number.parse().expect("it is one of these")));
            }
        });
        told
    }
}

impl Drop for Mute {
    fn drop(&mut self) {
        // The server may have ended it.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// Sends one of them more than it can hold. Then it reads, and so does somebody else who has its
/// name: between them, they hear of all. (What a connection has been given counts as taken: if the
/// one who does not read is killed, nobody else hears of that.)
pub(super) async fn flood(server: &Server) -> String {
    const MEMBER: &str = "poll://uni@flood/mute-0";
    let before = server.usage().memory;
    let mute = Mute::connect(server.port(), "flood", 0);
    let link = server.link();
    for number in 0..MESSAGES {
        let id = abide_protocol::Id::from(format!("flood-{number}"));
        let (tags, param) = (Arc::default(), Arc::default());
        let create = PromiseCreate { id: id.clone(), timeout_at: i64::MAX, param, tags };
        let listen = RegisterListener { awaited: id.clone(), address: MEMBER.into() };
        let value = Arc::new(Value::of("x".repeat(BYTES)));
        let settle = PromiseSettle { id, state: SettleState::Resolved, value };
        for request in [
            Request::PromiseCreate(create),
            Request::PromiseRegisterListener(listen),
            Request::PromiseSettle(settle),
        ] {
            let answer = link.call(request).await.expect("it answers");
            assert_eq!(answer.status, Status::Ok, "{answer:?}");
        }
    }
    let growth = server.usage().memory.saturating_sub(before);
    assert!(growth < GROWTH, "it grew by {growth} bytes for a stream that nobody reads");
    let late = mute.read();
    let mut messages = link.connect("flood", "mute-0");
    let (mut by_the_late, mut by_another) = (BTreeSet::new(), BTreeSet::new());
    let since = Instant::now();
    while by_the_late.union(&by_another).count() < MESSAGES {
        let heard = by_the_late.union(&by_another).count();
        assert!(since.elapsed() < PATIENCE, "{heard} of {MESSAGES} messages are heard");
        by_the_late.extend(late.try_iter());
        let next = tokio::time::timeout(Duration::from_millis(20), messages.next());
        if let Ok(Some(Message::Unblock { promise })) = next.await {
            let number = promise.id.as_str().trim_start_matches("flood-");
            by_another.insert(number.parse().expect("it is one of these"));
        }
    }
    let mib = |bytes: u64| bytes >> 20;
    format!(
        "a stream that was not read was sent {MESSAGES} messages of {} KiB: the server grew by {} \
         MiB; {} were heard when it was read at last, {} by another, lost 0",
        BYTES >> 10,
        mib(growth),
        by_the_late.len(),
        by_another.len()
    )
}
