//! Who is outside of the engine, and what it can do there.

use abide_protocol::{Message, Millis, Request, Response};

use crate::chance::Chance;

/// Somebody outside of the engine: a client or a worker process. It acts when something happens to
/// it, and only by way of the [`Outside`] that it is then given.
pub trait Actor {
    /// The process starts: for the first time, or again after a crash. Then nothing that only a
    /// process has may be left: no earlier call is answered any more, no earlier timer rings, and
    /// it is not connected.
    fn start(&mut self, world: &mut Outside<'_>);

    /// A call is answered, or it is unknown what came of it (`None`: nothing came in time, the
    /// connection broke). It may take effect later still.
    fn answered(&mut self, call: u64, answer: Option<Response>, world: &mut Outside<'_>);

    /// A message has come by the connection, or was posted to the actor's address. A posted one
    /// counts as taken.
    fn message(&mut self, message: Message, world: &mut Outside<'_>);

    /// A timer rings.
    fn timer(&mut self, name: u64, world: &mut Outside<'_>);

    /// The connection has broken. Whoever wants to go on hearing connects again.
    fn disconnected(&mut self, world: &mut Outside<'_>) {
        let _ = world;
    }

    /// From now on nothing fails any more. Whoever makes up work begins none that is new; whoever
    /// carries it out goes on until there is none.
    fn quiet(&mut self, world: &mut Outside<'_>) {
        let _ = world;
    }

    /// Whether the actor still waits for something that has to come. The quiet time lasts until
    /// nobody does; if that never happens, the run has failed.
    fn is_busy(&self) -> bool {
        false
    }

    /// What the actor itself finds wrong, asked after every event of its and once at the end.
    fn verdict(&self) -> Result<(), Broken> {
        Ok(())
    }
}

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which checker has found it.
    pub checker: &'static str,
    /// What it has found.
    pub why: String,
}

impl Broken {
    /// What a checker has found.
    pub fn new(checker: &'static str, why: impl Into<String>) -> Self {
        Broken { checker, why: why.into() }
    }
}

/// What an actor wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Requests to carry out in their order. The first has this number, and the rest the next.
    Call { first: u64, requests: Vec<Request> },
    /// Connect as a member of a group, instead of whatever the connection was before.
    Connect { group: String, id: String },
    /// End the connection.
    Disconnect,
    /// Ring after so many milliseconds.
    Timer { name: u64, after: Millis },
    /// For the story of the run.
    Note(String),
}

/// The world as an actor sees it.
pub struct Outside<'a> {
    pub(crate) now: Millis,
    pub(crate) noting: bool,
    pub(crate) chance: &'a mut Chance,
    pub(crate) last_call: &'a mut u64,
    pub(crate) deeds: &'a mut Vec<Deed>,
}

impl Outside<'_> {
    /// The time by the actor's own clock.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// Chance of the actor's own.
    pub fn chance(&mut self) -> &mut Chance {
        self.chance
    }

    /// Makes a call, and gives the number that its answer will bear. Every call is answered once
    /// by [`Actor::answered`], unless the process crashes first.
    pub fn call(&mut self, request: Request) -> u64 {
        self.batch(vec![request])
    }

    /// Sends several requests in one message: they are carried out in their order. The number is
    /// that of the first, and the others have the numbers after it; each is answered by itself.
    pub fn batch(&mut self, requests: Vec<Request>) -> u64 {
        let first = *self.last_call + 1;
        *self.last_call += requests.len() as u64;
        self.deeds.push(Deed::Call { first, requests });
        first
    }

    /// Connects as a member of a group, in place of any connection before. It takes some time, and
    /// may fail: then [`Actor::disconnected`] says so.
    pub fn connect(&mut self, group: &str, id: &str) {
        self.deeds.push(Deed::Connect { group: group.to_owned(), id: id.to_owned() });
    }

    /// Ends the connection.
    pub fn disconnect(&mut self) {
        self.deeds.push(Deed::Disconnect);
    }

    /// Has a timer ring once, after so many milliseconds. Names need not be unique.
    pub fn timer(&mut self, name: u64, after: Millis) {
        self.deeds.push(Deed::Timer { name, after: after.max(0) });
    }

    /// Writes into the story of the run, which `--trace` prints. The text is made only then.
    pub fn note(&mut self, text: impl FnOnce() -> String) {
        if self.noting {
            self.deeds.push(Deed::Note(text()));
        }
    }
}
