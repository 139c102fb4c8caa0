//! The request of each step.

use std::sync::Arc;

use abide_protocol::{
    CallbackAction, CreateAction, FenceAction, Id, Millis, PromiseCreate, PromiseSettle,
    RegisterCallback, RegisterListener, Request, SettleAction, SettleState, Tags, TaskAcquire,
    TaskContinue, TaskCreate, TaskFence, TaskFulfill, TaskHalt, TaskReclaim, TaskRelease,
    TaskSuspend, Value,
};

use super::{LATE, Place, ROOT, Script, Step};
use crate::process::ears;

/// A lease that no trial outlives.
const LEASE: Millis = 3_600_000;

impl Script {
    pub(super) fn request(&self, number: usize) -> Request {
        let step = self.steps[number];
        let id = Id::from(self.root.as_str());
        let version = || self.version(number);
        let fence =
            |action| Request::TaskFence(TaskFence { id: id.clone(), version: version(), action });
        let suspend = |awaited: &[Place], again| {
            let actions = awaited.iter().map(|place| CallbackAction {
                corr_id: "1".into(),
                callback: RegisterCallback { awaited: self.id(place).into(), awaiter: id.clone() },
            });
            Request::TaskSuspend(TaskSuspend {
                id: id.clone(),
                version: version(),
                actions: actions.collect(),
                resumed: true,
                again,
            })
        };
        let acquire = |resumed| {
            let (pid, ttl, version) = ("w".into(), LEASE, version());
            Request::TaskAcquire(TaskAcquire { id: id.clone(), version, pid, ttl, resumed })
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
            Step::CreateOwned { place, owner } => {
                let mut create = self.below(place);
                let tags = Arc::make_mut(&mut create.tags);
                tags.insert("abide:owner", &self.id(owner));
                tags.insert("resonate:target", &format!("poll://any@{LATE}-owned"));
                Request::PromiseCreate(create)
            }
            Step::Listen(place) => Request::PromiseRegisterListener(RegisterListener {
                awaited: self.id(place).into(),
                address: ears::address(),
            }),
            Step::Settle => Request::PromiseSettle(self.settle(ROOT)),
            Step::Cancel => {
                let state = SettleState::RejectedCanceled;
                Request::PromiseSettle(PromiseSettle { state, ..self.settle(ROOT) })
            }
            Step::SettleChildFromOutside(place) => Request::PromiseSettle(self.settle(place)),
            Step::Acquire => acquire(false),
            Step::AcquireResumed(_) => acquire(true),
            Step::CreateChild(place) => fence(FenceAction::Create(CreateAction {
                corr_id: "1".into(),
                create: self.below(place),
            })),
            Step::SettleChild(place) => fence(FenceAction::Settle(SettleAction {
                corr_id: "1".into(),
                settle: self.settle(place),
            })),
            Step::Suspend(awaited) => suspend(awaited, false),
            Step::SuspendAgain => suspend(&[], true),
            Step::Reclaim(places) => Request::TaskReclaim(TaskReclaim {
                promises: places.iter().map(|place| self.id(place).into()).collect(),
                version: version(),
                id: id.clone(),
            }),
            Step::Release => Request::TaskRelease(TaskRelease { version: version(), id }),
            Step::Halt => Request::TaskHalt(TaskHalt { id }),
            Step::Continue => Request::TaskContinue(TaskContinue { id }),
            Step::Fulfill => {
                let action = SettleAction { corr_id: "1".into(), settle: self.settle(ROOT) };
                Request::TaskFulfill(TaskFulfill { version: version(), id, action })
            }
        }
    }

    fn settle(&self, place: Place) -> PromiseSettle {
        let value = Arc::new(Value::of(self.value(place)));
        PromiseSettle { id: self.id(place).into(), state: SettleState::Resolved, value }
    }

    fn lineage(&self) -> Tags {
        let names = ["resonate:origin", "resonate:branch", "resonate:parent"];
        names.into_iter().map(|name| (name, self.root.as_str())).collect()
    }

    fn below(&self, place: Place) -> PromiseCreate {
        PromiseCreate {
            id: self.id(place).into(),
            timeout_at: i64::MAX,
            param: Arc::default(),
            tags: Arc::new(self.lineage()),
        }
    }

    fn create(&self, timeout_at: Millis, targeted: bool) -> PromiseCreate {
        let mut tags = self.lineage();
        if targeted {
            tags.insert("resonate:target", &format!("poll://any@{LATE}"));
        }
        PromiseCreate {
            id: Id::from(self.root.as_str()),
            timeout_at,
            param: Arc::new(Value::of(self.param())),
            tags: Arc::new(tags),
        }
    }
}
