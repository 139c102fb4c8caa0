use std::sync::Arc;

use abide::sim::{Choices, Clock, Process, Programs, Ran, Wanted};
use abide_protocol::{Message, Millis, Response};

use super::groups::Groups;
use crate::actor::{Actor, Broken, Outside};

/// A worker finds no fault with a program.
pub(crate) const HALTED: &str = "no execution of a program is halted";
/// A worker comes to rest.
pub(crate) const SPINS: &str = "no worker spins";

/// Timers: it is time for something within the process, ...
const RUN: u64 = 0;
/// ... to connect again, ...
const CONNECT: u64 = 1;
/// ... to end as processes are asked to, ...
const CLOSE: u64 = 2;
/// ... to start again after that.
const START: u64 = 3;

/// One step in so many ends with the process standing still, as if the machine did something else.
const STANDS: usize = 300;

/// How long it stands still at most: longer than a lease.
const STILL: Millis = 12_000;

/// How long a process that was asked to end lives at most before that.
const LIFE: Millis = 30_000;

/// How long it takes until a process that has ended is started again.
const AWAY: Millis = 3_000;

/// A worker process of the SDK.
pub(super) struct Worker {
    choices: Choices,
    programs: Arc<Programs>,
    process: Option<Process>,
    groups: Groups,
    /// What it is a member of, and by which name.
    member: Option<(String, String)>,
    /// When it is run next.
    next: Option<Millis>,
    /// Until when it stands still.
    still: Millis,
    quiet: bool,
    spins: bool,
}

impl Worker {
    pub(super) fn new(choices: Choices, programs: Arc<Programs>) -> Self {
        Worker {
            choices,
            programs,
            process: None,
            groups: Groups::default(),
            member: None,
            next: None,
            still: 0,
            quiet: false,
            spins: false,
        }
    }

    /// Has the process do what it can.
    fn go_on(&mut self, world: &mut Outside<'_>) {
        let Some(process) = &mut self.process else { return };
        let now = world.now();
        if self.still > now {
            return;
        }
        let quiet = self.quiet;
        let ran = process.run(clock(now), || !quiet && world.chance().once_in(STANDS));
        let (wants, closed, next) = (process.wants(), process.is_closed(), process.next());
        for wanted in wants {
            self.carry_out(wanted, world);
        }
        match ran {
            Ran::Spinning => self.spins = true,
            Ran::Interrupted => {
                let span = world.chance().within(0, STILL);
                world.note(|| format!("stands still for {span} ms"));
                self.still = now + span;
                world.timer(RUN, span);
            }
            Ran::Idle if closed => {
                world.note(|| "ends as it was asked to".to_owned());
                self.process = None;
                world.disconnect();
                let span = world.chance().within(0, AWAY);
                world.timer(START, span);
            }
            Ran::Idle => {
                let Some(at) = next else { return };
                if self.next.is_none_or(|set| set <= now || set > at) {
                    self.next = Some(at);
                    world.timer(RUN, at - now);
                }
            }
        }
    }

    fn carry_out(&mut self, wanted: Wanted, world: &mut Outside<'_>) {
        match wanted {
            Wanted::Requests { number, requests } => {
                let size = requests.len();
                let first = world.batch(requests);
                self.groups.sent(number, first, size);
            }
            Wanted::Connect { group, id } => {
                world.connect(&group, &id);
                self.member = Some((group, id));
            }
        }
    }
}

fn clock(now: Millis) -> Clock {
    Clock { steady: now, wall: now }
}

impl Actor for Worker {
    fn start(&mut self, world: &mut Outside<'_>) {
        (self.groups, self.member, self.next, self.still) = (Groups::default(), None, None, 0);
        let (now, seed) = (world.now(), world.chance().number());
        let choices = self.choices.clone();
        self.process = Some(Process::start(choices, &self.programs, seed, clock(now)));
        if !self.quiet && world.chance().once_in(3) {
            let span = world.chance().within(0, LIFE);
            world.timer(CLOSE, span);
        }
        self.go_on(world);
    }

    fn answered(&mut self, call: u64, answer: Option<Response>, world: &mut Outside<'_>) {
        let Some((number, answers)) = self.groups.answered(call, answer) else { return };
        if let Some(process) = &mut self.process {
            process.answered(number, answers);
            self.go_on(world);
        }
    }

    fn message(&mut self, message: Message, world: &mut Outside<'_>) {
        if let Some(process) = &mut self.process {
            process.message(message);
            self.go_on(world);
        }
    }

    fn timer(&mut self, name: u64, world: &mut Outside<'_>) {
        match name {
            START if self.process.is_none() => self.start(world),
            CLOSE => {
                if let Some(process) = self.process.as_mut().filter(|_| !self.quiet) {
                    world.note(|| "is asked to end".to_owned());
                    process.close();
                    self.go_on(world);
                }
            }
            CONNECT => {
                if let Some((group, id)) = self.member.as_ref().filter(|_| self.process.is_some()) {
                    world.connect(group, id);
                }
            }
            _ => self.go_on(world),
        }
    }

    fn disconnected(&mut self, world: &mut Outside<'_>) {
        let pause = world.chance().within(10, 500);
        world.timer(CONNECT, pause);
    }

    fn quiet(&mut self, world: &mut Outside<'_>) {
        (self.quiet, self.still) = (true, 0);
        self.go_on(world);
    }

    fn verdict(&self) -> Result<(), Broken> {
        if self.spins {
            return Err(Broken::new(SPINS, format!("{:?}", self.choices)));
        }
        self.programs.halted().map_err(|why| Broken::new(HALTED, why))
    }
}
