//! What `debug.snap` tells is enough to judge a state from outside: it is the state, and nothing is
//! wrong with it.

mod support;

use std::{collections::BTreeMap, sync::Arc};

use abide_machine::{
    Config, Key, Promise, Row, Task, promise_at, task_at,
    testing::{Model, Tally, Told},
};
use abide_protocol::{Body, Millis, Request, Response, Snapshot, Status, Tick};
use proptest::prelude::*;
use support::{
    World,
    script::{Op, script},
};

fn call_at(world: &mut World, request: Request, time: Millis) -> Response {
    let ticket = world.ask_at(request, Some(time));
    world.finish();
    world.answer(ticket)
}

fn snapshot(world: &mut World, time: Millis) -> Snapshot {
    match call_at(world, Request::DebugSnap, time).body {
        Body::Snapshot(snapshot) => *snapshot,
        other => panic!("{other:?} is no snapshot"),
    }
}

/// What can be told of a state: what it is at this time.
fn tellable(model: &Model, now: Millis) -> BTreeMap<Key, Row> {
    let tell = |row: &Row| match row {
        Row::Promise(promise) => Some(Row::Promise(Arc::new(Promise {
            record: promise_at(&promise.record, now),
            unheard: Default::default(),
            cascading: false,
            ..Promise::clone(promise)
        }))),
        Row::Task(task) => {
            let promise = model.state().promise(&task.id)?;
            let task = task_at(task, &promise.record, now);
            Some(Row::Task(Arc::new(Task { resumed: Vec::new(), ..Task::clone(&task) })))
        }
        Row::Schedule(_) => None,
        Row::Unblock(_) => Some(row.clone()),
    };
    let rows = model.rows().iter();
    rows.filter_map(|(key, row)| Some((key.clone(), tell(row)?))).collect()
}

/// Plays a script, and hands out the snapshot after each of its parts.
fn play(script: Vec<Op>, mut seen: impl FnMut(&mut World, Millis, Snapshot)) {
    let mut world = World::new();
    world.call(Request::DebugStart);
    world.call(Request::DebugReset);
    let mut now = 0;
    for op in script {
        match op {
            Op::Call(_) | Op::InTurn(..) => {
                for request in op.requests() {
                    call_at(&mut world, request, now);
                }
            }
            Op::Advance(span) => {
                now += span;
                let ticked = call_at(&mut world, Request::DebugTick(Tick { time: now }), now);
                assert_eq!(ticked.status, Status::Ok);
            }
        }
        // Some of what is told is only so by now.
        now += 3;
        let snapshot = snapshot(&mut world, now);
        seen(&mut world, now, snapshot);
    }
}

/// Whether something is wrong with what a snapshot tells.
fn is_wrong(snapshot: &Snapshot, now: Millis) -> bool {
    let told = Told::new(snapshot, now, Config::default());
    !told.contradictions().is_empty() || !told.broken(&mut Tally::default()).is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_snapshot_tells_the_state(script in script()) {
        play(script, |world, now, snapshot| {
            let told = Told::new(&snapshot, now, Config::default());
            assert_eq!(told.contradictions(), &[] as &[String], "{snapshot:#?}");
            assert_eq!(told.broken(&mut Tally::default()), [], "{snapshot:#?}");
            assert_eq!(*told.state().rows(), tellable(world.follower.model(), now));
        });
    }

    /// Anything that is left out, told twice or not so shows.
    #[test]
    fn a_snapshot_that_is_wrong_is_found_out(script in script(), which in any::<usize>()) {
        play(script, |_, now, snapshot| {
            for change in CHANGES {
                let mut wrong = snapshot.clone();
                change(&mut wrong, which);
                assert!(wrong == snapshot || is_wrong(&wrong, now), "{wrong:#?}");
            }
        });
    }
}

fn lose<T>(list: &mut Vec<T>, which: usize) {
    if !list.is_empty() {
        list.remove(which % list.len());
    }
}

const CHANGES: &[fn(&mut Snapshot, usize)] = &[
    |it, which| lose(&mut it.tasks, which),
    |it, which| lose(&mut it.task_timeouts, which),
    |it, which| lose(&mut it.promise_timeouts, which),
    |it, which| {
        let again = it.promises.get(which % it.promises.len().max(1)).cloned();
        it.promises.extend(again);
    },
    |it, which| {
        let count = it.tasks.len().max(1);
        if let Some(task) = it.tasks.get_mut(which % count) {
            task.version = -1;
        }
    },
    |it, which| {
        let count = it.promise_timeouts.len().max(1);
        if let Some(due) = it.promise_timeouts.get_mut(which % count) {
            due.timeout += 1;
        }
    },
    |it, which| {
        let count = it.messages.len().max(1);
        if let Some(outgoing) = it.messages.get_mut(which % count) {
            outgoing.address = "nowhere".into();
        }
    },
    |it, which| {
        let count = it.callbacks.len().max(1);
        if let Some(edge) = it.callbacks.get_mut(which % count) {
            edge.awaiter = edge.awaited.clone();
        }
    },
];
