use std::collections::BTreeMap;

use abide_protocol::{
    CreateAction, Message, PromiseGet, RegisterCallback, RegisterListener, Request, Response,
    Status, TaskCreate, TaskGet,
};

use super::Habits;
use crate::actor::{Actor, Outside};

/// A client that creates, settles, reads and awaits promises.
pub(super) struct Author {
    name: String,
    habits: Habits,
    asked: BTreeMap<u64, Request>,
    quiet: bool,
}

impl Author {
    pub(super) fn new(name: String, habits: Habits) -> Self {
        Author { name, habits, asked: BTreeMap::new(), quiet: false }
    }

    fn think(&self, world: &mut Outside<'_>) {
        let pause = self.habits.pause(world.chance());
        world.timer(0, pause);
    }

    fn ask(&mut self, request: Request, world: &mut Outside<'_>) {
        let call = world.call(request.clone());
        self.asked.insert(call, request);
    }

    fn wish(&self, world: &mut Outside<'_>) -> Request {
        let (now, habits) = (world.now(), &self.habits);
        let chance = world.chance();
        let id = habits.id(now, chance);
        match chance.below(14) {
            0..=2 => Request::PromiseCreate(habits.promise(id, now, chance)),
            3 | 4 => {
                let root = habits.root(now, chance);
                Request::PromiseCreate(habits.work(root, now, chance))
            }
            5 | 6 => Request::PromiseSettle(habits.settlement(id, chance)),
            7 | 8 => match habits.listener(chance) {
                Some(address) => {
                    Request::PromiseRegisterListener(RegisterListener { awaited: id, address })
                }
                None => Request::PromiseGet(PromiseGet { id }),
            },
            9 => {
                let awaiter = habits.root(now, chance);
                if awaiter == id || awaiter.origin() != id.origin() {
                    return Request::TaskGet(TaskGet { id });
                }
                Request::PromiseRegisterCallback(RegisterCallback { awaited: id, awaiter })
            }
            10 => {
                let create = habits.work(id, now, chance);
                let action = CreateAction { corr_id: "c".into(), create };
                let ttl = *chance.one_of(&[1, 500, 5_000]);
                Request::TaskCreate(TaskCreate { pid: self.name.clone(), ttl, action })
            }
            11 => Request::TaskGet(TaskGet { id }),
            _ => Request::PromiseGet(PromiseGet { id }),
        }
    }
}

impl Actor for Author {
    fn start(&mut self, world: &mut Outside<'_>) {
        self.asked.clear();
        self.think(world);
    }

    fn answered(&mut self, call: u64, answer: Option<Response>, world: &mut Outside<'_>) {
        let Some(request) = self.asked.remove(&call) else { return };
        let passing = answer.is_none_or(|answer| {
            matches!(answer.status, Status::TooManyRequests | Status::Unavailable)
        });
        // To ask for the same thing again does no harm, whatever came of it.
        if passing && !self.quiet && world.chance().once_in(2) {
            self.ask(request, world);
        }
    }

    fn message(&mut self, _: Message, _: &mut Outside<'_>) {}

    fn timer(&mut self, _: u64, world: &mut Outside<'_>) {
        if !self.quiet {
            let wish = self.wish(world);
            self.ask(wish, world);
            self.think(world);
        }
    }

    fn quiet(&mut self, _: &mut Outside<'_>) {
        self.quiet = true;
    }
}
