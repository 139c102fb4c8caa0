//! Running a program over the real combinators.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Poll, Waker},
    time::Duration,
};

use futures_util::{
    StreamExt,
    future::{join_all, try_join_all},
    stream::FuturesUnordered,
};

use super::{
    program::{Call, Node, What},
    random::Random,
    rounds::{flaky, rounds},
};
use crate::{
    core::{
        ambient,
        ask::{Ask, Body, Deadline, Kind, Options, Running},
        operation::Operation,
        outcome::{End, Outcome},
        site::Site,
    },
    retry::Retry,
};

/// What the programs of one run share with the world.
#[derive(Debug)]
pub(crate) struct Env {
    pub(super) random: Random,
    /// The bodies that were started: id, function, arguments.
    pub(crate) effects: Mutex<Vec<(String, String, String)>>,
    /// Leaves that wait for the world.
    pub(super) waiting: Mutex<Vec<(Arc<AtomicBool>, Waker)>>,
    /// Those that gave way to the runtime.
    pub(super) deferred: Mutex<Vec<Waker>>,
}

impl Env {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            random: Random::new(seed),
            effects: Mutex::default(),
            waiting: Mutex::default(),
            deferred: Mutex::default(),
        })
    }
}

impl Env {
    /// A body is started.
    fn begins(&self, func: &str, args: &str) {
        let id = ambient::current().unwrap().id.to_string();
        self.effects.lock().unwrap().push((id, func.to_owned(), args.to_owned()));
    }
}

/// How what is tried again is, so that nothing is tried for ever.
const RETRY: Retry = Retry::DEFAULT.attempts(3);

pub(super) type Value = Result<u64, u64>;
type Running0<'a> = Pin<Box<dyn Future<Output = Value> + Send + 'a>>;

pub(super) fn mix(a: u64, b: u64) -> u64 {
    (a.rotate_left(7) ^ b).wrapping_mul(0x0000_0100_0000_01b3) & 0xffff_ffff
}

pub(super) fn both(a: Value, b: Value) -> Value {
    Ok(mix(a?, b?))
}

/// A value as it is recorded.
pub(super) fn outcome(value: Value) -> Outcome {
    match value {
        Ok(value) => Outcome::Resolved(Some(value.to_string().into())),
        Err(value) => Outcome::Rejected(Some(value.to_string().into())),
    }
}

fn value(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Resolved(Some(text)) => Ok(text.parse().unwrap()),
        Outcome::Rejected(Some(text)) => Err(text.parse().unwrap()),
        // A timer of an engine has no value.
        Outcome::Resolved(None) => Ok(0),
        other => panic!("no run makes {other:?}"),
    }
}

/// What a remote call, or a timer, comes to.
pub(super) fn remote_outcome(func: &str, args: &str) -> Outcome {
    let n = args.bytes().chain(func.bytes()).fold(7, |h, b| mix(h, u64::from(b)));
    outcome(if n.is_multiple_of(7) { Err(n) } else { Ok(n) })
}

/// The root function of a program.
pub(crate) fn root(env: &Arc<Env>, node: &Arc<Node>) -> Arc<Ask> {
    let call = Call { what: What::Nested(0, node.clone()), site: 0, cancel: false };
    ask(env, &call)
}

/// What a call asks for.
pub(super) fn ask(env: &Arc<Env>, call: &Call) -> Arc<Ask> {
    let (kind, func, arg) = match &call.what {
        What::Leaf(arg) => (Kind::Call, "leaf".to_owned(), *arg),
        What::Fail { arg, permanent } => (Kind::Call, format!("fail_{permanent}"), *arg),
        What::Step(arg) => (Kind::Step, format!("step_{arg}"), 0),
        What::Remote(arg) => (Kind::Remote, "remote".to_owned(), *arg),
        What::Sleep(arg) => (Kind::Timer, "sleep".to_owned(), *arg),
        What::Nested(arg, _) => (Kind::Call, "nested".to_owned(), *arg),
        What::Loop(arg, _) => (Kind::Call, "loop".to_owned(), *arg),
        What::Flaky { arg, until } => (Kind::Call, format!("flaky_{until}"), *arg),
        What::Detached(arg) => (Kind::Detached, "remote".to_owned(), *arg),
    };
    let args: Arc<str> = format!("[{arg}]").into();
    Arc::new(Ask {
        kind,
        fingerprint: arg,
        site: Site::recorded(format!("line {}", call.site)),
        options: Options {
            cancel_on_drop: call.cancel,
            retry: call.what.is_retried().then_some(RETRY),
            deadline: deadline(&call.what),
            ..Options::default()
        },
        body: kind.is_local().then(|| body(env, &call.what, func.clone(), args.clone())),
        func: func.into(),
        args,
    })
}

/// When it is over, in a world that has a clock.
fn deadline(what: &What) -> Option<Deadline> {
    match what {
        What::Sleep(arg) => Some(Deadline::After(Duration::from_secs(arg % 40))),
        _ => None,
    }
}

/// What executes the remote calls, in a world with an engine.
#[cfg(feature = "sim")]
pub(crate) fn remote(env: &Arc<Env>, func: &str, args: Arc<str>) -> Ask {
    let (body, func): (Body, Arc<str>) = {
        let (env, func, args) = (env.clone(), func.to_owned(), args.clone());
        let name = func.as_str().into();
        let body = move || {
            let (env, func, args) = (env.clone(), func.clone(), args.clone());
            Box::pin(async move {
                env.begins(&func, &args);
                wait(&env).await;
                End { outcome: remote_outcome(&func, &args), permanent: true }
            }) as Running
        };
        (Arc::new(body), name)
    };
    Ask {
        kind: Kind::Call,
        fingerprint: 0,
        site: Site::recorded(""),
        options: Options::default(),
        body: Some(body),
        func,
        args,
    }
}

fn body(env: &Arc<Env>, what: &What, func: String, args: Arc<str>) -> Body {
    let (env, what) = (env.clone(), what.clone());
    Arc::new(move || {
        let (env, what, func, args) = (env.clone(), what.clone(), func.clone(), args.clone());
        Box::pin(async move {
            env.begins(&func, &args);
            let (value, permanent) = match what {
                What::Nested(_, node) => (run(&env, &node).await, false),
                What::Loop(_, looped) => (rounds(&env, &looped).await, false),
                What::Flaky { arg, until } => {
                    wait(&env).await;
                    (flaky(arg, until, ambient::current().unwrap().attempt), false)
                }
                What::Fail { arg, permanent } => {
                    wait(&env).await;
                    (Err(arg), permanent)
                }
                What::Leaf(arg) | What::Step(arg) => {
                    wait(&env).await;
                    (Ok(mix(arg, 11)), true)
                }
                _ => unreachable!("not executed here"),
            };
            End { outcome: outcome(value), permanent }
        }) as Running
    })
}

/// Waits for the world, or not.
async fn wait(env: &Env) {
    if env.random.one_in(2) {
        return;
    }
    #[cfg(feature = "sim")]
    if crate::sim::is_running() {
        let most = if env.random.one_in(8) { 30_000 } else { 100 };
        return crate::time::sleep(Duration::from_millis(env.random.below(most) as u64)).await;
    }
    let done = Arc::new(AtomicBool::new(false));
    poll_fn(|cx| {
        if done.load(Ordering::Relaxed) {
            return Poll::Ready(());
        }
        env.waiting.lock().unwrap().push((done.clone(), cx.waker().clone()));
        Poll::Pending
    })
    .await;
}

/// Like `tokio::task::yield_now`: woken only after the driver gave way.
async fn give_way(env: &Env) {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        #[cfg(feature = "sim")]
        if crate::sim::give_way(cx.waker()) {
            return Poll::Pending;
        }
        env.deferred.lock().unwrap().push(cx.waker().clone());
        Poll::Pending
    })
    .await;
}

pub(super) async fn call(env: &Arc<Env>, call: &Call) -> Value {
    value(&Operation::new(ask(env, call)).await.unwrap())
}

/// `select!` over two futures: in order, or beginning anywhere, as tokio's does.
async fn select<A: Future + Unpin, B: Future<Output = A::Output> + Unpin>(
    env: &Env,
    biased: bool,
    mut a: A,
    mut b: B,
) -> (usize, A::Output) {
    poll_fn(|cx| {
        let first = if biased { 0 } else { env.random.below(2) };
        for i in [first, 1 - first] {
            let poll = if i == 0 { Pin::new(&mut a).poll(cx) } else { Pin::new(&mut b).poll(cx) };
            if let Poll::Ready(output) = poll {
                return Poll::Ready((i, output));
            }
        }
        Poll::Pending
    })
    .await
}

/// Runs a program.
pub(super) fn run<'a>(env: &'a Arc<Env>, node: &'a Node) -> Running0<'a> {
    Box::pin(interpret(env, node))
}

async fn interpret(env: &Arc<Env>, node: &Node) -> Value {
    match node {
        Node::Call(c) => call(env, c).await,
        Node::Seq(nodes) => {
            let mut value = 1;
            for node in nodes {
                // Some failures are handled, some end the function.
                value = match run(env, node).await {
                    Ok(v) => mix(value, v),
                    Err(v) if v.is_multiple_of(2) => mix(value, v + 1),
                    Err(v) => return Err(v),
                };
            }
            Ok(value)
        }
        Node::Join(a, b) => {
            let (a, b) = tokio::join!(run(env, a), run(env, b));
            both(a, b)
        }
        Node::TryJoin(a, b) => {
            let (a, b) = tokio::try_join!(run(env, a), run(env, b))?;
            Ok(mix(a, b))
        }
        Node::JoinAll { all, trying: false } => {
            let values = join_all(all.iter().map(|n| run(env, n))).await;
            values.into_iter().try_fold(2, |value, v| Ok(mix(value, v?)))
        }
        Node::JoinAll { all, trying: true } => {
            let values = try_join_all(all.iter().map(|n| run(env, n))).await?;
            Ok(values.into_iter().fold(3, mix))
        }
        Node::Select { calls: [a, b], then, biased } => {
            let (a, b) = (Operation::new(ask(env, a)), Operation::new(ask(env, b)));
            let (i, outcome) = select(env, *biased, a, b).await;
            both(value(&outcome.unwrap()), run(env, &then[i]).await)
        }
        Node::SelectBlocks { blocks, biased: true } => tokio::select! {
            biased;
            value = run(env, &blocks[0]) => value,
            value = run(env, &blocks[1]) => value.map(|v| v + 1),
        },
        Node::SelectBlocks { blocks, biased: false } => {
            select(env, false, run(env, &blocks[0]), run(env, &blocks[1])).await.1
        }
        Node::Repeat(times, node) => {
            let mut value = 4;
            for _ in 0..*times {
                value = mix(value, run(env, node).await?);
            }
            Ok(value)
        }
        Node::Pinned { pinned, times, body } => {
            let mut pinned = pin!(Operation::new(ask(env, pinned)));
            let mut sum = 5;
            for _ in 0..*times {
                let body = run(env, body);
                let pinned = async { value(&pinned.as_mut().await.unwrap()) };
                match select(env, true, pin!(pinned), body).await {
                    (0, value) => return both(Ok(sum), value),
                    (_, value) => sum = mix(sum, value?),
                }
            }
            Ok(sum)
        }
        Node::PolledOnce { calls: [a, b], between, then } => {
            let mut a = Operation::new(ask(env, a));
            let mut b = Operation::new(ask(env, b));
            poll_fn(|cx| {
                assert!(Pin::new(&mut a).poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            let middle = run(env, between).await;
            let (i, outcome) = select(env, false, &mut a, &mut b).await;
            let first = both(middle, value(&outcome.unwrap()));
            both(first, run(env, &then[i]).await)
        }
        Node::Unordered { calls, then } => {
            let mut all: FuturesUnordered<_> = calls
                .iter()
                .enumerate()
                .map(|(i, c)| async move { (i, call(env, c).await) })
                .collect();
            let mut sum = 6;
            while let Some((i, value)) = all.next().await {
                sum = mix(sum, value.unwrap_or(1));
                sum = mix(sum, run(env, &then[i]).await?);
            }
            Ok(sum)
        }
        Node::Spawn { call, rest, awaited } => {
            let mut spawned = Operation::new(ask(env, call));
            spawned.begin().unwrap();
            let rest = run(env, rest).await;
            if !awaited {
                return rest;
            }
            both(rest, value(&spawned.await.unwrap()))
        }
        Node::Cancel { call, rest } => {
            let mut spawned = Operation::new(ask(env, call));
            spawned.begin().unwrap();
            let rest = run(env, rest).await;
            spawned.cancel_on_drop();
            drop(spawned);
            rest
        }
        Node::Dropped { call, polled } => {
            let mut call = Operation::new(ask(env, call));
            if *polled {
                poll_fn(|cx| {
                    assert!(Pin::new(&mut call).poll(cx).is_pending());
                    Poll::Ready(())
                })
                .await;
            }
            Ok(7)
        }
        Node::Lock(a, b) => {
            let lock = tokio::sync::Mutex::new(8);
            let lock_ref = &lock;
            let guarded = |node| async move {
                let mut sum = lock_ref.lock().await;
                *sum = mix(*sum, run(env, node).await.unwrap_or(2));
            };
            tokio::join!(guarded(a), guarded(b));
            Ok(lock.into_inner())
        }
        Node::Channel(a, b, c) => {
            let (tx, rx) = tokio::sync::oneshot::channel();
            let left = async {
                let value = run(env, a).await;
                let _ = tx.send(value);
                run(env, b).await
            };
            let right = async { both(rx.await.unwrap(), run(env, c).await) };
            let (left, right) = tokio::join!(left, right);
            both(left, right)
        }
        Node::If { value, then } => {
            let value = run(env, value).await.unwrap_or(3);
            run(env, &then[(value & 1) as usize]).await
        }
        Node::Attempt(first) => {
            let attempt = ambient::current().unwrap().attempt;
            if attempt < *first { Err(13) } else { Ok(attempt.into()) }
        }
        Node::Yield => {
            give_way(env).await;
            Ok(9)
        }
    }
}
