//! The scopes of the machine. Each is about one thing, and holds whatever of the rest meets it.

use abide_machine::Config;
use abide_protocol::{
    Extensions, Millis,
    SettleState::{Rejected, RejectedCanceled as Canceled, Resolved},
    tag,
};

use super::{scope::Scope, steps};
use crate::explore::{
    choice::Choice,
    requests::{self as ask, NEVER, New, WORKERS},
};

/// Where listeners are told.
const EARS: &str = "poll://uni@c/1";
/// Another such place.
const HOOK: &str = "http://hook/";

/// Every scope.
pub(in crate::explore) fn scopes() -> Vec<Scope> {
    vec![
        promises(),
        tasks(),
        workers(),
        suspend(),
        resumed(),
        mutual(),
        schedule(),
        cancel(),
        reclaim(),
    ]
}

/// The machine as published, over three steps of time. The first choice is a read.
fn plain(name: &'static str, about: &'static str, choices: Vec<Choice>) -> Scope {
    let extensions = Extensions::none();
    Scope {
        name,
        about,
        config: Config { retry_interval: 1, extensions, ..Config::default() },
        times: vec![0, 1, 2, 3],
        choices,
        version: 2,
        resumes: 2,
    }
}

/// The same with all extensions.
fn extended(name: &'static str, about: &'static str, choices: Vec<Choice>) -> Scope {
    let scope = plain(name, about, choices);
    Scope { config: Config { extensions: Extensions::all(), ..scope.config }, ..scope }
}

fn promises() -> Scope {
    let mut choices = vec![ask::get("a"), ask::get("a.1"), ask::get_task("a")];
    choices.extend([
        New::plain("a", 2).create(),
        New::external("a", 1).create(),
        New::timer("a", NEVER).create(),
        New::plain("a.1", NEVER).create(),
        New::timer("a.1", 2).create(),
        New::external("a.1", 0).create(),
        ask::settle("a", Resolved),
        ask::settle("a", Canceled),
        ask::settle("a.1", Rejected),
        ask::listen("a", EARS),
        ask::listen("a", HOOK),
        ask::listen("a.1", EARS),
        ask::call_back("a", "a.1"),
        steps::deadline("a"),
        steps::deadline("a.1"),
        steps::callback("a", "a.1"),
    ]);
    choices.extend(steps::told("a", EARS));
    choices.extend(steps::told("a", HOOK));
    choices.extend(steps::told("a.1", EARS));
    choices.extend(ask::searches());
    extended("promises", "two promises of every sort, listened to, settled, timed out", choices)
}

/// Everything that happens to one task, whichever worker takes it.
fn life(id: &str, pids: &[(&str, Millis)]) -> Vec<Choice> {
    let mut choices = vec![ask::get(id), ask::get_task(id), ask::halt(id), ask::resume(id)];
    choices.push(steps::deadline(id));
    choices.extend(steps::of_task(id));
    for version in 0..=2 {
        choices.push(ask::release(id, version));
        choices.push(ask::fulfill(id, version, Resolved));
        for (pid, ttl) in pids {
            choices.push(ask::acquire(id, version, pid, *ttl));
            choices.push(ask::heartbeat(pid, &[(id, version)]));
        }
    }
    choices
}

fn tasks() -> Scope {
    let mut choices = life("a", &[("p", 1), ("q", 2)]);
    choices.extend([
        New::task("a", 2).create(),
        New::task("a", NEVER).delayed(1).create(),
        New::plain("a", NEVER).create(),
        New::task("a", NEVER).create_task("p", 1),
        New::task("a", 3).create_task("q", NEVER),
        ask::settle("a", Rejected),
        ask::listen("a", EARS),
        ask::get("b"),
        ask::settle("b", Resolved),
        ask::acquire("b", 0, "p", 1),
        ask::fulfill("b", 1, Resolved),
        steps::deadline("b"),
    ]);
    for version in 1..=2 {
        choices.push(New::task("b", 2).fenced("a", version));
        choices.push(ask::fence_settle("a", version, "b", Resolved));
    }
    choices.extend(steps::of_task("b"));
    choices.extend(steps::told("a", EARS));
    let about = "a task that two workers fight for, and another that its holder creates";
    plain("tasks", about, choices)
}

fn workers() -> Scope {
    let mut choices = life("a", &[("p", 1), ("q", 2)]);
    choices.extend(life("b", &[("p", 2), ("q", 1)]));
    choices.extend([
        New::task("a", NEVER).create(),
        New::task("b", 2).create(),
        ask::heartbeat("p", &[("a", 1), ("b", 1)]),
        ask::heartbeat("q", &[("a", 1), ("b", 1), ("a", 2), ("b", 2)]),
    ]);
    plain("workers", "two tasks and two workers that hold them in turn", choices)
}

/// A task that waits for two promises.
fn waiting() -> Vec<Choice> {
    let mut choices = vec![ask::get("a"), ask::get_task("a"), ask::halt("a"), ask::resume("a")];
    choices.extend(steps::of_task("a"));
    choices.extend([
        New::task("a", 3).create(),
        New::plain("a.1", NEVER).create(),
        New::timer("a.2", 1).create(),
        ask::settle("a", Rejected),
        ask::settle("a.1", Resolved),
        ask::settle("a.2", Rejected),
        ask::call_back("a.1", "a"),
        steps::deadline("a"),
        steps::deadline("a.1"),
        steps::deadline("a.2"),
        steps::callback("a.1", "a"),
        steps::callback("a.2", "a"),
    ]);
    for version in 0..=2 {
        choices.extend([
            ask::acquire("a", version, "p", 2),
            ask::release("a", version),
            ask::fulfill("a", version, Resolved),
            ask::suspend("a", version, &["a.1"]),
            ask::suspend("a", version, &["a.1", "a.2"]),
        ]);
    }
    choices
}

fn suspend() -> Scope {
    let mut choices = waiting();
    choices.push(New::task("a", NEVER).create_task("p", NEVER));
    choices.push(New::task("a.2", 2).create());
    choices.extend(steps::of_task("a.2"));
    choices.push(ask::acquire("a.2", 0, "q", 1));
    choices.push(ask::fulfill("a.2", 1, Resolved));
    plain("suspend", "a task that waits for a promise and for another task", choices)
}

fn resumed() -> Scope {
    let mut choices = waiting();
    for version in 0..=2 {
        choices.extend([
            ask::acquire_warm("a", version, "p", 2),
            ask::suspend_warm("a", version, &["a.1", "a.2"]),
            ask::suspend_again("a", version, &["a.2"]),
            ask::suspend_again("a", version, &[]),
            ask::fence_record(&New::plain("a.1", 2), "a", version, Rejected),
            ask::fence_record(&New::timer("a.2", 1), "a", version, Resolved),
        ]);
    }
    extended("resumed", "a task whose worker keeps the execution in memory", choices)
}

fn mutual() -> Scope {
    let mut choices = Vec::new();
    for (id, other) in [("a", "a.1"), ("a.1", "a")] {
        choices.extend(life(id, &[("p", 2)]));
        choices.extend([
            ask::settle(id, Resolved),
            ask::call_back(id, other),
            steps::callback(id, other),
            New::task(id, 2).create(),
        ]);
        choices.extend((0..=2).map(|version| ask::suspend(id, version, &[other])));
    }
    choices.push(New::task("a.1", NEVER).create());
    plain("mutual", "two tasks that wait for each other, with one deadline", choices)
}

fn schedule() -> Scope {
    let mut choices = Vec::new();
    for id in ["s.1000", "s.2000", "s.3000", "t"] {
        choices.extend([ask::get(id), ask::settle(id, Resolved)]);
        choices.extend([ask::acquire(id, 0, "p", 1_000), ask::fulfill(id, 1, Rejected)]);
        choices.extend([steps::occurrence("s", id), steps::deadline(id)]);
        choices.extend(steps::of_task(id));
    }
    let tags = [(tag::TARGET, WORKERS)];
    choices.extend([
        ask::schedule("s", "s.{{.timestamp}}", 1_000, &tags),
        ask::schedule("s", "t", 0, &tags),
        ask::schedule("s", "t", 2_000, &tags),
        ask::get_schedule("s"),
        ask::delete_schedule("s"),
        New::plain("s.2000", NEVER).create(),
        New::task("t", 2_000).create(),
    ]);
    let about = "a schedule that is made, fires, is late, is deleted and made anew";
    Scope { times: vec![0, 1_000, 2_000, 3_000], ..plain("schedule", about, choices) }
}

fn cancel() -> Scope {
    let mut choices = Vec::new();
    for id in ["a", "a.1", "a.1.1"] {
        choices.extend([ask::get(id), steps::deadline(id), ask::settle(id, Canceled)]);
    }
    choices.extend([
        New::task("a", 3).create(),
        New::plain("a", NEVER).create(),
        New::task("a.1", 2).owned("a").create(),
        New::plain("a.1", NEVER).owned("a").create(),
        New::plain("a.1", NEVER).create(),
        New::external("a.1.1", 2).owned("a.1").create(),
        New::plain("a.1.1", NEVER).owned("a").create(),
        ask::settle("a", Resolved),
        ask::settle("a.1", Resolved),
        ask::acquire("a", 0, "p", 2),
        ask::suspend("a", 1, &["a.1"]),
        ask::fulfill("a", 1, Canceled),
        ask::acquire("a.1", 0, "q", 2),
        ask::fulfill("a.1", 1, Resolved),
        ask::halt("a.1"),
        steps::callback("a.1", "a"),
        steps::cancel("a", "a.1"),
        steps::cancel("a", "a.1.1"),
        steps::cancel("a.1", "a.1.1"),
        steps::cascade("a", &["a.1", "a.1.1"]),
        steps::cascade("a.1", &["a.1.1"]),
        steps::cascade("a.1.1", &[]),
        ask::listen("a.1.1", EARS),
    ]);
    choices.extend(steps::of_task("a"));
    choices.extend(steps::of_task("a.1"));
    choices.extend(steps::told("a.1.1", EARS));
    extended("cancel", "a tree of three, canceled from any of them", choices)
}

fn reclaim() -> Scope {
    let mut choices = Vec::new();
    for id in ["a", "a.1", "a.1.1"] {
        choices.extend([ask::get(id), steps::deadline(id), ask::settle(id, Resolved)]);
    }
    choices.extend([
        New::task("a", NEVER).create(),
        New::task("a.1", 2).create(),
        New::plain("a.1", NEVER).owned("a").create(),
        New::plain("a.1.1", NEVER).create(),
        New::timer("a.1.1", 2).create(),
        ask::settle("a", Canceled),
        ask::acquire("a.1", 0, "q", 2),
        ask::fulfill("a.1", 1, Canceled),
        ask::halt("a"),
        ask::resume("a"),
        steps::callback("a.1", "a"),
        steps::callback("a.1.1", "a"),
        steps::cancel("a", "a.1"),
        steps::cascade("a", &["a.1"]),
        steps::cascade("a.1", &[]),
        ask::listen("a.1", EARS),
        ask::listen("a.1.1", EARS),
    ]);
    for version in 0..=1 {
        choices.extend([
            ask::acquire_warm("a", version, "p", 2),
            ask::suspend("a", version + 1, &["a.1"]),
            ask::suspend_again("a", version + 1, &["a.1.1"]),
            ask::reclaim("a", version + 1, &["a.1", "a.1.1"]),
            ask::reclaim("a", version + 1, &["a.1.1"]),
        ]);
    }
    choices.extend(steps::of_task("a"));
    choices.extend(steps::told("a.1", EARS));
    choices.extend(steps::told("a.1.1", EARS));
    extended("reclaim", "a tree of three, reclaimed from below a task", choices)
}
