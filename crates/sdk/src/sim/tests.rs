//! Random programs in processes that crash, stand still and lose what they ask and are told, over
//! a whole engine. The simulator of this repository does more of it; this shows that the processes
//! here are fit for it.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use abide_node::{Config, Inline, Receiver, Timing};
use abide_protocol::{
    Address, Body, Extensions, Id, Message, Millis, PromiseRecord, PromiseSearch, Request,
    Response, Tags, tag,
};
use abide_store::MemoryStore;

use super::{Choices, Clock, Process, Programs, Ran, Wanted};

const RUNS: u64 = 700;
const PROCESSES: usize = 3;
const EVENTS: usize = 20_000;
/// Events between two looks whether it is over.
const LOOK: usize = 20;
/// What is due then is never due.
const FOREVER: Millis = 1 << 40;
/// From then on nothing goes wrong any more.
const QUIET: Millis = 60_000;
const ID: &str = "program";

enum Event {
    Arrive {
        process: usize,
        life: u64,
        number: u64,
        requests: Vec<Request>,
        answered: bool,
    },
    Answer {
        process: usize,
        life: u64,
        number: u64,
        answers: Option<Vec<Response>>,
    },
    TurnBack {
        process: usize,
        life: u64,
        number: u64,
    },
    Message {
        process: usize,
        message: Message,
    },
    Run {
        process: usize,
        life: u64,
    },
    Crash,
    /// From now on nothing goes wrong.
    Quiet,
}

struct Seat {
    process: Process,
    life: u64,
    id: String,
    stopped: Millis,
    /// When it is run next.
    run: Millis,
}

struct World {
    now: Millis,
    rng: fastrand::Rng,
    node: Inline,
    /// What the engine offers as long as it is not another one.
    extensions: Extensions,
    /// What it offers now.
    offered: Extensions,
    programs: Arc<Programs>,
    seats: Vec<Seat>,
    events: BTreeMap<(Millis, u64), Event>,
    last: u64,
    requests: u64,
    lives: u64,
    hash: DefaultHasher,
    aloud: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let extensions = if rng.u8(..3) == 0 { Extensions::none() } else { Extensions::all() };
        let preload_limit = [0, 1, 1_000][rng.usize(..3)];
        let timing = Timing { extensions, preload_limit, ..Timing::default() };
        let config = Config { timing, ..Config::default() };
        let programs = Programs::random(seed, &[(ID, 2 + seed as usize % 8)]);
        let mut world = Self {
            now: 1_000_000,
            node: Inline::open(Arc::new(MemoryStore::new()), &config, 1_000_000).unwrap(),
            rng,
            extensions,
            offered: extensions,
            programs,
            seats: Vec::new(),
            events: BTreeMap::new(),
            last: 0,
            requests: 0,
            lives: 0,
            hash: DefaultHasher::new(),
            aloud: std::env::var("ABIDE_SIM_SEED").is_ok_and(|s| s == seed.to_string()),
        };
        for seat in 0..PROCESSES {
            let process = world.begin(seat);
            world.seats.push(process);
        }
        for _ in 0..world.rng.u8(..8) {
            let at = world.now + world.rng.i64(0..QUIET);
            world.push(at, Event::Crash);
        }
        world.push(1_000_001 + QUIET, Event::Quiet);
        world
    }

    fn tell(&mut self, what: impl FnOnce() -> String) {
        let what = format!("{} {}", self.now, what());
        what.hash(&mut self.hash);
        if self.aloud {
            println!("{what}");
        }
    }

    fn clock(&self) -> Clock {
        Clock { steady: self.now, wall: self.now }
    }

    fn is_quiet(&self) -> bool {
        self.now > 1_000_000 + QUIET
    }

    fn happens(&mut self, one_in: u32) -> bool {
        !self.is_quiet() && self.rng.u32(..one_in) == 0
    }

    fn begin(&mut self, seat: usize) -> Seat {
        self.lives += 1;
        let choices = Choices {
            group: "default".into(),
            lease: 5_000,
            concurrency: 1 + self.rng.usize(..4),
            warm: self.rng.usize(..3),
            extensions: self.offered,
            drain: 3_000,
            begins: (seat == 0).then(|| ID.into()),
        };
        let process = Process::start(choices, &self.programs, self.rng.u64(..), self.clock());
        let (life, run) = (self.lives, self.now);
        self.push(run, Event::Run { process: seat, life });
        Seat { process, life, id: String::new(), stopped: 0, run }
    }

    fn push(&mut self, at: Millis, event: Event) {
        self.last += 1;
        self.events.insert((at, self.last), event);
    }

    fn later(&mut self, event: Event) {
        let span = if self.happens(40) { 10_000 } else { 30 };
        let at = self.now + self.rng.i64(0..span);
        self.push(at, event);
    }

    fn run(mut self) -> Result<(u64, u64), String> {
        for event in 0..EVENTS {
            let goes_on = self.step();
            self.programs.halted()?;
            if self.is_quiet() && (event.is_multiple_of(LOOK) || !goes_on) {
                let promises = self.promises();
                if Programs::are_over(&promises) {
                    self.programs.check(&ID.into(), &promises)?;
                    return Ok((self.hash.finish(), self.requests));
                }
            }
            if !goes_on {
                break;
            }
        }
        Err(format!("it does not end: {:#?}", self.promises()))
    }

    /// One thing happens; false if there is nothing left that could.
    fn step(&mut self) -> bool {
        while self.node.next_wake().is_some_and(|at| at <= self.now) {
            self.node.tick(self.now);
            self.post();
        }
        let wake = self.node.next_wake().filter(|at| *at < FOREVER).unwrap_or(FOREVER);
        match self.events.first_entry() {
            Some(entry) if entry.key().0 <= wake => {
                let ((at, _), event) = entry.remove_entry();
                self.now = self.now.max(at);
                self.happen(event);
            }
            _ if wake == FOREVER => return false,
            _ => self.now = wake,
        }
        true
    }

    fn promises(&mut self) -> Vec<Arc<PromiseRecord>> {
        let tags = Tags::from_iter([(tag::ORIGIN, ID)]);
        let search = PromiseSearch { state: None, tags, limit: Some(1_000), cursor: None };
        let found = self.node.call(Request::PromiseSearch(search), self.now);
        self.post();
        match found.body {
            Body::Promises { promises, cursor: None } => promises,
            other => panic!("{other:?}"),
        }
    }

    fn happen(&mut self, event: Event) {
        let stopped = match &event {
            Event::Answer { process, .. }
            | Event::TurnBack { process, .. }
            | Event::Message { process, .. }
            | Event::Run { process, .. } => self.seats[*process].stopped,
            _ => 0,
        };
        if stopped > self.now {
            return self.push(stopped, event);
        }
        match event {
            Event::Arrive { process, life, number, requests, .. } if !self.takes(&requests) => {
                self.tell(|| format!("{process}#{life} is turned back"));
                self.later(Event::TurnBack { process, life, number });
            }
            Event::TurnBack { process, life, number } => {
                if self.seats[process].life == life {
                    self.seats[process].process.turned_back(number, self.offered);
                    self.go_on(process);
                }
            }
            Event::Arrive { process, life, number, requests, answered } => {
                self.requests += requests.len() as u64;
                self.tell(|| format!("{process}#{life} asks {requests:?}"));
                let carry_out = |request| self.node.call(request, self.now);
                let answers: Vec<_> = requests.into_iter().map(carry_out).collect();
                self.tell(|| format!("{process}#{life} is answered {answers:?}"));
                let answers = Some(answers);
                self.post();
                if answered {
                    self.later(Event::Answer { process, life, number, answers });
                }
            }
            Event::Answer { process, life, number, answers } => {
                if self.seats[process].life == life {
                    if self.happens(4) {
                        self.seats[process].process.offers(self.offered);
                    }
                    self.seats[process].process.answered(number, answers);
                    self.go_on(process);
                }
            }
            Event::Message { process, message } => {
                self.tell(|| format!("{process} hears {message:?}"));
                self.seats[process].process.message(message);
                self.go_on(process);
            }
            Event::Run { process, life } => {
                if self.seats[process].life == life && self.seats[process].run <= self.now {
                    self.go_on(process);
                }
            }
            Event::Crash => self.crash(),
            Event::Quiet => {}
        }
    }

    fn crash(&mut self) {
        let seat = self.rng.usize(..PROCESSES);
        if self.rng.bool() {
            self.seats[seat].process.close();
            return self.go_on(seat);
        }
        self.leave(seat);
        self.seats[seat] = self.begin(seat);
    }

    fn leave(&mut self, seat: usize) {
        let id = std::mem::take(&mut self.seats[seat].id);
        if !id.is_empty() {
            let receiver = Receiver::Member { group: "default".into(), id: id.into() };
            self.node.disconnect(receiver, self.now);
        }
    }

    fn go_on(&mut self, seat: usize) {
        if self.happens(200) {
            self.seats[seat].stopped = self.now + self.rng.i64(0..20_000);
        }
        let clock = self.clock();
        let (mut rng, rough) = (self.rng.fork(), !self.is_quiet());
        let process = &mut self.seats[seat].process;
        let ran = process.run(clock, || rough && rng.u8(..) == 0);
        let (wanted, next) = (process.wants(), process.next());
        for wanted in wanted {
            match wanted {
                Wanted::Connect { group, id } => {
                    self.seats[seat].id = id.clone();
                    let receiver = Receiver::Member { group: group.into(), id: id.into() };
                    self.node.connect(receiver, self.now);
                    self.post();
                }
                Wanted::Requests { number, requests } => self.send(seat, number, requests),
            }
        }
        let life = self.seats[seat].life;
        match ran {
            Ran::Spinning => panic!("it spins"),
            Ran::Interrupted => {
                let at = self.now + self.rng.i64(0..10_000);
                self.seats[seat].run = at;
                self.push(at, Event::Run { process: seat, life });
            }
            Ran::Idle if self.seats[seat].process.is_closed() => {
                self.leave(seat);
                self.seats[seat] = self.begin(seat);
            }
            Ran::Idle => {
                let at = next.unwrap_or(Millis::MAX);
                self.seats[seat].run = at;
                if at < Millis::MAX {
                    self.push(at.max(self.now), Event::Run { process: seat, life });
                }
            }
        }
    }

    fn send(&mut self, process: usize, number: u64, requests: Vec<Request>) {
        let life = self.seats[process].life;
        let (arrives, answered) = match self.happens(30) {
            true => (self.rng.bool(), false),
            false => (true, true),
        };
        if !answered {
            let at = self.now + 3_000;
            self.push(at, Event::Answer { process, life, number, answers: None });
        }
        if arrives {
            self.later(Event::Arrive { process, life, number, requests, answered });
        }
    }

    /// Whether the engine carries requests out that have arrived. Now and then it is replaced by one
    /// that offers nothing, and back.
    fn takes(&mut self, requests: &[Request]) -> bool {
        if self.happens(20) {
            self.offered = if self.rng.bool() { self.extensions } else { Extensions::none() };
        }
        // One request that uses no extension is taken by every engine; what is more is a batch, which
        // leaves only for an engine that was known to offer them.
        let is_plain = requests.len() == 1 && requests[0].uses() == Extensions::none();
        is_plain || self.offered == self.extensions
    }

    fn post(&mut self) {
        loop {
            let deliveries = self.node.deliveries();
            if deliveries.is_empty() {
                return;
            }
            for letter in deliveries {
                let process = self.place(&letter.address);
                let taken = process.is_some() && !self.happens(10);
                if let Some(process) = process.filter(|_| taken) {
                    self.later(Event::Message { process, message: letter.message });
                }
                if let Some(delivery) = letter.delivery {
                    self.node.report(delivery, taken, self.now);
                }
            }
        }
    }

    fn place(&mut self, address: &str) -> Option<usize> {
        let (id, any) = match Address::parse(address).ok()? {
            Address::Uni { id, .. } => (Some(id), false),
            Address::Any { id, .. } => (id, true),
            Address::Http(_) => return None,
        };
        let named = self.seats.iter().position(|seat| id == Some(&*seat.id));
        named.or_else(|| any.then(|| self.rng.usize(..PROCESSES)))
    }
}

#[test]
fn random_programs_survive() {
    let runs = std::env::var("ABIDE_SIM_RUNS").ok().and_then(|runs| runs.parse().ok());
    let mut total = (0, 0);
    let one = std::env::var("ABIDE_SIM_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = one.map_or(0..runs.unwrap_or(RUNS), |seed: u64| seed..seed + 1);
    for seed in seeds {
        let world = World::new(seed);
        let (_, requests) = world.run().unwrap_or_else(|why| panic!("run {seed}: {why}"));
        total = (total.0 + 1, total.1 + requests);
    }
    println!("{} runs, {} requests", total.0, total.1);
    assert!(total.1 > 20 * total.0, "hardly anything happened: {total:?}");
}

#[test]
fn a_seed_decides_everything() {
    for seed in 0..30 {
        assert_eq!(World::new(seed).run(), World::new(seed).run(), "run {seed}");
    }
}

#[test]
fn ids_are_those_that_were_asked_for() {
    let programs = Programs::random(1, &[("a", 3), ("b", 3)]);
    assert!(programs.ids().eq([&Id::from("a"), &Id::from("b")]));
    assert!(programs.check(&"a".into(), &[]).unwrap_err().contains("not ended"));
}
