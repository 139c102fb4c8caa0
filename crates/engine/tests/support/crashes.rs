//! Many calls at once, reads and commits that end in any order, and crashes in between.

use abide_engine::{Input, Limits};
use abide_machine::{Config, Internal, Phase, Row, armed, owner};
use abide_protocol::{PromiseState, Request};
use proptest::prelude::*;

use super::{World, lockstep::tiny, requests::*, script::request, world::member};

/// What happens next.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Ask(Request),
    /// Answers one of the reads.
    Read(usize),
    /// Reads, and tells the shard only after the next thing that happens.
    ReadSlowly(usize),
    Commit,
    /// Reads and writes all that is under way.
    Finish,
    /// Time passes, or the system's clock goes back.
    Pass(i64),
    Connect,
    Disconnect,
    /// Reports a message as taken or refused.
    Report(usize, bool),
    Crash,
}

/// Limits as small as they can be if commits are to overlap.
pub(crate) fn cramped() -> Limits {
    Limits { batch_steps: 2, in_flight: 2, ..tiny() }
}

/// Something that happens.
pub(crate) fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        10 => request().prop_map(Op::Ask),
        8 => any::<usize>().prop_map(Op::Read),
        3 => any::<usize>().prop_map(Op::ReadSlowly),
        6 => Just(Op::Commit),
        1 => Just(Op::Finish),
        3 => (1_i64..700).prop_map(Op::Pass),
        1 => (-700_i64..0).prop_map(Op::Pass),
        1 => Just(Op::Connect),
        1 => Just(Op::Disconnect),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(which, taken)| Op::Report(which, taken)),
        1 => Just(Op::Crash),
    ]
}

/// What chance hardly ever comes to.
pub(crate) fn scenes() -> Vec<Vec<Op>> {
    use Op::{Ask, Commit, Finish, Pass, Read};

    // While the occurrence of a schedule waits for the store, a new one takes its place and is due.
    let anew = vec![
        Ask(every_second("s")),
        Finish,
        Pass(1_000),
        Ask(delete_schedule("s")),
        Ask(every_second("s")),
        Pass(1_000),
    ];
    // With room for four timers: so many come while the next ones are fetched that the one after
    // which these are to come makes way itself.
    let mut gap = Vec::new();
    for (id, at) in [("a", 5_000), ("b", 5_100), ("c", 5_200), ("d", 5_300), ("e", 5_400)] {
        gap.extend([Ask(external(id, at)), Finish]);
    }
    gap.extend([Ask(settle("e")), Finish, Ask(settle("a")), Finish]);
    gap.extend([Ask(settle("b")), Read(0), Commit]);
    for (id, at) in [("f", 2_000), ("g", 2_100), ("h", 2_200), ("i", 2_300)] {
        gap.extend([Ask(external(id, at)), Read(1), Commit]);
    }
    gap.push(Read(0));
    vec![anew, gap]
}

/// Has all that happen, and then everything that is still to come: first without a crash, after
/// which everything is looked for anew, if the run is to be `whole`.
pub(crate) fn run(limits: Limits, whole: bool, ops: Vec<Op>) {
    let mut world = World::with(Config::default(), limits);
    let receivers = [member("workers", "w1"), member("clients", "c1")];
    let mut connected = false;
    let mut slow = None;
    for op in ops {
        let late = slow.take();
        match op {
            Op::Ask(request) => {
                world.ask(request);
            }
            Op::Read(which) if !world.reads.is_empty() => world.read(which % world.reads.len()),
            Op::ReadSlowly(which) if !world.reads.is_empty() => {
                slow = Some(world.begin_read(which % world.reads.len()));
            }
            Op::Commit if !world.commits.is_empty() => world.commit(),
            Op::Finish => world.finish(),
            Op::Pass(span) => {
                world.now = (world.now + span).max(0);
                world.input(Input::Tick);
            }
            Op::Connect if !connected => {
                connected = true;
                for receiver in receivers.clone() {
                    world.input(Input::Connected { receiver });
                }
            }
            Op::Disconnect if connected => {
                connected = false;
                for receiver in receivers.clone() {
                    world.input(Input::Disconnected { receiver });
                }
            }
            Op::Report(which, taken) if !world.delivered.is_empty() => {
                let which = which % world.delivered.len();
                let delivered = world.delivered.swap_remove(which);
                world.report(&delivered, taken);
            }
            Op::Crash => {
                world.crash();
                world.messages();
                connected = false;
                continue;
            }
            _ => {}
        }
        if let Some(late) = late {
            world.input(late);
        }
    }
    if let Some(late) = slow {
        world.input(late);
    }
    if whole {
        world.advance(world.now + 10_000);
        all_is_done(&world);
    }
    let calls = world.replies.len();
    world.crash();
    world.messages();
    world.advance(world.now + 10_000);
    assert_eq!(world.replies.len(), calls, "a new shard answers no old calls");
    all_is_done(&world);
    // Everything that waits for the receivers reaches them.
    for receiver in receivers {
        world.input(Input::Connected { receiver });
    }
    world.finish();
    while let Some(delivered) = world.delivered.pop() {
        world.report(&delivered, true);
        world.finish();
    }
    let left = world.disk.rows.values().filter(
        |row| matches!(row, Row::Unblock(unblock) if unblock.address.starts_with("poll://")),
    );
    assert_eq!(left.count(), 0, "a message has not reached its receiver");
}

/// What was due is done, and nothing is pending that a canceled promise owns.
fn all_is_done(world: &World) {
    for row in world.disk.rows.values() {
        let waits_for_a_worker = |step: &Internal| {
            matches!(step, Internal::Dispatch { .. })
                && matches!(row, Row::Task(task)
                    if matches!(task.phase, Phase::Pending { offered: true, .. }))
        };
        for (due, step) in armed(row) {
            assert!(
                due > world.now || waits_for_a_worker(&step),
                "what was due is done: {step:?} at {due}"
            );
        }
    }
    for row in world.disk.rows.values() {
        let Row::Promise(promise) = row else { continue };
        let owner = owner(&promise.record).and_then(|owner| world.disk.promise(&owner.into()));
        let canceled = owner.filter(|it| it.record.state == PromiseState::RejectedCanceled);
        let later =
            canceled.is_none_or(|it| it.record.settled_at <= Some(promise.record.created_at));
        assert!(
            later || !promise.record.is_pending(),
            "nothing outlives its canceled owner: {promise:?}"
        );
    }
}
