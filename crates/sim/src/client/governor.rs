use std::sync::Arc;

use abide_protocol::{
    Message, PromiseSettle, Request, Response, SettleState, TaskContinue, TaskGet, TaskHalt,
};

use super::Habits;
use crate::actor::{Actor, Outside};

/// A client that halts and continues tasks, and cancels trees.
pub(super) struct Governor {
    habits: Habits,
    quiet: bool,
}

impl Governor {
    pub(super) fn new(habits: Habits) -> Self {
        Governor { habits, quiet: false }
    }

    fn think(&self, world: &mut Outside<'_>) {
        let pause = 2 * self.habits.pause(world.chance());
        world.timer(0, pause);
    }
}

impl Actor for Governor {
    fn start(&mut self, world: &mut Outside<'_>) {
        self.think(world);
    }

    fn answered(&mut self, _: u64, _: Option<Response>, _: &mut Outside<'_>) {}

    fn message(&mut self, _: Message, _: &mut Outside<'_>) {}

    fn timer(&mut self, _: u64, world: &mut Outside<'_>) {
        if self.quiet {
            return;
        }
        let now = world.now();
        let chance = world.chance();
        let id = self.habits.root(now, chance);
        let request = match chance.below(5) {
            0 | 1 => Request::TaskHalt(TaskHalt { id }),
            2 | 3 => Request::TaskContinue(TaskContinue { id }),
            _ if chance.once_in(2) => Request::TaskGet(TaskGet { id }),
            _ => Request::PromiseSettle(PromiseSettle {
                id,
                state: SettleState::RejectedCanceled,
                value: Arc::default(),
            }),
        };
        world.call(request);
        self.think(world);
    }

    fn quiet(&mut self, _: &mut Outside<'_>) {
        self.quiet = true;
    }
}
