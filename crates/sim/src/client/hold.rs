use std::sync::Arc;

use abide_protocol::{
    CallbackAction, CreateAction, FenceAction, Id, Millis, PromiseCreate, RecordAction,
    RegisterCallback, Request, SettleAction, TaskFence, TaskFulfill, TaskReclaim, TaskRelease,
    TaskSuspend, Value, tag,
};

use super::Habits;
use crate::chance::Chance;

/// A task that a worker holds, or believes that it does.
pub(super) struct Hold {
    pub(super) id: Id,
    pub(super) version: i64,
    pub(super) ttl: Millis,
    /// How much is still to do before the end.
    pub(super) steps: usize,
    /// The children that it has asked for.
    children: Vec<Id>,
    /// How often the last request has come to nothing.
    pub(super) failures: u32,
}

impl Hold {
    pub(super) fn new(id: Id, version: i64, ttl: Millis, steps: usize) -> Self {
        Hold { id, version, ttl, steps, children: Vec::new(), failures: 0 }
    }

    /// What the worker asks for next: in one message, in this order.
    pub(super) fn next(
        &mut self,
        habits: &Habits,
        now: Millis,
        chance: &mut Chance,
    ) -> Vec<Request> {
        if self.steps == 0 {
            return vec![self.fulfill(habits, chance)];
        }
        self.steps -= 1;
        match chance.below(10) {
            0..=2 => vec![self.create(habits, now, chance)],
            3 | 4 => {
                // As the SDK does it: all in one message.
                let create = self.create(habits, now, chance);
                let suspend = self.suspend(habits, chance);
                if habits.extensions().batch() { vec![create, suspend] } else { vec![create] }
            }
            5 if !self.children.is_empty() => vec![self.suspend(habits, chance)],
            6 if !self.children.is_empty() => {
                let child = chance.one_of(&self.children).clone();
                let settle = habits.settlement(child, chance);
                let action = SettleAction { corr_id: "s".into(), settle };
                vec![self.fence(FenceAction::Settle(action))]
            }
            7 if habits.extensions().reclaim() && !self.children.is_empty() => {
                let promises = vec![chance.one_of(&self.children).clone()];
                let (id, version) = (self.id.clone(), self.version);
                vec![Request::TaskReclaim(TaskReclaim { id, version, promises })]
            }
            8 if habits.extensions().record() => vec![self.record(habits, now, chance)],
            9 if chance.once_in(2) => {
                let (id, version) = (self.id.clone(), self.version);
                vec![Request::TaskRelease(TaskRelease { id, version })]
            }
            _ => vec![self.fulfill(habits, chance)],
        }
    }

    fn fence(&self, action: FenceAction) -> Request {
        Request::TaskFence(TaskFence { id: self.id.clone(), version: self.version, action })
    }

    fn create(&mut self, habits: &Habits, now: Millis, chance: &mut Chance) -> Request {
        let create = self.child(habits, now, chance);
        self.fence(FenceAction::Create(CreateAction { corr_id: "c".into(), create }))
    }

    fn record(&mut self, habits: &Habits, now: Millis, chance: &mut Chance) -> Request {
        let mut create = self.child(habits, now, chance);
        let bare = create.tags.iter().filter(|(name, _)| ![tag::TARGET, tag::DELAY].contains(name));
        create.tags = Arc::new(bare.collect());
        let settle = habits.settlement(create.id.clone(), chance);
        self.fence(FenceAction::Record(RecordAction { corr_id: "r".into(), create, settle }))
    }

    /// A child, perhaps one that is there.
    fn child(&mut self, habits: &Habits, now: Millis, chance: &mut Chance) -> PromiseCreate {
        let id = Id::from(format!("{}:{}", &*self.id, 1 + chance.below(4)));
        let mut create: PromiseCreate = habits.promise(id.clone(), now, chance);
        create.param = Value::of(format!("child of {}", &*self.id)).into();
        if !self.children.contains(&id) {
            self.children.push(id);
        }
        create
    }

    fn suspend(&self, habits: &Habits, chance: &mut Chance) -> Request {
        let extended = habits.extensions().resumed();
        let all = chance.once_in(2);
        let mut awaited: Vec<&Id> =
            self.children.iter().filter(|_| all || chance.once_in(2)).collect();
        if awaited.is_empty() {
            awaited.extend(self.children.last());
        }
        let action = |awaited: &Id| CallbackAction {
            corr_id: "a".into(),
            callback: RegisterCallback { awaited: awaited.clone(), awaiter: self.id.clone() },
        };
        Request::TaskSuspend(TaskSuspend {
            id: self.id.clone(),
            version: self.version,
            actions: awaited.into_iter().map(action).collect(),
            resumed: extended && chance.once_in(2),
            again: extended && chance.once_in(3),
        })
    }

    pub(super) fn fulfill(&self, habits: &Habits, chance: &mut Chance) -> Request {
        let settle = habits.settlement(self.id.clone(), chance);
        let action = SettleAction { corr_id: "f".into(), settle };
        Request::TaskFulfill(TaskFulfill { id: self.id.clone(), version: self.version, action })
    }
}
