use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use abide_engine::{Commit, Input, Limits, Output, Receiver, Shard};
use abide_machine::{Config, Key, promise_at, task_at, testing::Follower};
use abide_protocol::{
    Body, Message, Millis, PromiseRecord, Request, Response, ScheduleRecord, TaskRecord, TaskState,
};

use super::disk::Disk;

/// How much a shard wants at once before it is clear that it will go on for ever.
const OUTPUTS: usize = 10_000;

/// How often it reads, writes or wakes before nothing is left to do, at most.
const ROUNDS: usize = 20_000;

/// A shard, its store and its receivers.
pub(crate) struct World {
    pub(crate) shard: Shard,
    pub(crate) disk: Disk,
    pub(crate) now: Millis,
    config: Config,
    limits: Limits,
    tickets: u64,
    /// Loads and scans that have not been answered.
    pub(crate) reads: Vec<Output>,
    /// Commits that have not ended.
    pub(crate) commits: VecDeque<Commit>,
    pub(crate) replies: BTreeMap<u64, Response>,
    pub(crate) delivered: Vec<Delivered>,
    resets: usize,
    /// How many commits have ended.
    ended: usize,
    /// With which of them each key was deleted last.
    deleted: BTreeMap<Key, usize>,
    /// How many had ended when each call was made.
    asked: BTreeMap<u64, usize>,
    /// The model beside the shard: every step of the machine is checked.
    pub(crate) follower: Follower,
}

/// A message that has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivered {
    pub(crate) delivery: Option<u64>,
    pub(crate) address: Arc<str>,
    pub(crate) message: Message,
}

pub(crate) fn member(group: &str, id: &str) -> Receiver {
    Receiver::Member { group: group.into(), id: id.into() }
}

fn watched(config: Config, limits: Limits, now: Millis) -> Shard {
    let mut shard = Shard::new(config, limits, now);
    shard.watch();
    shard
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Config::default(), Limits::default())
    }

    pub(crate) fn with(config: Config, limits: Limits) -> Self {
        let now = 1_000;
        World {
            shard: watched(config, limits, now),
            follower: Follower::new(config, Default::default(), now),
            disk: Disk { clock: now, ..Disk::default() },
            now,
            config,
            limits,
            tickets: 0,
            reads: Vec::new(),
            commits: VecDeque::new(),
            replies: BTreeMap::new(),
            delivered: Vec::new(),
            resets: 0,
            ended: 0,
            deleted: BTreeMap::new(),
            asked: BTreeMap::new(),
        }
    }

    /// Tells the shard something and takes out what it wants.
    pub(crate) fn input(&mut self, input: Input) {
        self.shard.input(input, self.now);
        self.pump();
    }

    /// Makes a call without waiting for its answer.
    pub(crate) fn ask(&mut self, request: Request) -> u64 {
        self.ask_at(request, None)
    }

    pub(crate) fn ask_at(&mut self, request: Request, debug_time: Option<Millis>) -> u64 {
        let ticket = self.ticket();
        self.input(Input::Call { ticket, request, debug_time });
        ticket
    }

    fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.asked.insert(self.tickets, self.ended);
        self.tickets
    }

    /// Makes two calls of which the second takes effect after the first, and waits until nothing is
    /// left to do.
    pub(crate) fn call_in_turn(&mut self, first: Request, then: Request) -> [Response; 2] {
        let before = self.ask(first);
        let ticket = self.ticket();
        self.input(Input::CallAfter { before, ticket, request: then, debug_time: None });
        self.finish();
        [before, ticket].map(|ticket| self.answer(ticket))
    }

    /// Makes a call and waits until nothing is left to do.
    pub(crate) fn call(&mut self, request: Request) -> Response {
        let ticket = self.ask(request);
        self.finish();
        self.answer(ticket)
    }

    /// The answer to a call, which must be there.
    pub(crate) fn answer(&mut self, ticket: u64) -> Response {
        self.replies.remove(&ticket).expect("the call is answered")
    }

    fn pump(&mut self) {
        let mut outputs = 0..OUTPUTS;
        while let Some(output) = self.shard.output() {
            assert!(outputs.next().is_some(), "a shard comes to rest");
            self.follow();
            match output {
                Output::Load { .. } | Output::Scan { .. } => self.reads.push(output),
                Output::Commit(commit) => {
                    self.commits.push_back(commit);
                    assert!(self.commits.len() <= self.limits.in_flight);
                }
                Output::Reply { ticket, response } => {
                    let since = self.asked.remove(&ticket).unwrap_or_default();
                    self.check_response(&response, since);
                    let before = self.replies.insert(ticket, response);
                    assert_eq!(before, None, "a call is answered once");
                }
                Output::Deliver { delivery, address, message } => {
                    self.check_message(delivery, &address, &message);
                    self.delivered.push(Delivered { delivery, address, message });
                }
                Output::Reset => self.resets += 1,
            }
        }
        self.follow();
    }

    /// Takes over what the shard has done.
    fn follow(&mut self) {
        for taken in self.shard.watched() {
            if let Err((broken, transition)) = self.follower.follow(&taken) {
                panic!("{broken}\n{transition}");
            }
        }
    }

    /// Answers one of the reads.
    pub(crate) fn read(&mut self, which: usize) {
        let input = match self.reads.remove(which) {
            Output::Load { load, keys } => Input::Loaded { load, rows: self.disk.load(keys) },
            Output::Scan { scan, range, after, limit } => {
                Input::Scanned { scan, page: self.disk.scan(&range, after.as_ref(), limit) }
            }
            other => panic!("{other:?} is no read"),
        };
        self.input(input);
    }

    /// Answers one of the reads with what the store holds now, but tells the shard later: the
    /// caller passes the input on.
    pub(crate) fn begin_read(&mut self, which: usize) -> Input {
        match self.reads.remove(which) {
            Output::Load { load, keys } => Input::Loaded { load, rows: self.disk.load(keys) },
            Output::Scan { scan, range, after, limit } => {
                Input::Scanned { scan, page: self.disk.scan(&range, after.as_ref(), limit) }
            }
            other => panic!("{other:?} is no read"),
        }
    }

    /// Ends the oldest commit.
    pub(crate) fn commit(&mut self) {
        let commit = self.commits.pop_front().expect("a commit is under way");
        self.disk.commit(&commit);
        self.ended += 1;
        let gone = commit.rows.into_iter().filter(|(_, row)| row.is_none());
        self.deleted.extend(gone.map(|(key, _)| (key, self.ended)));
        self.input(Input::Committed { batch: commit.batch });
    }

    /// Does all reads and commits until nothing is left to do.
    pub(crate) fn finish(&mut self) {
        self.pump();
        for _ in 0..ROUNDS {
            if !self.reads.is_empty() {
                self.read(0);
            } else if !self.commits.is_empty() {
                self.commit();
            } else if self.resets > 0 {
                self.resets -= 1;
                self.disk = Disk::default();
                self.follower.restart(Default::default(), 0);
                self.input(Input::ResetDone);
            } else {
                assert_eq!(*self.follower.model().rows(), self.disk.rows, "all is durable");
                return;
            }
        }
        panic!("a shard comes to rest");
    }

    /// Lets time pass, waking the shard exactly when it asks for it.
    pub(crate) fn advance(&mut self, to: Millis) {
        self.finish();
        let mut wakes = 0..ROUNDS;
        while let Some(wake) = self.shard.next_wake().filter(|wake| *wake <= to) {
            assert!(wakes.next().is_some(), "a shard comes to rest");
            self.now = self.now.max(wake);
            self.input(Input::Tick);
            self.finish();
        }
        self.now = self.now.max(to);
    }

    /// Loses everything that is not durable and opens the shard anew, at the time that the store
    /// knows. What was read before the crash is not told to the new shard.
    pub(crate) fn crash(&mut self) {
        self.shard = watched(self.config, self.limits, self.disk.clock);
        self.follower.restart(self.disk.rows.clone(), self.disk.clock);
        self.reads.clear();
        self.commits.clear();
        self.asked.clear();
        self.pump();
    }

    /// The messages that have left since it was last asked.
    pub(crate) fn messages(&mut self) -> Vec<Delivered> {
        std::mem::take(&mut self.delivered)
    }

    /// Reports a message that must not be lost as taken, or as refused.
    pub(crate) fn report(&mut self, delivered: &Delivered, taken: bool) {
        let Some(delivery) = delivered.delivery else { return };
        self.input(if taken { Input::Taken { delivery } } else { Input::Refused { delivery } });
    }

    /// Nothing that a reply tells may be lost, unless it was deleted since it was asked for.
    fn check_response(&self, response: &Response, since: usize) {
        if let Some(promise) = response.promise() {
            self.check_promise(promise, since);
        }
        response.preload().iter().for_each(|promise| self.check_promise(promise, since));
        if let Some(task) = response.task() {
            self.check_task(task, since);
        }
        match &response.body {
            Body::Promises { promises, .. } => {
                promises.iter().for_each(|promise| self.check_promise(promise, since));
            }
            Body::Tasks { tasks, .. } => {
                tasks.iter().for_each(|task| self.check_task(task, since));
            }
            Body::Schedules { schedules, .. } => {
                schedules.iter().for_each(|schedule| self.check_schedule(schedule, since));
            }
            _ => {}
        }
    }

    fn is_gone(&self, key: &Key, since: usize) -> bool {
        self.deleted.get(key).is_some_and(|with| *with > since)
    }

    fn check_promise(&self, told: &PromiseRecord, since: usize) {
        if self.is_gone(&Key::Promise(told.id.clone()), since) {
            return;
        }
        let stored = self.disk.promise(&told.id);
        let stored = stored.unwrap_or_else(|| panic!("what is told is durable: {told:?} is not"));
        if !told.is_pending() {
            // At the time that the store knows: the next shard may begin then.
            let stored = promise_at(&stored.record, self.disk.clock);
            assert_eq!(*stored, *told, "what is told is durable");
        }
    }

    fn check_schedule(&self, told: &ScheduleRecord, since: usize) {
        let key = Key::Schedule(told.id.clone());
        let stored = self.disk.rows.contains_key(&key);
        assert!(stored || self.is_gone(&key, since), "what is told is durable: {told:?} is not");
    }

    fn check_task(&self, told: &TaskRecord, since: usize) {
        if self.is_gone(&Key::Task(told.id.clone()), since) {
            return;
        }
        let stored = self.disk.task(&told.id);
        let stored = stored.unwrap_or_else(|| panic!("what is told is durable: {told:?} is not"));
        assert!(
            stored.version >= told.version,
            "what is told is durable: {told:?} is not, but {stored:?}"
        );
        if told.state == TaskState::Fulfilled {
            let promise = self.disk.promise(&told.id).expect("a task has a promise");
            let stored = task_at(stored, &promise.record, self.disk.clock);
            assert_eq!(stored.state(), told.state, "what is told is durable: {told:?}");
        }
    }

    fn check_message(&self, delivery: Option<u64>, address: &Arc<str>, message: &Message) {
        match message {
            Message::Execute { id, version } => {
                assert_eq!(delivery, None, "an offer may be lost");
                let stored = self.disk.task(id).expect("what is offered is durable");
                assert!(
                    stored.version >= *version,
                    "what is offered is durable: {message:?} of {stored:?}"
                );
            }
            Message::Unblock { promise } => {
                assert!(delivery.is_some() && !promise.is_pending());
                self.check_promise(promise, self.ended);
                let key = Key::Unblock(address.clone(), promise.id.clone());
                assert!(
                    self.disk.rows.contains_key(&key),
                    "a message that leaves is stored: {message:?}"
                );
            }
        }
    }
}
