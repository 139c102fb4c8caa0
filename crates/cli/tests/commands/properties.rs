//! The real binary under random traffic: after every request the state that `debug.snap` tells of
//! is judged by the properties that can be told from outside, and so is every answer.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::Arc,
};

use abide_machine::{
    Config, Step,
    testing::{Answered, Choices, Subject, Tally, Told, choose},
};
use abide_protocol::{
    Body, CreateAction, Envelope, FenceAction, Head, Millis, PromiseCreate, PromiseSettle,
    RecordAction, Request, Response, ResponseEnvelope, SettleState, Snapshot, Status, Tags,
    TaskCreate, TaskFence, Tick, Value,
};

use crate::support::Abide;

/// How many requests are made in one run.
const REQUESTS: usize = 400;

/// How many numbers a choice may use up.
const NUMBERS: usize = 16;

/// A connection to a server whose time only requests move.
struct Debugged {
    stream: BufReader<TcpStream>,
    now: Millis,
}

impl Debugged {
    fn connect(server: &Abide) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", server.port())).expect("it listens");
        stream.set_nodelay(true).expect("it is a TCP stream");
        let mut debugged = Debugged { stream: BufReader::new(stream), now: 0 };
        for request in [Request::DebugStart, Request::DebugReset] {
            assert_eq!(debugged.call(&request).status, Status::Ok);
        }
        debugged
    }

    fn call(&mut self, request: &Request) -> Response {
        let head = Head { corr_id: "c".into(), auth: None, debug_time: Some(self.now) };
        let body = Envelope { head, request: request.clone() }.to_json();
        let length = body.len();
        let head = format!("POST / HTTP/1.1\r\nhost: abide\r\ncontent-length: {length}\r\n\r\n");
        self.stream.get_mut().write_all(&[head.as_bytes(), &body].concat()).expect("it is there");
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("it answers");
            if line == "\r\n" {
                break;
            }
            let line = line.to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length is a number");
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("it answers");
        let answer = ResponseEnvelope::from_json(request.kind(), &body);
        answer.expect("it speaks the protocol").response
    }

    /// Makes a request, and judges its answer and the state after it, which is returned.
    fn judged(&mut self, request: &Request, tally: &mut Tally, place: &str) -> Told {
        let response = self.call(request);
        let told = self.snapshot();
        let after = told.state();
        let mut broken = told.broken(tally);
        broken.extend(Answered { request, response: &response, after }.broken(tally));
        assert!(
            broken.is_empty(),
            "{place} at {}: {broken:#?}\n{request:#?}\n{response:#?}\n{:#?}",
            self.now,
            after.rows(),
        );
        told
    }

    fn snapshot(&mut self) -> Told {
        match self.call(&Request::DebugSnap).body {
            Body::Snapshot(snapshot) => self.told(&snapshot),
            other => panic!("{other:?} is no snapshot"),
        }
    }

    fn told(&self, snapshot: &Snapshot) -> Told {
        let told = Told::new(snapshot, self.now, Config::default());
        assert_eq!(told.contradictions(), &[] as &[String], "{snapshot:#?}");
        told
    }
}

/// Makes random requests, and judges the state after each, and each answer.
fn judge(server: &Abide, seed: u64) -> Tally {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut server = Debugged::connect(server);
    let mut told = server.snapshot();
    let mut tally = Tally::default();
    for turn in 0..REQUESTS {
        let numbers = [(); NUMBERS].map(|()| random.u16(..));
        let (span, step) = choose(&told.model(), &mut Choices::new(&numbers));
        server.now += span;
        let request = match step {
            Step::Request(request) => request,
            // What the server does by itself it does when its time is moved on.
            _ => Request::DebugTick(Tick { time: server.now }),
        };
        told = server.judged(&request, &mut tally, &format!("seed {seed}, turn {turn}"));
    }
    tally
}

/// What random traffic rarely comes to: a promise that is recorded by whoever holds a task.
fn judge_record(server: &Abide) -> Tally {
    let target = [("resonate:target", "poll://any@nobody")];
    let create = |id: &str, tags: Tags| PromiseCreate {
        id: id.into(),
        timeout_at: Millis::MAX,
        param: Arc::default(),
        tags: Arc::new(tags),
    };
    let action =
        CreateAction { corr_id: "1".into(), create: create("r", target.into_iter().collect()) };
    let held = TaskCreate { pid: "p".into(), ttl: 1_000, action };
    let settle = PromiseSettle {
        id: "r.1".into(),
        state: SettleState::Resolved,
        value: Arc::new(Value::of("out")),
    };
    let create = create("r.1", Tags::default());
    let action = FenceAction::Record(RecordAction { corr_id: "1".into(), create, settle });
    let record = TaskFence { id: "r".into(), version: 1, action };
    let mut server = Debugged::connect(server);
    let mut tally = Tally::default();
    for request in [Request::TaskCreate(held), Request::TaskFence(record)] {
        server.judged(&request, &mut tally, "record");
    }
    tally
}

/// What cannot be told from outside is the rest.
fn assert_exercised(tally: &Tally) {
    let told = tally.iter().filter(|(property, _)| {
        property.is_told() && matches!(property.subject(), Subject::State | Subject::Answer)
    });
    let never: Vec<_> = told.filter(|(_, cases)| *cases == 0).map(|(it, _)| it.name).collect();
    assert!(never.is_empty(), "never exercised: {never:#?}");
}

#[test]
fn what_a_server_in_memory_tells_holds() {
    let server = Abide::start(&["dev", "--port", "0", "--metrics-port", "off", "--debug"]);
    let mut tally = Tally::default();
    for seed in 0..5 {
        tally.merge(&judge(&server, seed));
    }
    tally.merge(&judge_record(&server));
    assert_exercised(&tally);
}

#[test]
fn what_a_server_with_a_store_tells_holds() {
    let data = tempfile::tempdir().expect("there is room");
    let server = Abide::serve_with(data.path(), 0, &["--debug"]);
    judge(&server, fastrand::u64(..));
}
