//! A worker that is told only of what has woken its task never sleeps on something that has
//! settled, whatever the order of settlements, resumptions, lost answers and lost leases.

use std::collections::BTreeSet;

use abide_machine::{Config, Effect, Phase, RESUMED_LIMIT, View, testing::Model};
use abide_protocol::{
    Body, CallbackAction, CreateAction, Id, PromiseCreate, PromiseSettle, RegisterCallback,
    Request, Response, SettleState, Status, TaskAcquire, TaskCreate, TaskSuspend, tag,
};
use proptest::prelude::*;

const LEASE: i64 = 100;

/// A worker with one execution, which awaits every child.
struct Worker {
    /// What it does not know to be settled.
    awaited: BTreeSet<Id>,
    /// The version that it held last; `None` while it has nothing in memory.
    held: Option<i64>,
    /// Whether it knows all that was told, so that it may ask for what is new only.
    warm: bool,
}

fn id() -> Id {
    Id::from("r")
}

fn create(id: Id, target: Option<&str>) -> PromiseCreate {
    let tags = target.map(|target| (tag::TARGET, target));
    PromiseCreate {
        id,
        timeout_at: i64::MAX,
        param: Default::default(),
        tags: std::sync::Arc::new(tags.into_iter().collect()),
    }
}

fn start(children: usize) -> (Model, Worker) {
    let mut model = Model::new(Config { retry_interval: 10, ..Config::default() });
    let create_task = CreateAction { corr_id: "1".into(), create: create(id(), Some("http://w/")) };
    let task = TaskCreate { pid: "p".into(), ttl: LEASE, action: create_task };
    model.request(&Request::TaskCreate(task), 0);
    let awaited: BTreeSet<Id> = (0..children).map(|n| Id::from(format!("r:{n}"))).collect();
    for child in &awaited {
        model.request(&Request::PromiseCreate(create(child.clone(), None)), 0);
    }
    (model, Worker { awaited, held: Some(1), warm: false })
}

impl Worker {
    fn learn(&mut self, response: &Response) {
        for promise in response.preload().iter().filter(|promise| !promise.is_pending()) {
            self.awaited.remove(&promise.id);
        }
        if let Body::Claim { more, .. } | Body::Preload { more, .. } = &response.body {
            self.warm &= !more;
        }
    }

    /// Does the next thing. `lost` loses the answer.
    fn advance(&mut self, model: &mut Model, now: i64, lost: bool) {
        let task = model.task(&id()).expect("it is there").clone();
        match task.phase {
            Phase::Pending { .. } => {
                let resumed = self.warm && self.held == Some(task.version);
                let version = task.version;
                let claim = TaskAcquire { id: id(), version, pid: "p".into(), ttl: LEASE, resumed };
                let response = model.request(&Request::TaskAcquire(claim), now).response.unwrap();
                if lost {
                    return;
                }
                self.held = Some(version + 1);
                self.warm = resumed;
                self.learn(&response);
            }
            Phase::Acquired { .. } if self.held == Some(task.version) => {
                self.suspend(model, now, lost)
            }
            // Whoever holds it has not been heard of: its lease will be over.
            _ => {}
        }
    }

    fn suspend(&mut self, model: &mut Model, now: i64, lost: bool) {
        let Some(version) = self.held.filter(|_| !self.awaited.is_empty()) else { return };
        let again = self.warm;
        let listed: Vec<&Id> = if again { Vec::new() } else { self.awaited.iter().collect() };
        let actions = listed.into_iter().map(|awaited| CallbackAction {
            corr_id: "1".into(),
            callback: RegisterCallback { awaited: awaited.clone(), awaiter: id() },
        });
        let actions = actions.collect();
        let suspend = TaskSuspend { id: id(), version, actions, resumed: true, again };
        let response = model.request(&Request::TaskSuspend(suspend), now).response.unwrap();
        if lost {
            self.warm = false;
            return;
        }
        self.warm = true;
        if response.status == Status::Redirect {
            // What was listed and is pending still has not been registered.
            self.warm = again;
            self.learn(&response);
        }
    }
}

fn settle(model: &mut Model, child: usize, now: i64) {
    let id = Id::from(format!("r:{child}"));
    let settle = PromiseSettle { id, state: SettleState::Resolved, value: Default::default() };
    model.request(&Request::PromiseSettle(settle), now);
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Settle(usize),
    Drain,
    Work {
        lost: bool,
    },
    /// The worker is replaced by one that knows nothing.
    Forget,
    Pass(i64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => any::<usize>().prop_map(Op::Settle),
        3 => Just(Op::Drain),
        6 => Just(Op::Work { lost: false }),
        1 => Just(Op::Work { lost: true }),
        1 => Just(Op::Forget),
        1 => (1..2 * LEASE).prop_map(Op::Pass),
    ]
}

fn run(children: usize, ops: &[Op], burst: bool) {
    let (mut model, mut worker) = start(children);
    let mut now = 0;
    for op in ops {
        match *op {
            Op::Settle(which) => settle(&mut model, which % children, now),
            Op::Drain => drop(model.drain(now)),
            Op::Work { lost } => worker.advance(&mut model, now, lost),
            Op::Forget => {
                let awaited = (0..children).map(|n| Id::from(format!("r:{n}"))).collect();
                worker = Worker { awaited, held: None, warm: false };
            }
            Op::Pass(span) => {
                now += span;
                model.tick(now);
            }
        }
    }
    // Everything settles, at once or one after the other; then the worker has to get to know.
    for child in 0..children {
        settle(&mut model, child, now);
        if !burst {
            model.drain(now);
            worker.advance(&mut model, now, false);
        }
    }
    for _ in 0..children + 10 {
        if worker.awaited.is_empty() {
            return;
        }
        now += 2 * LEASE;
        model.tick(now);
        worker.advance(&mut model, now, false);
        worker.advance(&mut model, now, false);
    }
    panic!("it waits for {:?} still: {:?}", worker.awaited, model.task(&id()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nobody_sleeps_on_what_has_settled(
        ops in prop::collection::vec(op(), 0..60), children in 1..8_usize, burst in any::<bool>(),
    ) {
        run(children, &ops, burst);
    }
}

#[test]
fn a_burst_larger_than_what_is_remembered_is_found_out_about() {
    let children = RESUMED_LIMIT + 20;
    let (mut model, mut worker) = start(children);
    worker.advance(&mut model, 0, false);
    (0..children).for_each(|child| settle(&mut model, child, 1));
    let drained = model.drain(1);
    let executes = drained.iter().flat_map(|(_, outcome)| &outcome.effects);
    let executes = executes.filter(|effect| matches!(effect, Effect::Execute { .. }));
    assert_eq!(executes.count(), 1, "it is resumed once");
    worker.advance(&mut model, 2, false);
    assert_eq!(worker.awaited.len(), 20);
    worker.advance(&mut model, 2, false);
    assert_eq!(worker.awaited.len(), 0);
}
