use std::collections::BTreeMap;

use abide_protocol::{
    Body, Id, Leased, Message, Millis, Request, Response, Status, TaskAcquire, TaskHeartbeat,
    TaskState,
};

use super::{Habits, WORKERS, hold::Hold};
use crate::actor::{Actor, Outside};

/// The timer of the heartbeat; the others are named after what is held.
const HEARTBEAT: u64 = 0;
/// The timer after which it connects again.
const RECONNECT: u64 = 1;
/// The first of the others.
const WORK: u64 = 2;

/// How often a request that comes to nothing is made again.
const RETRIES: u32 = 3;

/// How often it extends its leases.
const BEAT: Millis = 1_000;

/// A worker: it acquires what it is offered, does something with it and settles it.
pub(super) struct Laborer {
    name: String,
    pid: String,
    lives: u64,
    /// What it connects as, unless messages are posted to it.
    connects: Option<String>,
    habits: Habits,
    /// What it holds, by a number of its own.
    holds: BTreeMap<u64, Hold>,
    last: u64,
    asked: BTreeMap<u64, Asked>,
    quiet: bool,
}

/// What a call was about.
enum Asked {
    Acquire {
        ttl: Millis,
    },
    /// Something about a hold; the last request of its message if `last`.
    Work {
        hold: u64,
        last: bool,
        requests: Vec<Request>,
    },
    Heartbeat,
}

impl Laborer {
    pub(super) fn new(name: String, connects: Option<String>, habits: Habits) -> Self {
        Laborer {
            pid: name.clone(),
            name,
            lives: 0,
            connects,
            habits,
            holds: BTreeMap::new(),
            last: 0,
            asked: BTreeMap::new(),
            quiet: false,
        }
    }

    fn connect(&self, world: &mut Outside<'_>) {
        if let Some(id) = &self.connects {
            world.connect(WORKERS, id);
        }
    }

    fn acquire(&mut self, id: Id, version: i64, world: &mut Outside<'_>) {
        let ttl = *world.chance().one_of(&[300, 3_000, 15_000]);
        let resumed = self.habits.extensions().resumed() && world.chance().once_in(2);
        let pid = self.pid.clone();
        let acquire = TaskAcquire { id, version, pid, ttl, resumed };
        let call = world.call(Request::TaskAcquire(acquire));
        self.asked.insert(call, Asked::Acquire { ttl });
    }

    fn claimed(&mut self, response: &Response, ttl: Millis, world: &mut Outside<'_>) {
        let Body::Claim { task, .. } = &response.body else { return };
        if task.state != TaskState::Acquired {
            return;
        }
        let steps = world.chance().below(6);
        self.holds.retain(|_, hold| hold.id != task.id);
        self.last += 1;
        self.holds.insert(self.last, Hold::new(task.id.clone(), task.version, ttl, steps));
        self.think(self.last, world);
    }

    fn think(&self, hold: u64, world: &mut Outside<'_>) {
        let pause = self.habits.pause(world.chance()) / 4;
        world.timer(WORK + hold, pause);
    }

    fn work(&mut self, hold: u64, world: &mut Outside<'_>) {
        let Some(held) = self.holds.get_mut(&hold) else { return };
        let now = world.now();
        let requests = if self.quiet {
            vec![held.fulfill(&self.habits, world.chance())]
        } else {
            held.next(&self.habits, now, world.chance())
        };
        self.send(hold, requests, world);
    }

    fn send(&mut self, hold: u64, requests: Vec<Request>, world: &mut Outside<'_>) {
        let last = requests.len() - 1;
        let first = world.batch(requests.clone());
        for number in 0..=last {
            let all = if number == last { requests.clone() } else { Vec::new() };
            let asked = Asked::Work { hold, last: number == last, requests: all };
            self.asked.insert(first + number as u64, asked);
        }
    }

    /// The answer to the last of a message's requests.
    fn worked(
        &mut self,
        hold: u64,
        requests: Vec<Request>,
        answer: Option<Response>,
        world: &mut Outside<'_>,
    ) {
        let Some(held) = self.holds.get_mut(&hold) else { return };
        let status = answer.map(|answer| answer.status);
        match status {
            None | Some(Status::TooManyRequests | Status::Unavailable) => {
                held.failures += 1;
                if held.failures > RETRIES {
                    self.holds.remove(&hold);
                } else {
                    self.send(hold, requests, world);
                }
            }
            Some(Status::Conflict | Status::NotFound) => {
                self.holds.remove(&hold);
            }
            Some(status) => {
                held.failures = 0;
                let done = requests.last().is_some_and(|request| match request {
                    Request::TaskFulfill(_) | Request::TaskRelease(_) => true,
                    Request::TaskSuspend(_) => status == Status::Ok,
                    _ => false,
                });
                if done {
                    self.holds.remove(&hold);
                } else {
                    self.think(hold, world);
                }
            }
        }
    }

    fn beat(&mut self, world: &mut Outside<'_>) {
        if !self.holds.is_empty() && !self.quiet {
            let all = world.chance().once_in(2);
            let named = self.holds.values().filter(|hold| !all && hold.ttl > BEAT);
            let leased = |hold: &Hold| Leased { id: hold.id.clone(), version: hold.version };
            let tasks = named.map(leased).collect();
            let beat = TaskHeartbeat { pid: self.pid.clone(), tasks };
            let call = world.call(Request::TaskHeartbeat(beat));
            self.asked.insert(call, Asked::Heartbeat);
        }
        if !self.quiet {
            world.timer(HEARTBEAT, BEAT);
        }
    }
}

impl Actor for Laborer {
    fn start(&mut self, world: &mut Outside<'_>) {
        self.lives += 1;
        self.pid = format!("{}-{}", self.name, self.lives);
        self.holds.clear();
        self.asked.clear();
        self.connect(world);
        world.timer(HEARTBEAT, BEAT);
    }

    fn answered(&mut self, call: u64, answer: Option<Response>, world: &mut Outside<'_>) {
        match (self.asked.remove(&call), answer) {
            (Some(Asked::Acquire { ttl }), Some(answer)) => self.claimed(&answer, ttl, world),
            (Some(Asked::Work { hold, last: true, requests }), answer) => {
                self.worked(hold, requests, answer, world);
            }
            _ => {}
        }
    }

    fn message(&mut self, message: Message, world: &mut Outside<'_>) {
        let Message::Execute { id, version } = message else { return };
        // Now and then it is too late, or asks for what it was not offered.
        let version = if world.chance().once_in(30) { (version - 1).max(0) } else { version };
        self.acquire(id, version, world);
    }

    fn timer(&mut self, name: u64, world: &mut Outside<'_>) {
        match name {
            HEARTBEAT => self.beat(world),
            RECONNECT => self.connect(world),
            hold => self.work(hold - WORK, world),
        }
    }

    fn disconnected(&mut self, world: &mut Outside<'_>) {
        let pause = world.chance().within(10, 500);
        world.timer(RECONNECT, pause);
    }

    fn quiet(&mut self, _: &mut Outside<'_>) {
        self.quiet = true;
    }

    fn is_busy(&self) -> bool {
        !self.holds.is_empty()
    }
}
