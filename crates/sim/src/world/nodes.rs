//! What nodes do.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use abide_machine::{Key, Row, testing::Follower};
use abide_node::testing::{Found, Manual, Reading, set_clock};
use abide_protocol::Millis;

use super::{ENDS, Event, Host, World};
use crate::{actor::Broken, plan::Dial, store::Death, trace};

/// Every step of the machine keeps the properties of the catalogue, on what the store holds.
pub(crate) const PROPERTY: &str = "every step keeps every property";

/// How often a node goes on at once at most after one event: one that does more often makes no
/// progress.
const MAX_ROUNDS: usize = 100_000;

/// How long it takes until a node that could not start is started again.
const START_AGAIN: Millis = 300;

/// How far the clocks of two nodes are apart at most.
const OTHER_CLOCK: Millis = 5_000;

/// How long a node waits before it opens its store for the second time; it doubles.
const FIRST_PAUSE: Millis = 100;

/// How long it waits at most.
const LONGEST_PAUSE: Millis = 5_000;

impl World {
    /// Starts a node, which takes the shard over from whoever has it.
    pub(super) fn start(&mut self, name: &'static str) {
        let offset = self.hosts.last().map_or(0, |host| host.offset) + self.other_clock();
        set_clock(Some(self.now + offset));
        let depot = self.depot.clone();
        let config = abide_node::Config { name: name.into(), ..self.plan.config.clone() };
        let timing = config.timing;
        let node = match Manual::open(Arc::new(move || depot.open()), config) {
            Ok(node) => Rc::new(node),
            Err(error) => {
                self.trace.tell(self.since(), || format!("node {name} cannot start: {error}"));
                return self.after(START_AGAIN, Event::Start { name });
            }
        };
        self.counts.starts += 1;
        let clock = node.clock().unwrap_or(0);
        self.trace.tell(self.since(), || format!("node {name} starts at {clock}"));
        let rows = self.rows();
        let host = Host::new(node, offset, Follower::new(timing, rows, clock));
        self.hosts.push(host);
        let host = self.hosts.len() - 1;
        self.serving = Some(host);
        self.pump(host);
    }

    /// How far the clock of a node that starts may be from that of the one before.
    fn other_clock(&mut self) -> Millis {
        let on = |dial| self.quiet.is_none() && self.plan.of(dial) > 0;
        let (back, forward) = (on(Dial::ClockBack), on(Dial::ClockForward));
        let low = if back { -OTHER_CLOCK } else { 0 };
        let high = if forward { OTHER_CLOCK } else { 0 };
        if self.chance.once_in(2) { self.chance.within(low, high) } else { 0 }
    }

    fn rows(&mut self) -> BTreeMap<Key, Row> {
        self.depot.rows().unwrap_or_else(|why| {
            self.broken.get_or_insert(Broken::new(crate::check::ACKNOWLEDGED, why));
            Default::default()
        })
    }

    /// Has a node's clock read by whatever it does next; `None` if it is gone.
    pub(super) fn turn(&self, host: usize) -> Option<Rc<Manual>> {
        let host = &self.hosts[host];
        set_clock(Some(self.now + host.offset));
        host.node.clone()
    }

    /// Does all that follows from what a node has been told.
    pub(super) fn pump(&mut self, host: usize) {
        let mut rounds = 0;
        while let Some(node) = self.turn(host) {
            rounds += 1;
            if rounds > MAX_ROUNDS {
                let why = format!("a node went on {MAX_ROUNDS} times at once");
                return self.breaks(Broken::new(ENDS, why));
            }
            self.follow(host, &node);
            let mut again = self.take_reads(host, &node);
            if self.hosts[host].writing.is_none()
                && let Some(batches) = node.writes()
            {
                self.hosts[host].writing = Some(batches);
                let span = self.chance.within(0, self.plan.commit);
                self.after(span, Event::Write { host });
            }
            for (call, responses) in self.hosts[host].answered() {
                self.answer(host, call, responses);
            }
            again |= self.letters(host);
            again |= self.pushes(host);
            if !again {
                break;
            }
        }
        if let Some(ring) = self.hosts[host].arm(self.now) {
            self.queue.push(ring, Event::Ring { host });
        }
        self.mind(host);
    }

    /// Takes over what the shard has done.
    fn follow(&mut self, host: usize, node: &Manual) {
        for taken in node.watched() {
            self.counts.steps += 1;
            if self.hosts[host].isolated {
                // It reads what its successor has written, and nothing that it does comes to
                // anything: that much is left to check of it, by the store.
                continue;
            }
            self.trace.tell(self.now - super::BEGINNING, || {
                format!("  step at {}: {:?}", taken.now, taken.step)
            });
            if let Err((broken, at)) = self.hosts[host].follower.follow(&taken) {
                self.trace.tell(self.now - super::BEGINNING, || at);
                self.breaks(Broken::new(PROPERTY, broken.to_string()));
            }
        }
    }

    fn take_reads(&mut self, host: usize, node: &Manual) -> bool {
        let mut again = false;
        for reading in node.reads() {
            let span = self.chance.within(0, self.plan.read);
            if span == 0 {
                node.tell(reading.carry_out());
                again = true;
            } else if self.chance.once_in(2) {
                let found = reading.carry_out();
                self.after(span, Event::Found { host, found });
            } else {
                self.after(span, Event::Read { host, reading });
            }
        }
        again
    }

    pub(super) fn read(&mut self, host: usize, reading: Reading) {
        if let Some(node) = self.turn(host) {
            node.tell(reading.carry_out());
            self.pump(host);
        }
    }

    pub(super) fn found(&mut self, host: usize, found: Found) {
        if let Some(node) = self.turn(host) {
            node.tell(found);
            self.pump(host);
        }
    }

    pub(super) fn write(&mut self, host: usize) {
        let Some(node) = self.turn(host) else { return };
        if let Some(batches) = self.hosts[host].writing.take() {
            node.write(batches);
            if !node.is_down() {
                self.hosts[host].patience = 0;
            }
            self.pump(host);
        }
    }

    pub(super) fn ring(&mut self, host: usize) {
        if self.hosts[host].ring != Some(self.now) {
            return;
        }
        self.hosts[host].ring = None;
        let Some(node) = self.turn(host) else { return };
        let local = self.now + self.hosts[host].offset;
        if node.alarm().is_some_and(|alarm| alarm <= local) {
            node.ring();
        }
        self.pump(host);
    }

    /// Sees to it that a node whose store has failed opens it again.
    fn mind(&mut self, host: usize) {
        let Some(node) = self.hosts[host].node.clone() else { return };
        if !node.is_down() || self.hosts[host].reopening {
            return;
        }
        self.trace.tell(self.since(), || format!("the store of node {host} has failed"));
        if self.hosts[host].isolated {
            return self.kill(host);
        }
        self.hosts[host].reopening = true;
        let pause = self.hosts[host].patience;
        self.hosts[host].patience = (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        self.after(pause, Event::Reopen { host });
    }

    pub(super) fn reopen(&mut self, host: usize) {
        let Some(node) = self.turn(host) else { return };
        self.hosts[host].reopening = false;
        if self.hosts[host].isolated {
            return self.kill(host);
        }
        let opened = node.reopen();
        self.trace.tell(self.since(), || format!("node {host} opens its store: {opened:?}"));
        if let Ok(clock) = opened {
            let rows = self.rows();
            self.hosts[host].follower.restart(rows, clock);
        }
        self.pump(host);
    }

    /// Ends a node as a crash does, perhaps in the middle of a write.
    pub(super) fn kill(&mut self, host: usize) {
        let Some(node) = self.turn(host) else { return };
        if self.serving == Some(host) {
            self.serving = None;
        }
        if let Some(batches) = self.hosts[host].writing.take() {
            let alone = !self.plan.shared;
            match self.chance.below(4) {
                0 if alone => {
                    self.depot.die(Death::BeforeSync);
                    node.write(batches);
                }
                1 if alone => {
                    self.depot.die(Death::AfterSync);
                    node.write(batches);
                }
                0 | 1 => {
                    node.kill();
                    let span = self.chance.within(0, 3_000);
                    self.after(span, Event::Late { node, batches });
                }
                _ => {}
            }
        }
        self.break_streams(host);
        self.drop_calls(host);
        self.hosts[host].kill();
        self.depot.orphan();
    }

    /// The messages that are to leave for a member, in a line.
    pub(super) fn told(&mut self, what: &str, to: usize, message: &abide_protocol::Message) {
        let name = &self.seats[to].name;
        self.trace.tell(self.now - super::BEGINNING, || {
            format!("{what} {name}: {}", trace::line(message))
        });
    }
}
