//! The system's clock is set forwards and backwards by hours under load. For clients time never
//! goes backwards, deadlines pass and leases end all the same, and the server does not spin.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use abide_client::{HttpLink, Link};
use abide_protocol::{
    CreateAction, Id, Message, Millis, PromiseCreate, PromiseGet, PromiseRecord, PromiseSettle,
    Request, SettleState, Status, Tags, TaskCreate, TaskState,
};

use super::{PATIENCE, Trial, server::Serve, summary::Summary};
use crate::shim::Shim;

/// The furthest step of the clock.
const FURTHEST: Millis = 12 * 3_600_000;

/// How many connections ask for the time, by creating promises.
const CONNECTIONS: usize = 3;

/// How long they do in each round.
const ASKING: Duration = Duration::from_millis(100);

/// The span of deadlines and leases.
const SPAN: Millis = 150;

/// The group of the tasks whose holder says nothing more.
const GROUP: &str = "clocks";

/// How long nothing is asked of the server, and how much processor time it may use then. A server
/// that spins uses all there is.
const REST: Duration = Duration::from_millis(300);
const AT_REST: Duration = Duration::from_millis(150);

/// Sets the clock so many times.
///
/// # Panics
/// When time went backwards, a deadline did not pass or the server span.
pub async fn run(trial: &Trial, rounds: u64) -> Summary {
    let mut rng = trial.rng();
    let directory = trial.directory();
    let data = directory.path().join("data");
    let shim = Shim::build(directory.path()).expect("the shim can be built");
    let serve = |port| {
        Serve::new(&trial.binary, &data, port)
            .options(&["--retry-interval", "100ms"])
            .environment(shim.env(&data))
    };
    let mut server = serve(0).start();
    let mut messages = server.link().connect(GROUP, "one");
    let (mut asked, mut restarts, mut back, mut remembered) = (0, 0, 0, 0);
    let (mut shift, mut latest, mut busiest) = (0, 0, Duration::ZERO);
    for round in 0..rounds {
        let link = server.link();
        let askers = (0..CONNECTIONS).map(|number| {
            let prefix = format!("ask-{round}-{number}");
            tokio::spawn(ask(server.link(), prefix, latest))
        });
        let askers: Vec<_> = askers.collect();
        let before = latest;
        let held = hold(&link, &format!("held-{round}")).await;
        let due = deadline(&link, &format!("due-{round}"), held.created_at + SPAN).await;
        tokio::time::sleep(ASKING / 2).await;

        let step = rng.i64(-FURTHEST..FURTHEST);
        back += u64::from(step < shift);
        shift = step;
        shim.shift_clock(shift).expect("the shim listens");
        for asker in askers {
            let (number, last) = asker.await.expect("time went backwards");
            asked += number;
            latest = latest.max(last);
        }
        assert!(before <= latest);
        if rng.u8(..4) == 0 {
            // Another process knows of the time only what is in the store.
            server.kill();
            server = serve(server.port()).start();
            restarts += 1;
        }
        let link = server.link();
        // The lease of the task ends, and somebody else is offered it.
        offered(&mut messages, &held.id).await;
        settle(&link, &held.id).await;
        latest = latest.max(settled(&link, &due).await);
        let fresh = create(&link, &format!("fresh-{round}"), Tags::default(), i64::MAX).await;
        assert!(fresh.created_at >= latest, "{fresh:?} after {latest}");
        latest = fresh.created_at;
        // Deadlines that are asked for after the step pass as well.
        let late = deadline(&link, &format!("late-{round}"), latest + SPAN).await;
        latest = latest.max(settled(&link, &late).await);
        if rng.bool() {
            // Nobody is waiting for it, so nothing is written when its deadline passes. Whoever has
            // been told so is told the same by a process whose clock was set back meanwhile.
            let id = format!("quiet-{round}");
            let quiet = create(&link, &id, Tags::default(), latest + SPAN).await;
            let told = settled(&link, &quiet).await;
            server.kill();
            shift -= rng.i64(0..FURTHEST);
            shim.shift_clock(shift).expect("the shim listens");
            server = serve(server.port()).start();
            let get = Request::PromiseGet(PromiseGet { id: quiet.id.clone() });
            let again = promise(&server.link(), get).await;
            assert_eq!(again.settled_at, Some(told), "{again:?}");
            latest = latest.max(told);
            remembered += 1;
        }
        let used = rest(&server).await;
        busiest = busiest.max(used);
        assert!(used <= AT_REST, "it used {used:?} in {REST:?} with nothing to do");
        server.assert_calm();
        trial.progress(&format!("{} of {rounds} steps of the clock", round + 1));
    }
    assert!(server.stop().success(), "{}", server.said());
    Summary::new("clock")
        .line(format!(
            "the clock was set {rounds} times by up to 12 hours, {back} times back; {restarts} \
             servers killed right after it"
        ))
        .line(format!(
            "{remembered} servers killed that had told of a deadline, their clock set back, \
             forgotten 0"
        ))
        .line(format!(
            "{asked} times asked while it was set, backwards 0; {rounds} leases ended, {} \
             deadlines passed, missed 0",
            rounds * 2
        ))
        .line(format!("at most {busiest:?} of processor time in {REST:?} at rest"))
}

/// Asks for the time again and again: how often, and the last answer.
async fn ask(link: HttpLink, prefix: String, from: Millis) -> (u64, Millis) {
    let (mut number, mut last) = (0, from);
    let since = Instant::now();
    while since.elapsed() < ASKING {
        let id = format!("{prefix}-{number}");
        let promise = create(&link, &id, Tags::default(), i64::MAX).await;
        assert!(promise.created_at >= last, "{promise:?} after {last}");
        last = promise.created_at;
        number += 1;
    }
    (number, last)
}

async fn create(link: &HttpLink, id: &str, tags: Tags, timeout_at: Millis) -> Arc<PromiseRecord> {
    let create =
        PromiseCreate { id: id.into(), timeout_at, param: Arc::default(), tags: Arc::new(tags) };
    promise(link, Request::PromiseCreate(create)).await
}

async fn promise(link: &HttpLink, request: Request) -> Arc<PromiseRecord> {
    let answer = link.call(request).await.expect("it answers");
    assert_eq!(answer.status, Status::Ok, "{answer:?}");
    answer.promise().expect("it answers with it").clone()
}

async fn settle(link: &HttpLink, id: &Id) {
    let (state, value) = (SettleState::Resolved, Arc::default());
    let request = Request::PromiseSettle(PromiseSettle { id: id.clone(), state, value });
    promise(link, request).await;
}

/// A promise that the server settles by itself.
async fn deadline(link: &HttpLink, id: &str, at: Millis) -> Arc<PromiseRecord> {
    create(link, id, Tags::from_iter([("resonate:timer", "true")]), at).await
}

/// A task whose holder is not heard of any more.
async fn hold(link: &HttpLink, id: &str) -> Arc<PromiseRecord> {
    let target = format!("poll://any@{GROUP}");
    let create = PromiseCreate {
        id: id.into(),
        timeout_at: i64::MAX,
        param: Arc::default(),
        tags: Arc::new(Tags::from_iter([("resonate:target", target.as_str())])),
    };
    let action = CreateAction { corr_id: "1".into(), create };
    let request = Request::TaskCreate(TaskCreate { pid: "silent".into(), ttl: SPAN, action });
    let answer = link.call(request).await.expect("it answers");
    let state = answer.task().map(|task| task.state);
    assert_eq!(state, Some(TaskState::Acquired), "{answer:?}");
    answer.promise().expect("it answers with it").clone()
}

/// Waits until this task is offered.
async fn offered(messages: &mut abide_client::Messages, task: &Id) {
    let since = Instant::now();
    loop {
        let left = PATIENCE.saturating_sub(since.elapsed());
        let message = tokio::time::timeout(left, messages.next()).await;
        let Ok(Some(message)) = message else { panic!("the lease of {task} does not end") };
        match message {
            Message::Execute { id, version } if id == *task => {
                assert_eq!(version, 1);
                return;
            }
            // One of an earlier round, which nobody takes.
            _ => {}
        }
    }
}

/// Waits until a promise is settled by its deadline, and says when that was.
async fn settled(link: &HttpLink, promise: &PromiseRecord) -> Millis {
    let since = Instant::now();
    loop {
        let get = Request::PromiseGet(PromiseGet { id: promise.id.clone() });
        let found = self::promise(link, get).await;
        if let Some(at) = found.settled_at {
            assert_eq!(at, found.timeout_at, "{found:?}");
            return at;
        }
        assert!(since.elapsed() < PATIENCE, "it does not settle: {found:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The processor time that the server uses while nothing is asked of it.
async fn rest(server: &super::Server) -> Duration {
    let before = server.usage().processor;
    tokio::time::sleep(REST).await;
    server.usage().processor - before
}
