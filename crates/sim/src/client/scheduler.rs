use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use abide_protocol::{
    Id, Message, Millis, Request, Response, ScheduleCreate, ScheduleDelete, ScheduleGet, Status,
    Value, tag,
};

use super::Habits;
use crate::{
    actor::{Actor, Outside},
    chance::Chance,
};

/// How long what is on its way may take to arrive. A schedule that is made by such a message is
/// deleted after that.
const STRAGGLERS: Millis = 30_000;

/// What the timers are for.
const WISH: u64 = 0;
const AGAIN: u64 = 1;
const RETRY: u64 = 2;

/// How long it waits before it asks again what came to nothing.
const RETRY_PAUSE: Millis = 100;

const CRONS: [&str; 4] = ["* * * * * *", "*/5 * * * * *", "*/7 * * * * *", "* * * * *"];

/// A client that makes schedules, and deletes them in the end.
pub(super) struct Scheduler {
    number: u32,
    habits: Habits,
    /// What may exist.
    made: BTreeSet<Id>,
    deleting: BTreeMap<u64, Id>,
    /// What could not be deleted at the first try.
    left: BTreeSet<Id>,
    quiet: bool,
    /// Everything was deleted once more.
    over: bool,
}

impl Scheduler {
    pub(super) fn new(number: u32, habits: Habits) -> Self {
        let (made, deleting) = (BTreeSet::new(), BTreeMap::new());
        let left = BTreeSet::new();
        Scheduler { number, habits, made, deleting, left, quiet: false, over: false }
    }

    fn think(&self, world: &mut Outside<'_>) {
        let pause = 2 * self.habits.pause(world.chance());
        world.timer(WISH, pause);
    }

    fn delete_all(&mut self, world: &mut Outside<'_>) {
        for id in self.made.clone() {
            self.delete(id, world);
        }
    }

    fn delete(&mut self, id: Id, world: &mut Outside<'_>) {
        let call = world.call(Request::ScheduleDelete(ScheduleDelete { id: id.clone() }));
        self.deleting.insert(call, id);
    }

    fn schedule(&self, id: Id, chance: &mut Chance) -> ScheduleCreate {
        let apart = *chance.one_of(&["-", "."]);
        let target = self.habits.target(chance);
        ScheduleCreate {
            id,
            cron: (*chance.one_of(&CRONS)).into(),
            promise_id: format!("{{{{.id}}}}{apart}{{{{.timestamp}}}}"),
            promise_timeout: *chance.one_of(&[0, 300, 4_000]),
            promise_param: Arc::new(Value::of("scheduled")),
            promise_tags: Arc::new([(tag::TARGET, target)].into_iter().collect()),
        }
    }
}

impl Actor for Scheduler {
    fn start(&mut self, world: &mut Outside<'_>) {
        self.deleting.clear();
        self.left.clear();
        self.think(world);
    }

    fn answered(&mut self, call: u64, answer: Option<Response>, world: &mut Outside<'_>) {
        let Some(id) = self.deleting.remove(&call) else { return };
        match answer.map(|answer| answer.status) {
            Some(Status::Ok | Status::NotFound) => {}
            _ if self.quiet => {
                self.left.insert(id);
                world.timer(RETRY, RETRY_PAUSE);
            }
            _ => {}
        }
    }

    fn message(&mut self, _: Message, _: &mut Outside<'_>) {}

    fn timer(&mut self, name: u64, world: &mut Outside<'_>) {
        match name {
            AGAIN => {
                self.over = true;
                self.delete_all(world);
            }
            RETRY => {
                let left = std::mem::take(&mut self.left);
                left.into_iter().for_each(|id| self.delete(id, world));
            }
            _ => {}
        }
        if self.quiet {
            return;
        }
        let id: Id = format!("s{}{}", self.number, world.chance().below(2)).into();
        match world.chance().below(4) {
            0 if self.made.contains(&id) => self.delete(id, world),
            1 => drop(world.call(Request::ScheduleGet(ScheduleGet { id }))),
            _ => {
                let create = self.schedule(id.clone(), world.chance());
                self.made.insert(id);
                world.call(Request::ScheduleCreate(create));
            }
        }
        self.think(world);
    }

    fn quiet(&mut self, world: &mut Outside<'_>) {
        self.quiet = true;
        self.delete_all(world);
        world.timer(AGAIN, STRAGGLERS);
    }

    fn is_busy(&self) -> bool {
        let done = self.over && self.deleting.is_empty() && self.left.is_empty();
        !done && !self.made.is_empty()
    }
}
