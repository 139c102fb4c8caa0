//! What goes wrong at a time of its own.

use abide_protocol::Millis;

use super::{Event, World};
use crate::{chance::Chance, plan::Dial};

/// The dials whose strength is a number of times.
const TIMED: [Dial; 9] = [
    Dial::Crash,
    Dial::Power,
    Dial::TakeOver,
    Dial::Partition,
    Dial::Cut,
    Dial::ClockForward,
    Dial::ClockBack,
    Dial::ActorCrash,
    Dial::Stop,
];

/// How long a node is away at most.
const AWAY: Millis = 6_000;

/// How long somebody is cut off or stands still at most.
const APART: Millis = 12_000;

/// How long a node that was taken over lives on at most.
const AFTERLIFE: Millis = 8_000;

impl World {
    /// Chooses when things go wrong.
    pub(super) fn plan_mishaps(&mut self, chance: &mut Chance) {
        for dial in TIMED {
            for _ in 0..self.plan.of(dial) {
                let at = chance.within(0, self.plan.span);
                self.after(at, Event::Mishap(dial));
            }
        }
    }

    pub(super) fn mishap(&mut self, dial: Dial) {
        if self.quiet.is_some() {
            return;
        }
        self.counts.mishaps += 1;
        self.trace.tell(self.since(), || format!("mishap: {}", dial.name()));
        match dial {
            Dial::Crash => {
                if let Some(host) = self.serving {
                    self.kill(host);
                    self.come_back();
                }
            }
            Dial::Power => self.black_out(),
            Dial::TakeOver => self.take_over(),
            Dial::Partition => self.partition(),
            Dial::Cut => {
                if let Some(stream) = self.any_stream() {
                    self.cut(stream);
                }
            }
            Dial::ClockForward => self.jump(1),
            Dial::ClockBack => self.jump(-1),
            Dial::ActorCrash if !self.seats.is_empty() => {
                let seat = self.chance.below(self.seats.len());
                if self.seats[seat].alive {
                    self.exit(seat);
                    let span = self.chance.within(0, AWAY);
                    self.after(span, Event::Enter { seat });
                }
            }
            Dial::Stop if !self.seats.is_empty() => {
                let seat = self.chance.below(self.seats.len());
                self.seats[seat].stopped = self.now + self.chance.within(100, APART);
            }
            _ => {}
        }
    }

    fn come_back(&mut self) {
        let span = self.chance.within(0, AWAY);
        let name = if self.chance.once_in(2) { "a" } else { "b" };
        self.after(span, Event::Start { name });
    }

    fn black_out(&mut self) {
        let Some(serving) = self.serving else { return };
        // Whatever else runs on the store is as good as gone.
        let hosts = (0..self.hosts.len()).filter(|host| *host != serving);
        for host in hosts.chain([serving]).collect::<Vec<_>>() {
            self.kill(host);
        }
        self.depot.lose_power();
        self.come_back();
    }

    /// Another node claims the shard. Where a store belongs to one process, that one has ended.
    fn take_over(&mut self) {
        let Some(host) = self.serving else { return };
        if self.plan.shared {
            self.break_streams(host);
            self.drop_calls(host);
            self.hosts[host].isolated = true;
            self.hosts[host].node.iter().for_each(|node| node.supersede());
            self.serving = None;
            let span = self.chance.within(0, AFTERLIFE);
            self.after(span, Event::End { host });
        } else {
            self.kill(host);
        }
        let name = if self.chance.once_in(4) { "a" } else { "b" };
        self.after(0, Event::Start { name });
    }

    fn partition(&mut self) {
        let until = self.now + self.chance.within(100, APART);
        let one = self.chance.below(self.seats.len() + 1);
        for seat in 0..self.seats.len() {
            if one == self.seats.len() || one == seat {
                self.seats[seat].cut_off = until;
                self.seats[seat].stream.into_iter().for_each(|stream| self.cut(stream));
            }
        }
    }

    fn jump(&mut self, sign: Millis) {
        let span = *self.chance.one_of(&[1, 500, 5_000, 30_000]);
        if let Some(host) = self.serving {
            self.hosts[host].offset += sign * self.chance.within(1, span);
        }
    }
}
