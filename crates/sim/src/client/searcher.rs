use std::collections::BTreeMap;

use abide_protocol::{
    Body, Message, PromiseSearch, PromiseState, Request, Response, ScheduleSearch, Tags,
    TaskSearch, TaskState, tag,
};

use super::Habits;
use crate::{
    actor::{Actor, Outside},
    chance::Chance,
};

/// A client that searches, page by page.
pub(super) struct Searcher {
    habits: Habits,
    asked: BTreeMap<u64, Request>,
    quiet: bool,
}

impl Searcher {
    pub(super) fn new(habits: Habits) -> Self {
        Searcher { habits, asked: BTreeMap::new(), quiet: false }
    }

    fn think(&self, world: &mut Outside<'_>) {
        let pause = 3 * self.habits.pause(world.chance());
        world.timer(0, pause);
    }

    fn ask(&mut self, request: Request, world: &mut Outside<'_>) {
        let call = world.call(request.clone());
        self.asked.insert(call, request);
    }

    fn wish(&self, now: i64, chance: &mut Chance) -> Request {
        let limit = *chance.one_of(&[None, Some(1), Some(3), Some(1_000)]);
        let cursor = None;
        match chance.below(4) {
            0 => {
                let state = *chance.one_of(&[None, Some(TaskState::Pending)]);
                Request::TaskSearch(TaskSearch { state, limit, cursor })
            }
            1 => {
                let tags = Tags::default();
                Request::ScheduleSearch(ScheduleSearch { tags, limit, cursor })
            }
            _ => {
                let state = *chance.one_of(&[None, None, Some(PromiseState::Pending)]);
                let root = self.habits.root(now, chance).to_string();
                let tags: Tags = if chance.once_in(3) {
                    [(tag::BRANCH, root)].into_iter().collect()
                } else {
                    Tags::default()
                };
                Request::PromiseSearch(PromiseSearch { state, tags, limit, cursor })
            }
        }
    }
}

impl Actor for Searcher {
    fn start(&mut self, world: &mut Outside<'_>) {
        self.asked.clear();
        self.think(world);
    }

    fn answered(&mut self, call: u64, answer: Option<Response>, world: &mut Outside<'_>) {
        let (Some(mut request), Some(answer)) = (self.asked.remove(&call), answer) else { return };
        let next = match answer.body {
            Body::Promises { cursor, .. }
            | Body::Tasks { cursor, .. }
            | Body::Schedules { cursor, .. } => cursor,
            _ => None,
        };
        let cursor = match &mut request {
            Request::PromiseSearch(search) => &mut search.cursor,
            Request::TaskSearch(search) => &mut search.cursor,
            Request::ScheduleSearch(search) => &mut search.cursor,
            _ => return,
        };
        *cursor = next;
        if cursor.is_some() && !self.quiet {
            self.ask(request, world);
        }
    }

    fn message(&mut self, _: Message, _: &mut Outside<'_>) {}

    fn timer(&mut self, _: u64, world: &mut Outside<'_>) {
        if !self.quiet {
            let now = world.now();
            let wish = self.wish(now, world.chance());
            self.ask(wish, world);
            self.think(world);
        }
    }

    fn quiet(&mut self, _: &mut Outside<'_>) {
        self.quiet = true;
    }
}
