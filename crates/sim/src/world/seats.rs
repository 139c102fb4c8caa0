//! What actors do, and what happens to them.

use abide_protocol::{Message, Millis};

use super::{Event, Member, Seat, World};
use crate::{
    actor::{Actor, Deed, Outside},
    chance::Chance,
    client,
    plan::Dial,
    worker,
};

/// How wrong a clock is at most.
const SKEW: Millis = 3_000;

/// Within which time everybody starts.
const ENTRANCE: Millis = 500;

impl World {
    /// Gathers whoever takes part.
    pub(super) fn cast(&mut self, root: &Chance) {
        for (number, member) in
            client::members(&self.plan).into_iter().chain(worker::members(&self.plan)).enumerate()
        {
            self.seat(number, member, root);
        }
    }

    fn seat(&mut self, number: usize, member: Member, root: &Chance) {
        let mut chance = root.fork(1_000 + number as u64);
        let skewed = self.plan.of(Dial::Skew) > 0;
        let skew = if skewed { chance.within(-SKEW, SKEW) } else { 0 };
        let after = chance.within(0, ENTRANCE);
        self.seats.push(Seat::new(member, skew, chance));
        self.after(after, Event::Enter { seat: number });
    }

    /// An actor's process starts.
    pub(super) fn enter(&mut self, seat: usize) {
        if !self.seats[seat].alive {
            self.seats[seat].alive = true;
            self.act(seat, |actor, world| actor.start(world));
            if self.quiet.is_some() {
                self.act(seat, |actor, world| actor.quiet(world));
            }
        }
    }

    /// An actor's process is killed.
    pub(super) fn exit(&mut self, seat: usize) {
        let it = &mut self.seats[seat];
        if !it.alive {
            return;
        }
        (it.alive, it.stopped) = (false, 0);
        it.life += 1;
        let name = &it.name;
        self.trace.tell(self.now - super::BEGINNING, || format!("{name} is killed"));
        self.disconnect(seat);
    }

    pub(super) fn timer(&mut self, seat: usize, life: u64, name: u64) {
        if self.seats[seat].life == life && self.seats[seat].alive {
            self.act(seat, |actor, world| actor.timer(name, world));
        }
    }

    /// An actor gets a message.
    pub(super) fn tell(&mut self, seat: usize, message: Message) {
        self.counts.messages += 1;
        self.history.message(&message, self.counts.events);
        if let Message::Unblock { promise } = &message {
            self.heard.insert((seat, promise.id.clone()));
        }
        self.act(seat, |actor, world| actor.message(message, world));
    }

    /// Has an actor act, and carries out what it wants.
    pub(super) fn act(&mut self, seat: usize, act: impl FnOnce(&mut dyn Actor, &mut Outside<'_>)) {
        let it = &mut self.seats[seat];
        let (life, mut deeds) = (it.life, Vec::new());
        let mut outside = Outside {
            now: self.now + it.skew,
            noting: self.trace.is_told(),
            chance: &mut it.chance,
            last_call: &mut it.last_call,
            deeds: &mut deeds,
        };
        act(&mut *it.actor, &mut outside);
        if let Err(broken) = it.actor.verdict() {
            self.breaks(broken);
        }
        for deed in deeds {
            match deed {
                Deed::Call { first, requests } => self.send(seat, first, requests),
                Deed::Connect { group, id } => self.connect(seat, group, id),
                Deed::Disconnect => self.disconnect(seat),
                Deed::Timer { name, after } => {
                    self.after(after, Event::Timer { seat, life, name });
                }
                Deed::Note(text) => {
                    let name = &self.seats[seat].name;
                    self.trace.tell(self.now - super::BEGINNING, || format!("{name}: {text}"));
                }
            }
        }
    }
}
