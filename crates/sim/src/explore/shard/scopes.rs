//! The scopes of the shard. Each is about one thing, and starts from records that bring it about
//! with few calls.

use abide_engine::{Limits, Receiver};
use abide_machine::Config;
use abide_protocol::{
    Id, Request,
    SettleState::{RejectedCanceled as Canceled, Resolved},
    TaskHeartbeat, TaskReclaim, tag,
};

use super::scope::{Call, ShardScope, stored};
use crate::explore::{
    choice::Choice,
    requests::{self as ask, NEVER, New, WORKERS},
};

/// Where the listener is told.
const EARS: &str = "poll://uni@c/1";

/// Every scope.
pub(in crate::explore) fn scopes() -> Vec<ShardScope> {
    vec![
        calls(),
        messages(),
        leases(),
        resumption(),
        cascade(),
        reclamation(),
        occurrences(),
        room(),
    ]
}

fn member(group: &str) -> Receiver {
    Receiver::Member { group: group.into(), id: "1".into() }
}

fn config() -> Config {
    Config { retry_interval: 1, ..Config::default() }
}

/// Limits that are never reached.
fn ample() -> Limits {
    Limits {
        batch_steps: usize::MAX,
        batch_bytes: usize::MAX,
        cache_bytes: usize::MAX,
        done_bytes: usize::MAX,
        recorded_bytes: usize::MAX,
        ..Limits::default()
    }
}

fn scope(
    name: &'static str,
    about: &'static str,
    before: Vec<Choice>,
    calls: Vec<Choice>,
) -> ShardScope {
    ShardScope {
        name,
        about,
        config: config(),
        limits: ample(),
        times: vec![0],
        stored: stored(config(), 0, before),
        calls: calls.into_iter().map(Call::from).collect(),
        open: 2,
        most: u32::MAX,
        receivers: Vec::new(),
        worker: None,
        connections: u32::MAX,
        refusals: 0,
        crashes: 1,
        span: 3,
        slow: false,
        reclaims: false,
    }
}

fn calls() -> ShardScope {
    let calls = vec![
        New::plain("a", NEVER).create(),
        ask::get("a"),
        ask::settle("a", Resolved),
        New::task("a.1", NEVER).create_task("p", NEVER),
        ask::get_task("a.1"),
        ask::fulfill("a.1", 1, Resolved),
    ];
    let about = "calls, reads and commits on two ids, each done at one time and told of at another";
    ShardScope { slow: true, ..scope("calls", about, Vec::new(), calls) }
}

fn messages() -> ShardScope {
    let before = vec![New::plain("a", 1).create()];
    let calls = vec![ask::listen("a", EARS), ask::settle("a", Resolved), ask::get("a")];
    ShardScope {
        times: vec![0, 1, 101],
        receivers: vec![member("c")],
        refusals: 1,
        connections: 2,
        slow: true,
        ..scope("messages", "a listener that comes and goes, takes and refuses", before, calls)
    }
}

fn leases() -> ShardScope {
    let before = vec![New::task("a", 3).create()];
    let held = Request::TaskHeartbeat(TaskHeartbeat { pid: "p".into(), tasks: Vec::new() });
    let mut calls: Vec<Choice> =
        (0..=1).map(|version| ask::acquire("a", version, "p", 1)).collect();
    calls.extend([ask::release("a", 1), ask::fulfill("a", 2, Resolved)]);
    let mut scope = scope("leases", "a task, its worker and its lease", before, calls);
    scope.calls.push(Call { text: "task.heartbeat by p for all".into(), request: held });
    ShardScope {
        times: vec![0, 1, 2, 3],
        receivers: vec![member("w")],
        worker: Some(0),
        connections: 1,
        ..scope
    }
}

fn resumption() -> ShardScope {
    let before = vec![New::task("a", 3).create_task("p", NEVER), New::plain("a.1", 2).create()];
    let calls = vec![
        ask::suspend("a", 1, &["a.1"]),
        ask::settle("a.1", Resolved),
        ask::acquire_warm("a", 1, "p", 1),
        ask::suspend_again("a", 2, &["a.1"]),
        ask::settle("a", Resolved),
    ];
    ShardScope {
        times: vec![0, 2, 3],
        receivers: vec![member("w")],
        worker: Some(0),
        connections: 1,
        ..scope("resumption", "a task that waits, is resumed and offered", before, calls)
    }
}

fn cascade() -> ShardScope {
    let before = vec![
        New::plain("a", NEVER).create(),
        New::task("a.1", NEVER).owned("a").create_task("p", NEVER),
        New::plain("a.1.1", NEVER).owned("a.1").create(),
    ];
    let calls = vec![
        ask::settle("a", Canceled),
        ask::settle("a.1", Canceled),
        ask::fulfill("a.1", 1, Resolved),
        New::plain("a.2", NEVER).owned("a").create(),
        ask::listen("a.1.1", EARS),
        ask::get("a.1.1"),
    ];
    ShardScope {
        receivers: vec![member("c")],
        connections: 1,
        ..scope("cascade", "a tree that is canceled from above while it grows", before, calls)
    }
}

fn reclaim(version: i64, promises: &[&str]) -> Call {
    let text = format!("task.reclaim a at {version} {promises:?}");
    let promises = promises.iter().map(|id| Id::from(*id)).collect();
    Call { text, request: Request::TaskReclaim(TaskReclaim { id: "a".into(), version, promises }) }
}

fn reclamation() -> ShardScope {
    let before = vec![
        New::task("a", NEVER).create_task("p", NEVER),
        New::plain("a.1", NEVER).create(),
        New::plain("a.1.1", NEVER).create(),
        ask::settle("a.1", Resolved),
    ];
    let calls = vec![
        ask::settle("a.1.1", Resolved),
        New::plain("a.1.2", NEVER).create(),
        ask::listen("a.1.1", EARS),
        ask::fulfill("a", 1, Resolved),
        ask::get("a.1"),
    ];
    let mut scope = scope("reclamation", "a tree that is reclaimed while it grows", before, calls);
    scope.calls.extend([reclaim(1, &["a.1"]), reclaim(1, &["a.1.1"])]);
    ShardScope { receivers: vec![member("c")], connections: 1, reclaims: true, ..scope }
}

fn occurrences() -> ShardScope {
    let tags = [(tag::TARGET, WORKERS)];
    let calls = vec![
        ask::schedule("s", "s.{{.timestamp}}", 1_000, &tags),
        ask::delete_schedule("s"),
        ask::acquire("s.1000", 0, "p", NEVER),
        ask::fulfill("s.1000", 1, Resolved),
    ];
    ShardScope {
        times: vec![0, 1_000, 2_000],
        receivers: vec![member("w")],
        worker: Some(0),
        connections: 1,
        ..scope("occurrences", "a schedule that fires, and is deleted", Vec::new(), calls)
    }
}

/// The least room there can be: everything is evicted, paged, trimmed and cut.
fn room() -> ShardScope {
    let before = vec![
        New::task("a", NEVER).create(),
        New::task("b", 2).create(),
        New::plain("a.1", 1).create(),
        ask::listen("a.1", EARS),
    ];
    let calls = vec![
        ask::acquire("a", 0, "p", 1),
        ask::acquire("b", 0, "p", 2),
        ask::settle("a.1", Resolved),
        ask::get("a.1"),
    ];
    let limits = Limits {
        batch_steps: 1,
        cache_bytes: 0,
        timers: 4,
        window: 1,
        page: 1,
        in_flight: 1,
        ..ample()
    };
    ShardScope {
        limits,
        times: vec![0, 1, 2],
        receivers: vec![member("w"), member("c")],
        worker: Some(0),
        connections: 1,
        ..scope("room", "two tasks and a listener, with no room for anything", before, calls)
    }
}
