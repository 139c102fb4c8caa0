use std::rc::Rc;

use abide_node::{
    Receipt,
    testing::{Batches, Found, Manual, Reading},
};
use abide_protocol::{Message, Response};

use crate::plan::Dial;

/// Something that happens.
pub(crate) enum Event {
    /// A node is started.
    Start { name: &'static str },
    /// A node reads.
    Read { host: usize, reading: Reading },
    /// A node gets what it has read.
    Found { host: usize, found: Found },
    /// What a node writes is written.
    Write { host: usize },
    /// What a dead node was about to write reaches the store all the same.
    Late { node: Rc<Manual>, batches: Batches },
    /// A node's timer rings.
    Ring { host: usize },
    /// A node opens its store again.
    Reopen { host: usize },
    /// A node that was taken over ends.
    End { host: usize },
    /// A call reaches the node.
    Arrive { call: u64 },
    /// The answers to a call reach whoever made it.
    Reply { call: u64, responses: Vec<Response> },
    /// Whoever made a call has waited for long enough, or is told that nothing will come.
    GiveUp { call: u64 },
    /// A connection reaches the node.
    Join { stream: u64 },
    /// The node has written a message into a connection.
    Written { host: usize, stream: u64, message: Message, receipt: Option<Receipt> },
    /// It comes out at the other end.
    Message { stream: u64, message: Message },
    /// An actor learns that its connection has broken.
    Broken { stream: u64 },
    /// The node learns that a connection has broken.
    Left { stream: u64 },
    /// A message is posted to an actor.
    Post { host: usize, seat: usize, message: Message, receipt: Option<Receipt> },
    /// The node learns whether it was taken.
    Posted { host: usize, receipt: Receipt, taken: bool },
    /// An actor's timer rings.
    Timer { seat: usize, life: u64, name: u64 },
    /// An actor's process starts.
    Enter { seat: usize },
    /// Something goes wrong.
    Mishap(Dial),
    /// From now on nothing does.
    Quiet,
    /// Time to look whether all is at rest.
    Probe,
}

impl Event {
    /// The actor that it happens to.
    pub(crate) fn seat(&self, of_call: impl Fn(u64) -> Option<usize>) -> Option<usize> {
        match self {
            Event::Reply { call, .. } | Event::GiveUp { call } => of_call(*call),
            Event::Post { seat, .. } | Event::Timer { seat, .. } => Some(*seat),
            _ => None,
        }
    }

    /// A number for its kind, and for what it is about.
    pub(crate) fn mark(&self) -> (u8, u64) {
        match self {
            Event::Start { name } => (1, name.len() as u64),
            Event::Read { host, .. } => (2, *host as u64),
            Event::Found { host, .. } => (3, *host as u64),
            Event::Write { host } => (4, *host as u64),
            Event::Late { .. } => (5, 0),
            Event::Ring { host } => (6, *host as u64),
            Event::Reopen { host } => (7, *host as u64),
            Event::End { host } => (8, *host as u64),
            Event::Arrive { call } => (9, *call),
            Event::Reply { call, .. } => (10, *call),
            Event::GiveUp { call } => (11, *call),
            Event::Join { stream } => (12, *stream),
            Event::Written { stream, .. } => (13, *stream),
            Event::Message { stream, .. } => (14, *stream),
            Event::Broken { stream } => (15, *stream),
            Event::Left { stream } => (16, *stream),
            Event::Post { seat, .. } => (17, *seat as u64),
            Event::Posted { taken, .. } => (18, u64::from(*taken)),
            Event::Timer { seat, name, .. } => (19, *seat as u64 ^ name << 8),
            Event::Enter { seat } => (20, *seat as u64),
            Event::Mishap(dial) => (21, *dial as u64),
            Event::Quiet => (22, 0),
            Event::Probe => (23, 0),
        }
    }
}
