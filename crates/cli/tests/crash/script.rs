//! What a connection does: scripts of requests, each on ids of its own.

use std::{collections::BTreeSet, sync::Arc};

use abide_protocol::{
    CallbackAction, CreateAction, FenceAction, Id, Millis, PromiseCreate, PromiseSettle,
    PromiseState, RegisterCallback, RegisterListener, Request, SettleAction, SettleState, Tags,
    TaskAcquire, TaskContinue, TaskCreate, TaskFence, TaskFulfill, TaskHalt, TaskRelease,
    TaskState, TaskSuspend, Value,
};

use crate::{
    ears,
    model::{Entries, Entry},
};

/// The group whose tasks wait for the end of the test.
pub const LATE: &str = "late";

/// A lease that no test outlives.
const LEASE: Millis = 3_600_000;

/// One request. `root` is the script's promise, `child` the one below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Create,
    CreateWithDeadline(Millis),
    CreateWithTask,
    CreateAcquired,
    Listen,
    Settle,
    Acquire,
    CreateChild,
    SettleChild,
    SettleChildFromOutside,
    Suspend,
    Release,
    Halt,
    Continue,
    Fulfill,
}

/// A sequence of requests on ids of its own, and how far it got.
#[derive(Clone, Debug)]
pub struct Script {
    pub root: String,
    pub steps: Vec<Step>,
    /// How many steps were acknowledged.
    pub done: usize,
    /// Whether the next one was sent and not answered.
    pub doubt: bool,
    /// The promises whose listener was acknowledged while they were pending.
    pub listened: BTreeSet<String>,
}

impl Script {
    /// A script drawn at random.
    pub fn draw(root: String, now: Millis, rng: &mut fastrand::Rng) -> Self {
        use Step::*;
        let steps = match rng.u8(0..8) {
            0 => vec![Create, Settle],
            1 => vec![Create, Listen, Settle],
            2 => vec![CreateWithDeadline(now + rng.i64(20..300)), Listen],
            3 => vec![CreateAcquired, CreateChild, SettleChild, Fulfill],
            4 => vec![
                CreateWithTask,
                Acquire,
                CreateChild,
                Listen,
                Suspend,
                SettleChildFromOutside,
                Acquire,
                Fulfill,
            ],
            5 => vec![CreateAcquired, Listen, Release, Acquire, Settle],
            6 => vec![CreateAcquired, Halt, Continue, Acquire, Fulfill],
            _ => vec![CreateWithTask],
        };
        Script { root, steps, done: 0, doubt: false, listened: BTreeSet::new() }
    }

    pub fn child(&self) -> String {
        format!("{}:1", self.root)
    }

    /// The next request, or `None` at the end.
    pub fn next(&self) -> Option<(Step, Request)> {
        let step = *self.steps.get(self.done)?;
        Some((step, self.request(step)))
    }

    /// The value that the root settles with; unlike that of any other script.
    fn value(&self) -> String {
        format!("value of {}", self.root)
    }

    fn child_value(&self) -> String {
        format!("value of {}", self.child())
    }

    /// The version that the task is held or offered at.
    fn version(&self) -> i64 {
        let entries = self.expected(self.done);
        entries[&self.root].task.expect("the step is on a task").1
    }

    fn request(&self, step: Step) -> Request {
        let id = Id::from(self.root.as_str());
        let child = Id::from(self.child());
        let settle = |id: &Id, value: String| PromiseSettle {
            id: id.clone(),
            state: SettleState::Resolved,
            value: Arc::new(Value::of(value)),
        };
        match step {
            Step::Create => Request::PromiseCreate(self.create(i64::MAX, false)),
            Step::CreateWithDeadline(at) => Request::PromiseCreate(self.create(at, false)),
            Step::CreateWithTask => Request::PromiseCreate(self.create(i64::MAX, true)),
            Step::CreateAcquired => Request::TaskCreate(TaskCreate {
                pid: "w".into(),
                ttl: LEASE,
                action: CreateAction { corr_id: "1".into(), create: self.create(i64::MAX, true) },
            }),
            Step::Listen => Request::PromiseRegisterListener(RegisterListener {
                awaited: id,
                address: ears::address(),
            }),
            Step::Settle => Request::PromiseSettle(settle(&id, self.value())),
            Step::SettleChildFromOutside => {
                Request::PromiseSettle(settle(&child, self.child_value()))
            }
            Step::Acquire => Request::TaskAcquire(TaskAcquire {
                id,
                version: self.version(),
                pid: "w".into(),
                ttl: LEASE,
                resumed: false,
            }),
            Step::CreateChild => self.fence(FenceAction::Create(CreateAction {
                corr_id: "1".into(),
                create: PromiseCreate {
                    id: child,
                    timeout_at: i64::MAX,
                    param: Arc::default(),
                    tags: Arc::new(self.lineage()),
                },
            })),
            Step::SettleChild => self.fence(FenceAction::Settle(SettleAction {
                corr_id: "1".into(),
                settle: settle(&child, self.child_value()),
            })),
            Step::Suspend => {
                let callback = RegisterCallback { awaited: child, awaiter: id.clone() };
                let actions = vec![CallbackAction { corr_id: "1".into(), callback }];
                Request::TaskSuspend(TaskSuspend {
                    id,
                    version: self.version(),
                    actions,
                    resumed: false,
                    again: false,
                })
            }
            Step::Release => Request::TaskRelease(TaskRelease { id, version: self.version() }),
            Step::Halt => Request::TaskHalt(TaskHalt { id }),
            Step::Continue => Request::TaskContinue(TaskContinue { id }),
            Step::Fulfill => {
                let settle = settle(&id, self.value());
                let action = SettleAction { corr_id: "1".into(), settle };
                Request::TaskFulfill(TaskFulfill { id, version: self.version(), action })
            }
        }
    }

    fn fence(&self, action: FenceAction) -> Request {
        let id = Id::from(self.root.as_str());
        Request::TaskFence(TaskFence { id, version: self.version(), action })
    }

    fn lineage(&self) -> Tags {
        let names = ["resonate:origin", "resonate:branch", "resonate:parent"];
        names.into_iter().map(|name| (name, self.root.as_str())).collect()
    }

    fn create(&self, timeout_at: Millis, targeted: bool) -> PromiseCreate {
        let mut tags = self.lineage();
        if targeted {
            tags.0.insert("resonate:target".into(), format!("poll://any@{LATE}"));
        }
        PromiseCreate {
            id: Id::from(self.root.as_str()),
            timeout_at,
            param: Arc::new(Value::of(format!("param of {}", self.root))),
            tags: Arc::new(tags),
        }
    }

    /// What there must be after this many steps.
    pub fn expected(&self, steps: usize) -> Entries {
        let mut entries = Entries::new();
        let root = &self.root;
        for step in &self.steps[..steps] {
            let mut of = |id: &str, change: &dyn Fn(&mut Entry)| {
                change(entries.get_mut(id).expect("it was created"));
            };
            match step {
                Step::Listen => {}
                Step::Create => drop(entries.insert(root.clone(), Entry::pending(None))),
                Step::CreateWithDeadline(_) => {
                    // Whoever looks waits until the deadline has passed.
                    let mut entry = Entry::pending(None);
                    entry.settle(PromiseState::RejectedTimedout, None);
                    entries.insert(root.clone(), entry);
                }
                Step::CreateWithTask => {
                    let task = Some((TaskState::Pending, 0));
                    entries.insert(root.clone(), Entry::pending(task));
                }
                Step::CreateAcquired => {
                    let task = Some((TaskState::Acquired, 1));
                    entries.insert(root.clone(), Entry::pending(task));
                }
                Step::CreateChild => {
                    entries.insert(self.child(), Entry::pending(None));
                }
                Step::Settle | Step::Fulfill => of(root, &|entry| {
                    entry.settle(PromiseState::Resolved, Some(self.value()));
                }),
                Step::SettleChild => of(&self.child(), &|entry| {
                    entry.settle(PromiseState::Resolved, Some(self.child_value()));
                }),
                Step::SettleChildFromOutside => {
                    of(&self.child(), &|entry| {
                        entry.settle(PromiseState::Resolved, Some(self.child_value()));
                    });
                    of(root, &|entry| entry.task(TaskState::Pending));
                }
                Step::Acquire => of(root, &Entry::acquire),
                Step::Suspend => of(root, &|entry| entry.task(TaskState::Suspended)),
                Step::Release | Step::Continue => of(root, &|entry| entry.task(TaskState::Pending)),
                Step::Halt => of(root, &|entry| entry.task(TaskState::Halted)),
            }
        }
        entries
    }

    /// The latest deadline in it.
    pub fn deadline(&self) -> Option<Millis> {
        self.steps.iter().find_map(|step| match step {
            Step::CreateWithDeadline(at) => Some(*at),
            _ => None,
        })
    }
}
