use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak},
};

use abide_engine::{Commit, Input, Output, Shard, Ticket};
use abide_protocol::{Address, Message, Millis, Request, Response, Status};
use abide_store::{Epoch, Error, Store};

use crate::{
    asked::Asked,
    caller::Caller,
    clock::Clock,
    disk::Read,
    group::Group,
    letter::{Content, Letter},
    outlet::Outlet,
    push::Push,
    receipt::Receipt,
    registry::Registry,
    shared::Shared,
    sync::{TaskId, planted},
};

/// What the lock of a node guards.
pub(crate) struct State {
    /// Itself, for the receipts of messages.
    pub(crate) shared: Weak<Shared>,
    pub(crate) phase: Phase,
    /// Counts the openings of the shard. What was asked by one is not told to the next.
    pub(crate) generation: u64,
    pub(crate) registry: Registry,
    pub(crate) callers: BTreeMap<Ticket, Caller>,
    last_ticket: Ticket,
    /// What is to be written, in order.
    pub(crate) writes: Vec<Write>,
    /// Whether somebody is writing.
    pub(crate) writing: bool,
    /// Who has called last.
    pub(crate) last_caller: Option<TaskId>,
    /// Whether the last commit took so little time that a thread of its own would take longer.
    pub(crate) quick: bool,
    /// Whether this opening of the store has committed anything yet, or is the first one.
    pub(crate) proved: bool,
    /// What is to be read.
    pub(crate) reads: Vec<Read>,
    /// What leaves when the lock is open again.
    pub(crate) outlet: Outlet,
    /// How many threads are reading.
    pub(crate) reading: usize,
    /// How many threads are dropping a shard that has failed, and its store with it.
    pub(crate) letting_go: usize,
    /// What time it is.
    pub(crate) clock: Clock,
    /// When the timer is set to ring.
    pub(crate) alarm: Option<Millis>,
    /// Whether requests that are only for debugging are served.
    debug: bool,
    /// Opens the store again after it has failed; gone when the node is closed.
    pub(crate) opener: Option<Opener>,
    /// Whether the writer is opening the store again.
    pub(crate) reopening: bool,
    /// The node has ended, and its store with it.
    pub(crate) over: bool,
    /// A simulation reads, writes and rings when it chooses to.
    #[cfg(feature = "testing")]
    pub(crate) by_hand: bool,
    /// In a simulation, somebody else has the store meanwhile.
    #[cfg(feature = "testing")]
    pub(crate) superseded: bool,
}

/// Opens a store, the first time and after each failure.
pub(crate) type Opener = Arc<dyn Fn() -> Result<Arc<dyn Store>, Error> + Send + Sync>;

/// What a node is doing.
pub(crate) enum Phase {
    /// It serves.
    Open(Box<Opened>),
    /// Its store has failed and is being opened again.
    Down,
    /// It takes no more calls and finishes those in progress.
    Closing(Box<Opened>),
    /// It is over.
    Closed,
}

/// A shard over its store.
pub(crate) struct Opened {
    pub(crate) shard: Shard,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) epoch: Epoch,
    /// The time of the last commit that was acknowledged, if the store knows it.
    pub(crate) floor: Millis,
}

/// The place of a call among others.
#[derive(Clone, Copy)]
pub(crate) struct Turn {
    /// Which opening of the shard has taken it in.
    generation: u64,
    ticket: Ticket,
}

/// Something to write.
pub(crate) enum Write {
    /// A batch.
    Commit(Commit),
    /// Nothing is to be left.
    Reset,
}

impl State {
    pub(crate) fn new(opened: Opened, opener: Opener, debug: bool) -> Self {
        let mut clock = Clock::new();
        clock.not_before(opened.floor);
        State {
            shared: Weak::new(),
            phase: Phase::Open(Box::new(opened)),
            generation: 1,
            registry: Registry::default(),
            callers: BTreeMap::new(),
            last_ticket: 0,
            writes: Vec::new(),
            writing: false,
            last_caller: None,
            quick: true,
            reads: Vec::new(),
            outlet: Outlet::default(),
            proved: true,
            reading: 0,
            letting_go: 0,
            clock,
            alarm: None,
            debug,
            opener: Some(opener),
            reopening: false,
            over: false,
            #[cfg(feature = "testing")]
            by_hand: false,
            #[cfg(feature = "testing")]
            superseded: false,
        }
    }

    /// The shard and its store, while they are there.
    pub(crate) fn opened(&mut self) -> Option<&mut Opened> {
        match &mut self.phase {
            Phase::Open(opened) | Phase::Closing(opened) => Some(opened),
            Phase::Down | Phase::Closed => None,
        }
    }

    /// Whether the node takes calls and connections, now or when its store is back.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open(_) | Phase::Down)
    }

    /// Whether the node takes calls now.
    pub(crate) fn is_serving(&self) -> bool {
        matches!(self.phase, Phase::Open(_))
    }

    /// Whether the node is closed and has let go of its store.
    pub(crate) fn is_closed(&self) -> bool {
        self.over
    }

    /// Whether the node is closed and nobody holds its store: neither who reads, nor who writes, nor
    /// who opens it again, nor who lets go of it.
    pub(crate) fn is_let_go_of(&self) -> bool {
        let used = self.reading > 0 || (self.writing && !planted!(ClosedWhileWriting));
        let released = self.letting_go == 0 || planted!(ClosedEarly);
        matches!(self.phase, Phase::Closed) && !used && !self.reopening && released
    }

    /// Takes in a call, to take effect after another one if there is one before it. What is refused is
    /// answered at once; the error is the ticket of that answer.
    pub(crate) fn call(
        &mut self,
        request: Request,
        debug_time: Option<Millis>,
        before: Option<Turn>,
        caller: Caller,
    ) -> Result<Turn, Ticket> {
        let ticket = self.ticket();
        let admitted = self.admit(&request, debug_time);
        match admitted.and_then(|time| self.takes_calls(before).map(|()| time)) {
            Ok(debug_time) => {
                self.callers.insert(ticket, caller);
                self.feed(match before {
                    None => Input::Call { ticket, request, debug_time },
                    Some(Turn { ticket: before, .. }) => {
                        Input::CallAfter { before, ticket, request, debug_time }
                    }
                });
                Ok(Turn { generation: self.generation, ticket })
            }
            Err(refusal) => {
                self.outlet.replies.push((ticket, caller, refusal));
                Err(ticket)
            }
        }
    }

    /// Takes in calls, each by itself.
    pub(crate) fn call_each(&mut self, asked: impl Iterator<Item = Asked>) {
        for Asked { request, debug_time, caller } in asked {
            // A refusal is an answer like any other.
            let _ = self.call(request, debug_time, None, caller);
        }
    }

    fn ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        self.last_ticket
    }

    /// Whether a call is taken in, and one that takes effect after another one.
    fn takes_calls(&self, before: Option<Turn>) -> Result<(), Response> {
        match self.phase {
            // What came before is lost, so this one is not to take effect either.
            _ if before.is_some_and(|before| before.generation != self.generation) => {
                Err(unavailable("the store has failed: try again"))
            }
            Phase::Open(_) => Ok(()),
            Phase::Down => Err(unavailable("the store has failed and is being reopened")),
            Phase::Closing(_) | Phase::Closed => Err(unavailable("the node is closing")),
        }
    }

    /// Takes in calls, each to take effect after the one before it. After one that there is no room
    /// for (429, 503) the rest is not taken in either, and answered alike.
    pub(crate) fn call_all(
        &mut self,
        requests: Vec<(Request, Option<Millis>)>,
        group: &Arc<Group>,
    ) {
        let mut before = None;
        let mut refusal: Option<Response> = None;
        for (place, (request, debug_time)) in requests.into_iter().enumerate() {
            let caller = Caller::member(group.clone(), place);
            if let Some(refusal) = &refusal {
                let ticket = self.ticket();
                self.outlet.replies.push((ticket, caller, refusal.clone()));
                continue;
            }
            let ticket = match self.call(request, debug_time, before, caller) {
                Ok(turn) if self.is_under_way(turn) => {
                    before = Some(turn);
                    continue;
                }
                Ok(turn) => {
                    self.pump();
                    turn.ticket
                }
                Err(ticket) => ticket,
            };
            refusal = self.outlet.reply(ticket).filter(|reply| is_overload(reply)).cloned();
        }
    }

    fn is_under_way(&mut self, turn: Turn) -> bool {
        self.opened().is_some_and(|opened| opened.shard.is_under_way(turn.ticket))
    }

    /// Refuses what is only for debugging, unless that is served, and a time with it.
    fn admit(
        &self,
        request: &Request,
        debug_time: Option<Millis>,
    ) -> Result<Option<Millis>, Response> {
        if self.debug {
            return Ok(debug_time);
        }
        if is_debug(request) {
            let text = format!("{} is not served: the server runs without --debug", request.kind());
            return Err(Response::error(Status::Forbidden, text));
        }
        Ok(None)
    }

    /// Tells the shard something, if it is there.
    pub(crate) fn feed(&mut self, input: Input) {
        let now = self.clock.now();
        self.guarded(|shard| shard.input(input, now));
    }

    /// Takes out everything that the shard wants.
    pub(crate) fn pump(&mut self) {
        while let Some(output) = self.guarded(Shard::output).flatten() {
            match output {
                Output::Load { load, keys } => self.reads.push(Read::Load { load, keys }),
                Output::Scan { scan, range, after, limit } => {
                    self.reads.push(Read::Scan { scan, range, after, limit });
                }
                Output::Commit(commit) => self.writes.push(Write::Commit(commit)),
                Output::Reset => self.writes.push(Write::Reset),
                Output::Reply { ticket, response } => {
                    if let Some(caller) = self.callers.remove(&ticket) {
                        self.outlet.replies.push((ticket, caller, response));
                    }
                }
                Output::Deliver { delivery, address, message } => {
                    self.deliver(delivery, address, message);
                }
            }
        }
    }

    /// Does something with the shard, if it is there. A broken invariant costs this opening of the
    /// shard, as a failed commit does, and never the process: what is durable is still right.
    fn guarded<T>(&mut self, with: impl FnOnce(&mut Shard) -> T) -> Option<T> {
        let shard = &mut self.opened()?.shard;
        match catch_unwind(AssertUnwindSafe(|| with(shard))) {
            Ok(value) => Some(value),
            // A simulation wants to know of it, unless the shard has read what its successor wrote.
            #[cfg(feature = "testing")]
            Err(panic) if self.by_hand && !self.superseded => std::panic::resume_unwind(panic),
            Err(_) => {
                self.fail("an invariant of the shard does not hold");
                None
            }
        }
    }

    /// Gives up this opening of the shard. What its calls came to is unknown.
    pub(crate) fn fail(&mut self, reason: &str) {
        tracing::error!(reason, "the shard is dropped and opened again from the store");
        self.generation += 1;
        self.reads.clear();
        if !fault!(LostWritesKept) {
            self.writes.clear();
        }
        self.alarm = None;
        for (ticket, caller) in std::mem::take(&mut self.callers) {
            if planted!(CallsForgotten) {
                std::mem::forget(caller);
                continue;
            }
            let response = unavailable("the store has failed: try again");
            self.outlet.replies.push((ticket, caller, response));
        }
        let next = if self.is_open() { Phase::Down } else { Phase::Closed };
        self.outlet.dropped.push(std::mem::replace(&mut self.phase, next));
        if matches!(self.phase, Phase::Closed) {
            self.end();
        }
    }

    /// Begins again with a newly opened shard.
    pub(crate) fn reopened(&mut self, opened: Opened) {
        if !matches!(self.phase, Phase::Down) {
            // It was closed in the meantime.
            self.outlet.dropped.push(Phase::Open(Box::new(opened)));
            return;
        }
        self.proved = false;
        self.clock.not_before(opened.floor);
        self.phase = Phase::Open(Box::new(opened));
        for receiver in self.registry.receivers() {
            if planted!(ConnectionsForgotten) {
                break;
            }
            self.feed(Input::Connected { receiver });
        }
    }

    /// Takes no more calls.
    pub(crate) fn close(&mut self) {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Closed) {
            Phase::Open(opened) => Phase::Closing(opened),
            Phase::Down => {
                self.end();
                Phase::Closed
            }
            phase => phase,
        };
    }

    /// Ends the node if it is closing and nothing is left to do.
    pub(crate) fn close_if_done(&mut self) {
        let done = self.callers.is_empty() && self.writes.is_empty() && !self.writing;
        if matches!(self.phase, Phase::Closing(_)) && done && self.reading == 0 {
            let phase = std::mem::replace(&mut self.phase, Phase::Closed);
            self.outlet.dropped.push(phase);
            self.end();
        }
    }

    fn end(&mut self) {
        self.registry.close();
        self.outlet.opener = self.opener.take();
    }

    fn deliver(&mut self, delivery: Option<u64>, address: Arc<str>, message: Message) {
        let receipt = |state: &State| {
            delivery.map(|delivery| Receipt::new(state.shared.clone(), state.generation, delivery))
        };
        let placed = match Address::parse(&address) {
            Ok(Address::Http(_)) => self.registry.push_place().map(|place| {
                let receipt = receipt(self);
                let push = Push { address, message, receipt };
                self.outlet.pushes.push((place, push));
            }),
            Ok(poll) => self.registry.place(&poll).map(|place| {
                let receipt = receipt(self);
                let content = Content { address: address.clone(), message, receipt };
                let letter = Letter::new(self.shared.clone(), content);
                self.outlet.letters.push((place, letter));
            }),
            Err(_) => None,
        };
        if placed.is_none()
            && let Some(delivery) = delivery
            && !fault!(RefusalUnreported)
        {
            self.feed(Input::Refused { delivery });
        }
    }

    /// Gives a message that its receiver has not read to another one; gives it back if there is
    /// none.
    pub(crate) fn forward(&mut self, content: Content) -> Option<Content> {
        let place = Address::parse(&content.address).ok().and_then(|to| self.registry.place(&to));
        match place {
            Some(place) => {
                let letter = Letter::new(self.shared.clone(), content);
                self.outlet.letters.push((place, letter));
                None
            }
            None => Some(content),
        }
    }
}

/// Whether a request was not taken in, for a reason that passes.
fn is_overload(response: &Response) -> bool {
    matches!(response.status, Status::TooManyRequests | Status::Unavailable)
}

fn is_debug(request: &Request) -> bool {
    matches!(
        request,
        Request::DebugStart
            | Request::DebugStop
            | Request::DebugReset
            | Request::DebugTick(_)
            | Request::DebugSnap
    )
}

/// An answer that asks the client to try again.
pub(crate) fn unavailable(text: &str) -> Response {
    Response::error(Status::Unavailable, text)
}
