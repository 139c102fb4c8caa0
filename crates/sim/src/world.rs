//! A system, from its disk to its clients, in one thread and in virtual time. Everything that
//! happens is an event in a queue, and everything that is left open is decided by chance.

mod calls;
mod depot;
mod event;
mod host;
mod mishaps;
mod nodes;
mod posts;
mod rest;
mod seat;
mod seats;
mod streams;

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
};

use abide_machine::testing::Tally;
use abide_protocol::{Id, Millis, Request};

use crate::{
    Plant, Setting,
    actor::Broken,
    chance::Chance,
    check::{History, Op},
    disk::Disk,
    plan::{Dial, Plan},
    queue::Queue,
    trace::Trace,
};
use depot::Depot;
use event::Event;
use host::Host;
pub(crate) use nodes::PROPERTY;
pub(crate) use rest::{HEARD, INDEXED, OFFERED, RESTS};
pub(crate) use seat::Member;
use seat::Seat;
use streams::Stream;

/// When every run begins.
pub(crate) const BEGINNING: Millis = 1_000_000_000;

/// How many events a run has at most: one that has more does not come to an end.
const MAX_EVENTS: u64 = 200_000;

/// A run always comes to its end.
pub(crate) const ENDS: &str = "the run comes to its end";

/// A run while it goes on.
pub(crate) struct World {
    now: Millis,
    queue: Queue<Event>,
    plan: Plan,
    /// What the world itself leaves to chance.
    chance: Chance,
    depot: Arc<Depot>,
    hosts: Vec<Host>,
    /// The one that is reached.
    serving: Option<usize>,
    seats: Vec<Seat>,
    calls: BTreeMap<u64, Call>,
    last_call: u64,
    streams: BTreeMap<u64, Stream>,
    last_stream: u64,
    history: History,
    trace: Trace,
    /// Since when nothing goes wrong any more.
    quiet: Option<Millis>,
    /// Since when nothing is left to do.
    rested: Option<Millis>,
    /// When each task was last offered to somebody.
    offers: BTreeMap<Id, Millis>,
    /// Since when each task has been waiting for a worker in the quiet time.
    waiting: BTreeMap<Id, (i64, Millis)>,
    /// What each listener has heard of.
    heard: BTreeSet<(usize, Id)>,
    tally: Tally,
    broken: Option<Broken>,
    over: bool,
    plant: Option<Plant>,
    pub(crate) counts: Counts,
}

/// A call.
struct Call {
    seat: usize,
    life: u64,
    /// The actor's number of its first request.
    first: u64,
    requests: Rc<[Request]>,
    ops: Vec<Op>,
    /// Whether it has come to something for the caller, if only to nothing.
    over: bool,
}

/// How much has happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events.
    pub events: u64,
    /// Steps of the machine.
    pub steps: u64,
    /// Requests made.
    pub requests: u64,
    /// Messages that came to somebody.
    pub messages: u64,
    /// Commits that the store has acknowledged.
    pub commits: u64,
    /// Nodes started.
    pub starts: u64,
    /// Things that went wrong at a time of their own.
    pub mishaps: u64,
    /// Writes, syncs and reads of the disk that failed.
    pub disk_failures: u64,
    /// Commits refused because the shard had been claimed by another node.
    pub fenced: u64,
}

/// What a run came to.
pub(crate) struct End {
    pub(crate) hash: u64,
    pub(crate) counts: Counts,
    pub(crate) simulated: Millis,
    pub(crate) tally: Tally,
    pub(crate) story: Vec<String>,
    pub(crate) broken: Option<(Broken, Millis)>,
}

impl World {
    /// The world of a seed, before anything has happened.
    pub(crate) fn new(seed: u64, setting: &Setting) -> Self {
        let root = Chance::new(seed);
        let plan = Plan::new(&mut root.fork(1), setting);
        let mut disk = Disk::new(root.fork(2));
        disk.faults = plan.disk();
        let mut world = World {
            now: BEGINNING,
            queue: Queue::default(),
            chance: root.fork(3),
            depot: Arc::new(Depot::new(disk, plan.shared, setting.plant)),
            hosts: Vec::new(),
            serving: None,
            seats: Vec::new(),
            calls: BTreeMap::new(),
            last_call: 0,
            streams: BTreeMap::new(),
            last_stream: 0,
            history: History::default(),
            trace: Trace::new(setting.story),
            quiet: None,
            rested: None,
            offers: BTreeMap::new(),
            waiting: BTreeMap::new(),
            heard: BTreeSet::new(),
            tally: Tally::default(),
            broken: None,
            over: false,
            plant: setting.plant,
            counts: Counts::default(),
            plan,
        };
        world.trace.tell(0, || format!("seed {seed}: {:?}", world.plan));
        world.queue.push(world.now, Event::Start { name: "a" });
        world.cast(&root);
        world.plan_mishaps(&mut root.fork(4));
        world.queue.push(BEGINNING + world.plan.span, Event::Quiet);
        world
    }

    /// Lets everything happen.
    pub(crate) fn run(mut self, blind: &[&'static str]) -> End {
        while let Some((at, event)) = self.queue.pop() {
            self.now = self.now.max(at);
            self.counts.events += 1;
            let (kind, what) = event.mark();
            self.trace.event(self.now, kind, what, 0);
            self.happen(event);
            if self.counts.events >= MAX_EVENTS {
                self.breaks(Broken::new(ENDS, format!("{MAX_EVENTS} events and no end")));
            }
            if let Some(broken) = self.depot.ledger().take_broken() {
                self.broken.get_or_insert(broken);
            }
            if self.broken.as_ref().is_some_and(|broken| blind.contains(&broken.checker)) {
                self.broken = None;
            }
            if self.over || self.broken.is_some() {
                break;
            }
        }
        self.end(blind)
    }

    fn end(mut self, blind: &[&'static str]) -> End {
        if self.broken.is_none() {
            self.broken = self.history.check(blind).err();
        }
        for host in &mut self.hosts {
            host.kill();
        }
        abide_node::testing::set_clock(None);
        let (disk, ledger) = (self.depot.disk().counts, self.depot.ledger());
        self.counts.disk_failures = disk.failed;
        self.counts.commits = ledger.commits;
        self.counts.fenced = ledger.fenced;
        for host in &self.hosts {
            self.tally.merge(host.follower.tally());
        }
        let hash = self.trace.finish(&ledger.hash);
        let simulated = self.now - BEGINNING;
        if let Some(broken) = &self.broken {
            self.trace.tell(simulated, || format!("BROKEN: {}: {}", broken.checker, broken.why));
        }
        End {
            hash,
            counts: self.counts,
            simulated,
            tally: self.tally,
            story: self.trace.take_story(),
            broken: self.broken.map(|broken| (broken, simulated)),
        }
    }

    fn happen(&mut self, event: Event) {
        if let Some(seat) = event.seat(|call| self.calls.get(&call).map(|call| call.seat))
            && self.seats[seat].stopped > self.now
        {
            return self.queue.push(self.seats[seat].stopped, event);
        }
        match event {
            Event::Start { name } => self.start(name),
            Event::Read { host, reading } => self.read(host, reading),
            Event::Found { host, found } => self.found(host, found),
            Event::Write { host } => self.write(host),
            Event::Late { node, batches } => node.write(batches),
            Event::Ring { host } => self.ring(host),
            Event::Reopen { host } => self.reopen(host),
            Event::End { host } => self.kill(host),
            Event::Arrive { call } => self.arrive(call),
            Event::Reply { call, responses } => self.reply(call, responses),
            Event::GiveUp { call } => self.give_up(call),
            Event::Join { stream } => self.join(stream),
            Event::Written { host, stream, message, receipt } => {
                self.written(host, stream, message, receipt);
            }
            Event::Message { stream, message } => self.streamed(stream, message),
            Event::Broken { stream } => self.lose(stream),
            Event::Left { stream } => self.left(stream),
            Event::Post { host, seat, message, receipt } => self.post(host, seat, message, receipt),
            Event::Posted { host, receipt, taken } => self.posted(host, receipt, taken),
            Event::Timer { seat, life, name } => self.timer(seat, life, name),
            Event::Enter { seat } => self.enter(seat),
            Event::Mishap(dial) => self.mishap(dial),
            Event::Quiet => self.quiet_down(),
            Event::Probe => self.probe(),
        }
    }

    fn breaks(&mut self, broken: Broken) {
        self.broken.get_or_insert(broken);
    }

    fn after(&mut self, span: Millis, event: Event) {
        self.queue.push(self.now + span, event);
    }

    /// True at the rate of a dial, while things go wrong.
    fn fails(&mut self, dial: Dial) -> bool {
        self.quiet.is_none() && self.chance.permille(self.plan.of(dial))
    }

    /// How long a message is on its way.
    fn travel(&mut self) -> Millis {
        let span = self.chance.within(0, self.plan.travel);
        if self.fails(Dial::Delay) { span + self.chance.within(0, 20_000) } else { span }
    }

    fn since(&self) -> Millis {
        self.now - BEGINNING
    }
}

impl Counts {
    /// Adds what has happened in another run.
    pub fn add(&mut self, other: &Counts) {
        self.events += other.events;
        self.steps += other.steps;
        self.requests += other.requests;
        self.messages += other.messages;
        self.commits += other.commits;
        self.starts += other.starts;
        self.mishaps += other.mishaps;
        self.disk_failures += other.disk_failures;
        self.fenced += other.fenced;
    }
}
