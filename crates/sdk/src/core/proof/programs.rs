//! The programs that broke earlier drafts of the rules, each in every kind of weather.

use std::sync::Arc;

use super::{
    program::{Call, Loop, Node, What},
    run::{Tally, check, weather},
};

/// Runs of each program.
const RUNS: u64 = 400;

fn holds(program: Node) {
    holds_for(RUNS, program);
}

fn holds_for(runs: u64, program: Node) {
    let program = Arc::new(program);
    let mut tally = Tally::default();
    for seed in 0..runs {
        check(seed, &program, weather(seed), &mut tally).unwrap_or_else(|why| panic!("{why}"));
    }
    assert!(tally.crashes > 0);
}

fn at(site: u32, what: What) -> Call {
    Call { what, site, cancel: false }
}

fn leaf(n: u32) -> Call {
    at(n, What::Leaf(n.into()))
}

fn remote(n: u32) -> Call {
    at(n, What::Remote(n.into()))
}

fn canceled_on_drop(call: Call) -> Call {
    Call { cancel: true, ..call }
}

fn detached(n: u32) -> Call {
    at(n, What::Detached(n.into()))
}

fn nested(n: u32, node: Node) -> Call {
    at(n, What::Nested(u64::from(n) << 32, node.into()))
}

fn call(call: Call) -> Node {
    Node::Call(call)
}

fn nothing() -> Node {
    Node::Yield
}

#[test]
fn a_race_of_which_only_one_record_is_durable() {
    let race = Node::Select {
        calls: [remote(1), remote(2)],
        then: [call(remote(3)), nothing()].into(),
        biased: true,
    };
    holds(Node::Seq(vec![call(remote(0)), race]));
}

#[test]
fn unordered_completions_each_followed_by_a_call() {
    holds(Node::Unordered {
        calls: vec![remote(1), remote(2), leaf(3)],
        then: vec![call(leaf(4)), call(remote(5)), call(leaf(6))],
    });
}

#[test]
fn a_call_spawned_at_the_very_end() {
    let spawn = |call, rest: Node| Node::Spawn { call, rest: rest.into(), awaited: false };
    let end = spawn(remote(2), spawn(leaf(3), nothing()));
    holds(Node::Seq(vec![call(leaf(1)), end.clone()]));
    holds(Node::Seq(vec![call(nested(9, Node::Seq(vec![call(leaf(1)), end]))), call(leaf(8))]));
}

#[test]
fn two_pinned_calls_polled_once_then_something_unrelated() {
    for (a, b) in [(remote(1), remote(2)), (leaf(1), remote(2)), (leaf(1), leaf(2))] {
        holds(Node::PolledOnce {
            calls: [a, b],
            between: call(leaf(3)).into(),
            then: [call(leaf(4)), call(remote(5))].into(),
        });
    }
}

#[test]
fn a_race_of_equal_calls_on_one_line() {
    for what in [What::Leaf(1), What::Remote(1), What::Sleep(1)] {
        for biased in [true, false] {
            holds(Node::Select {
                calls: [at(1, what.clone()), at(1, what.clone())],
                then: [nothing(), call(leaf(3))].into(),
                biased,
            });
        }
    }
}

#[test]
fn a_pinned_function_that_goes_on_while_its_caller_does_not_look() {
    let body = Node::Seq(vec![call(leaf(1)), call(remote(2)), call(leaf(3))]);
    holds(Node::Pinned {
        pinned: nested(9, body.clone()),
        times: 3,
        body: Node::Seq(vec![call(remote(4)), call(leaf(5))]).into(),
    });
    holds(Node::PolledOnce {
        calls: [nested(9, body), remote(6)],
        between: Node::Seq(vec![call(leaf(7)), call(leaf(8))]).into(),
        then: [nothing(), nothing()].into(),
    });
}

#[test]
fn a_leaf_beside_a_remote_call() {
    holds(Node::Join(call(leaf(1)).into(), call(remote(2)).into()));
    let join = Node::Join(call(leaf(1)).into(), call(remote(2)).into());
    holds(Node::Seq(vec![call(remote(3)), join, call(leaf(4))]));
}

#[test]
fn a_lost_race_against_a_leaf() {
    holds(Node::Select {
        calls: [leaf(1), remote(2)],
        then: [call(leaf(3)), call(leaf(4))].into(),
        biased: true,
    });
}

#[test]
fn two_steps_of_one_name_are_an_error_at_the_first_run() {
    let program = Arc::new(Node::Select {
        calls: [at(1, What::Step(7)), at(2, What::Step(7))],
        then: [nothing(), nothing()].into(),
        biased: true,
    });
    for seed in 0..RUNS {
        let error = check(seed, &program, weather(seed), &mut Tally::default()).unwrap_err();
        assert!(error.contains("SameName"), "{error}");
    }
}

#[test]
fn more_deliveries_than_one_record_may_carry() {
    // Each completion leads to nothing, until the last: marker records carry the order.
    let all = |from: u32| Node::JoinAll {
        all: (from..from + 40).map(|n| call(remote(n))).collect(),
        trying: false,
    };
    holds_for(20, Node::Seq(vec![all(0), call(leaf(9_000))]));
    holds_for(20, Node::Join(all(0).into(), Node::Seq(vec![call(leaf(1)), all(100)]).into()));
}

#[test]
fn a_call_detached_at_the_very_end() {
    let detach = |call, rest: Node| Node::Spawn { call, rest: rest.into(), awaited: false };
    let end = detach(detached(2), detach(detached(3), nothing()));
    holds(Node::Seq(vec![call(leaf(1)), end.clone()]));
    holds(Node::Seq(vec![call(nested(9, Node::Seq(vec![call(leaf(1)), end]))), call(leaf(8))]));
}

#[test]
fn a_detached_call_that_is_awaited_or_canceled() {
    let rest: Box<Node> = Node::Seq(vec![call(leaf(1)), call(remote(2))]).into();
    holds(Node::Spawn { call: detached(3), rest: rest.clone(), awaited: true });
    holds(Node::Cancel { call: detached(3), rest });
}

#[test]
fn a_lost_race_that_is_canceled() {
    // One of the crashes comes right after the cancellation, before anything else is durable.
    for winner in [leaf(1), remote(1), nested(9, call(remote(1)))] {
        let race = Node::Select {
            calls: [winner, canceled_on_drop(remote(2))],
            then: [call(leaf(3)), call(leaf(4))].into(),
            biased: true,
        };
        holds(race.clone());
        holds(Node::Seq(vec![race, nothing()]));
    }
}

#[test]
fn a_race_that_is_canceled_either_way_and_leads_to_nothing() {
    let race = |biased| Node::Select {
        calls: [canceled_on_drop(remote(1)), canceled_on_drop(remote(2))],
        then: [nothing(), nothing()].into(),
        biased,
    };
    for biased in [true, false] {
        // The only thing that tells who won is what was canceled.
        holds(Node::Seq(vec![call(remote(0)), race(biased)]));
        holds(Node::Repeat(3, race(biased).into()));
    }
}

#[test]
fn a_race_of_equal_calls_one_of_which_is_canceled() {
    for what in [What::Remote(1), What::Leaf(1), What::Sleep(1)] {
        for biased in [true, false] {
            holds(Node::Select {
                calls: [at(1, what.clone()), canceled_on_drop(at(1, what.clone()))],
                then: [nothing(), call(leaf(3))].into(),
                biased,
            });
        }
    }
}

#[test]
fn a_spawned_function_that_is_canceled_in_the_midst_of_its_calls() {
    let body = Node::Join(
        Node::Seq(vec![call(leaf(1)), call(remote(2)), call(leaf(3))]).into(),
        call(nested(4, Node::Seq(vec![call(remote(5)), call(leaf(6))]))).into(),
    );
    for rest in [nothing(), call(remote(7)), Node::Seq(vec![call(remote(7)), call(leaf(8))])] {
        holds(Node::Seq(vec![
            Node::Cancel { call: nested(9, body.clone()), rest: rest.into() },
            call(leaf(10)),
        ]));
    }
}

#[test]
fn cancellations_between_more_deliveries_than_one_record_may_carry() {
    let all = |from: u32| Node::JoinAll {
        all: (from..from + 40)
            .map(|n| match n % 3 {
                0 => Node::Cancel { call: remote(1_000 + n), rest: call(remote(n)).into() },
                _ => call(remote(n)),
            })
            .collect(),
        trying: false,
    };
    holds_for(20, Node::Seq(vec![all(0), call(leaf(9_000))]));
}

/// A function with save points, which is tried again.
fn looped(round: Node, every: u32, rest: Node) -> Node {
    let looped = Loop { times: 5, round, every, among_others: false, rest };
    call(at(9, What::Loop(9 << 32, looped.into())))
}

#[test]
fn a_loop_with_a_save_point_in_every_round_or_every_other() {
    let round = Node::Seq(vec![call(leaf(1)), call(remote(2))]);
    for every in [1, 2] {
        let rest = Node::Join(call(leaf(3)).into(), call(remote(4)).into());
        holds(looped(round.clone(), every, rest));
    }
}

#[test]
fn a_loop_that_leaves_something_behind_in_every_round() {
    let race = |calls| Node::Select { calls, then: [nothing(), nothing()].into(), biased: true };
    holds(looped(race([remote(1), at(2, What::Sleep(2))]), 1, call(leaf(3))));
    holds(looped(race([remote(1), leaf(2)]), 1, call(leaf(3))));
    let inner = nested(4, Node::Seq(vec![call(leaf(5)), call(remote(6))]));
    holds(looped(race([remote(1), inner]), 1, call(leaf(3))));
}

#[test]
fn a_save_point_right_after_something_is_detached_or_canceled() {
    let rest = || Box::new(nothing());
    let detach = Node::Spawn { call: detached(1), rest: rest(), awaited: false };
    holds(looped(Node::Seq(vec![call(leaf(2)), detach]), 1, nothing()));
    let cancel = Node::Cancel { call: remote(1), rest: rest() };
    holds(looped(Node::Seq(vec![call(leaf(2)), cancel]), 1, nothing()));
}

#[test]
fn a_function_that_fails_between_its_calls_and_is_tried_again() {
    let fails_twice = Node::Seq(vec![call(leaf(1)), Node::Attempt(3), call(remote(2))]);
    holds(call(nested(9, fails_twice.clone())));
    // From its last save point, not from the top.
    holds(looped(fails_twice, 1, call(leaf(3))));
}

#[test]
fn a_flaky_leaf_beside_other_calls() {
    let flaky = || at(1, What::Flaky { arg: 1, until: 3 });
    holds(Node::Join(call(flaky()).into(), call(remote(2)).into()));
    holds(Node::Select {
        calls: [flaky(), remote(2)],
        then: [call(leaf(3)), call(leaf(4))].into(),
        biased: true,
    });
}
