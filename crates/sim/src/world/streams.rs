//! The connections by which members of groups hear of things.

use abide_node::Receipt;
use abide_protocol::{Message, Millis};

use super::{Event, World};
use crate::{plan::Dial, setting::Plant};

/// A connection of an actor.
pub(crate) struct Stream {
    seat: usize,
    life: u64,
    group: String,
    id: String,
    /// Which node it has reached.
    host: Option<usize>,
    /// Nothing comes out of it any more.
    cut: bool,
    /// When the last message comes out of it: none overtakes another.
    last: Millis,
}

impl Stream {
    /// Whether it is one of a group, and of a member of it.
    pub(super) fn is(&self, group: &str, id: Option<&str>) -> bool {
        !self.cut && self.group == group && id.is_none_or(|id| self.id == id)
    }
}

/// How long it takes at most until somebody notices that a connection is dead.
const NOTICED: Millis = 5_000;

impl World {
    /// An actor connects.
    pub(super) fn connect(&mut self, seat: usize, group: String, id: String) {
        self.disconnect(seat);
        self.last_stream += 1;
        let stream = self.last_stream;
        let life = self.seats[seat].life;
        self.seats[seat].stream = Some(stream);
        let made = Stream { seat, life, group, id, host: None, cut: false, last: 0 };
        self.streams.insert(stream, made);
        let travel = self.travel();
        self.after(travel, Event::Join { stream });
    }

    /// An actor ends its connection.
    pub(super) fn disconnect(&mut self, seat: usize) {
        if let Some(stream) = self.seats[seat].stream.take() {
            self.cut(stream);
        }
    }

    /// A connection breaks: what is on its way is lost, and both ends notice some time.
    pub(super) fn cut(&mut self, stream: u64) {
        let Some(cut) = self.streams.get_mut(&stream).filter(|stream| !stream.cut) else { return };
        cut.cut = true;
        for event in [Event::Broken { stream }, Event::Left { stream }] {
            let span = if self.quiet.is_some() { 0 } else { self.chance.within(0, NOTICED) };
            self.after(span, event);
        }
    }

    /// The connections of a node that ends.
    pub(super) fn break_streams(&mut self, host: usize) {
        let of_host = |stream: &&Stream| stream.host == Some(host);
        let streams = self.streams.iter().filter(|(_, stream)| of_host(stream));
        for stream in streams.map(|(number, _)| *number).collect::<Vec<_>>() {
            self.cut(stream);
        }
    }

    /// Any connection, to be broken.
    pub(super) fn any_stream(&mut self) -> Option<u64> {
        let streams: Vec<u64> = self.seats.iter().filter_map(|seat| seat.stream).collect();
        if streams.is_empty() { None } else { Some(*self.chance.one_of(&streams)) }
    }

    /// A connection reaches the node.
    pub(super) fn join(&mut self, stream: u64) {
        let Some(Stream { seat, group, id, cut: false, .. }) = self.streams.get(&stream) else {
            return;
        };
        let (seat, group, id) = (*seat, group.clone(), id.clone());
        let reaches = self.seats[seat].cut_off <= self.now && !self.fails(Dial::Drop);
        let node = self.serving.filter(|_| reaches).and_then(|host| Some((host, self.turn(host)?)));
        let Some((host, node)) = node else { return self.cut(stream) };
        self.hosts[host].streams.insert(stream, node.connect(&group, &id));
        if let Some(joined) = self.streams.get_mut(&stream) {
            joined.host = Some(host);
        }
        self.pump(host);
    }

    /// Takes out what the node has for its members.
    pub(super) fn letters(&mut self, host: usize) -> bool {
        let mut letters = Vec::new();
        for (stream, subscription) in &mut self.hosts[host].streams {
            while let Some((message, receipt)) = subscription.try_next_with_receipt() {
                letters.push((*stream, message, receipt));
            }
        }
        let any = !letters.is_empty();
        for (stream, message, receipt) in letters {
            if !self.offer(&message) {
                continue;
            }
            let span = self.chance.within(0, 2);
            self.after(span, Event::Written { host, stream, message, receipt });
        }
        any
    }

    /// Notes that a task is offered to somebody.
    pub(super) fn offer(&mut self, message: &Message) -> bool {
        let Message::Execute { id, .. } = message else { return true };
        if self.plant == Some(Plant::LostOffers) && id.ends_with('0') {
            return false;
        }
        self.offers.insert(id.clone(), self.now);
        true
    }

    /// The node has written a message into a connection, so for the node it is taken.
    pub(super) fn written(
        &mut self,
        host: usize,
        stream: u64,
        message: Message,
        receipt: Option<Receipt>,
    ) {
        if self.turn(host).is_none() || !self.hosts[host].streams.contains_key(&stream) {
            // Not taken: the node offers it to somebody else.
            drop(receipt);
            return self.pump(host);
        }
        if let Some(receipt) = receipt {
            receipt.taken();
        }
        let travel = self.travel();
        if let Some(to) = self.streams.get_mut(&stream) {
            let at = to.last.max(self.now + travel);
            to.last = at;
            self.queue.push(at, Event::Message { stream, message });
        }
        self.pump(host);
    }

    /// A message comes out of a connection, if that still exists.
    pub(super) fn streamed(&mut self, stream: u64, message: Message) {
        let Some(Stream { seat, life, cut, .. }) = self.streams.get(&stream) else { return };
        let (seat, life, cut) = (*seat, *life, *cut);
        let it = &self.seats[seat];
        if it.stopped > self.now && it.life == life && !cut {
            let until = it.stopped;
            return self.queue.push(until, Event::Message { stream, message });
        }
        let there = it.alive && it.life == life && it.stream == Some(stream) && !cut;
        if there {
            self.told("comes to", seat, &message);
            self.tell(seat, message);
        } else if let Message::Unblock { promise } = message {
            // Whoever listens by a stream and loses it has to ask: nothing else can be known.
            self.heard.insert((seat, promise.id.clone()));
        }
    }

    /// An actor learns that its connection has broken.
    pub(super) fn lose(&mut self, stream: u64) {
        let Some(Stream { seat, life, .. }) = self.streams.get(&stream) else { return };
        let (seat, life) = (*seat, *life);
        let it = &mut self.seats[seat];
        if it.life == life && it.alive && it.stream == Some(stream) {
            it.stream = None;
            self.act(seat, |actor, world| actor.disconnected(world));
        }
    }

    /// The node learns that a connection has broken.
    pub(super) fn left(&mut self, stream: u64) {
        let Some(host) = self.streams.get(&stream).and_then(|stream| stream.host) else { return };
        if self.turn(host).is_some() {
            drop(self.hosts[host].streams.remove(&stream));
            self.pump(host);
        }
    }
}
