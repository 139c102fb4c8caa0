//! The quiet time: nothing goes wrong any more, so whatever is owed to anybody has to come.

use std::collections::BTreeMap;

use abide_machine::{Key, Phase, Row, Task, View, armed, entries, is_live};
use abide_node::testing::Manual;
use abide_protocol::{Address, Millis};
use abide_store::codec::{encode_entry, encode_key, encode_row};

use super::{Event, World};
use crate::{actor::Broken, disk::DiskFaults, plan::Dial};

/// Every promise listened to is heard by whoever listens.
pub(crate) const HEARD: &str = "every promise listened to is heard";
/// Every task that waits for a worker is offered to one that is connected.
pub(crate) const OFFERED: &str = "every live task is eventually offered";
/// Nothing stays due, and everybody comes to an end.
pub(crate) const RESTS: &str = "everything due is done";
/// The index is what follows from the records.
pub(crate) const INDEXED: &str = "the index is what follows from the records";

/// How often it is looked whether all is at rest.
const PROBE: Millis = 2_000;

/// How long an offer may take beyond the times that the node is set to.
const SLACK: Millis = 15_000;

/// How many messages have to fit in a queue so that each task comes in its turn. Where fewer do, those
/// that are due at the same time compete for the place, at each retry anew. So they do where few may
/// be out for an offer at a time, if requests are refused: a worker that cannot take what it is
/// offered holds up the others.
const AMPLE: usize = 64;

/// The bytes of calls with which requests are refused now and then.
const NARROW: usize = 10_000;

/// How long a contest may take.
const CONTEST: Millis = 300_000;

/// How long a message that was taken may still be on its way.
const ON_ITS_WAY: Millis = 30_000;

/// How long the quiet time lasts at most. No client waits for longer for anything.
const LIMIT: Millis = 600_000;

/// The same where programs are executed. Each of their timers takes longer by as much as the node's
/// clock is behind.
const PROGRAMS: Millis = 7_200_000;

impl World {
    /// From now on nothing goes wrong.
    pub(super) fn quiet_down(&mut self) {
        self.quiet = Some(self.now);
        self.trace.tell(self.since(), || "from now on nothing goes wrong");
        self.depot.disk().faults = DiskFaults::default();
        for seat in 0..self.seats.len() {
            (self.seats[seat].cut_off, self.seats[seat].stopped) = (self.now, self.now);
            if self.seats[seat].alive {
                self.act(seat, |actor, world| actor.quiet(world));
            }
        }
        self.after(PROBE, Event::Probe);
    }

    /// Looks whether all is at rest, and whether anybody has waited for too long.
    pub(super) fn probe(&mut self) {
        let Some(left) = self.left_over() else { return self.finish() };
        let quiet = self.quiet.unwrap_or(self.now);
        let limit = if self.plan.of(Dial::Workers) > 0 { PROGRAMS } else { LIMIT };
        if self.now > quiet + limit {
            return self.breaks(Broken::new(RESTS, format!("after {limit} ms: {left}")));
        }
        self.offered();
        self.after(PROBE, Event::Probe);
    }

    /// Something that is still to come; `None` when all is at rest.
    fn left_over(&self) -> Option<String> {
        let Some((host, node)) = self.quiet_node() else { return Some("no node serves".into()) };
        if let Some(seat) = self.seats.iter().find(|seat| seat.actor.is_busy() || !seat.alive) {
            return Some(format!("{} is busy", seat.name));
        }
        if self.hosts[host].writing.is_some() || node.clock().is_none() {
            return Some("something is being written".into());
        }
        let rows = self.hosts[host].follower.model().rows();
        rows.values().find_map(|row| match row {
            Row::Unblock(unblock) => {
                // Whoever listens there may be about to come back.
                let listens =
                    |seat: &super::Seat| seat.address.as_deref() == Some(&*unblock.address);
                let there = self.seats.iter().any(listens);
                there.then(|| format!("{unblock:?} is not delivered"))
            }
            row => armed(row).first().map(|(due, step)| format!("due at {due}: {step:?}")),
        })
    }

    fn quiet_node(&self) -> Option<(usize, std::rc::Rc<Manual>)> {
        let host = self.serving?;
        let node = self.turn(host)?;
        node.is_serving().then_some((host, node))
    }

    /// Whether somebody is there to whom messages for an address can go.
    fn receiver(&self, host: usize, address: &str) -> bool {
        let streams = || self.hosts[host].streams.keys().filter_map(|it| self.streams.get(it));
        match Address::parse(address) {
            Ok(Address::Http(_)) => {
                self.seats.iter().any(|seat| seat.address.as_deref() == Some(address) && seat.alive)
            }
            Ok(Address::Uni { group, id }) => streams().any(|stream| stream.is(group, Some(id))),
            Ok(Address::Any { group, .. }) => streams().any(|stream| stream.is(group, None)),
            Err(_) => false,
        }
    }

    /// Checks that every task that waits for a worker has been offered lately.
    fn offered(&mut self) {
        let Some((host, node)) = self.quiet_node() else { return self.waiting.clear() };
        let local = self.now + self.hosts[host].offset;
        if node.clock().is_none_or(|clock| local < clock) {
            // The clock was set back, and the shard waits until it has caught up.
            return self.waiting.clear();
        }
        let model = self.hosts[host].follower.model();
        let waits = |task: &Task| {
            let due =
                matches!(task.phase, Phase::Pending { due, offered } if offered || due <= local);
            let promise = model.promise(&task.id);
            let live = promise.is_some_and(|promise| is_live(&promise.record, local));
            due && live && self.receiver(host, &task.address)
        };
        let tasks = model.rows().values().filter_map(|row| match row {
            Row::Task(task) if waits(task) => Some((task.id.clone(), task.version)),
            _ => None,
        });
        let waiting: BTreeMap<_, _> = tasks
            .map(|(id, version)| {
                let since = self.waiting.get(&id).filter(|(before, _)| *before == version);
                let since = since.map_or(self.now, |(_, since)| *since);
                (id, (version, since))
            })
            .collect();
        let abide_node::Config { queue, limits, .. } = &self.plan.config;
        let narrow = limits.window < AMPLE && limits.call_bytes < NARROW;
        let contest = if *queue < AMPLE || narrow { CONTEST } else { 0 };
        let span = 2 * self.plan.config.timing.retry_interval + SLACK + contest;
        let late = waiting.iter().find(|(id, (_, since))| {
            let last = self.offers.get(*id).copied().unwrap_or(0).max(*since);
            last + span < self.now
        });
        if let Some((id, (version, _))) = late {
            let why = format!("{} at version {version} was not offered for {span} ms", &**id);
            self.breaks(Broken::new(OFFERED, why));
        }
        self.waiting = waiting;
    }

    /// All is at rest: what is left is looked at.
    fn finish(&mut self) {
        let Some((host, _)) = self.quiet_node() else { return };
        let rows = self.hosts[host].follower.model().rows();
        let (stored, unheard) = (self.stored_wrong(rows), self.unheard(rows));
        let rested = *self.rested.get_or_insert(self.now);
        if unheard.is_some() && self.now < rested + ON_ITS_WAY {
            return self.after(PROBE, Event::Probe);
        }
        self.over = true;
        stored.into_iter().chain(unheard).for_each(|broken| self.breaks(broken));
    }

    /// Whether the store holds exactly the model's records and what follows from them.
    fn stored_wrong(&self, rows: &BTreeMap<Key, Row>) -> Option<Broken> {
        let mut expected = BTreeMap::new();
        for (key, row) in rows {
            expected.insert(encode_key(key).as_bytes().to_vec(), encode_row(row));
            for entry in entries(row) {
                expected.insert(encode_entry(&entry).as_bytes().to_vec(), Vec::new());
            }
        }
        let ledger = self.depot.ledger();
        let found = ledger.contents();
        let keys = expected.keys().chain(found.keys());
        let mut wrong = keys.filter(|key| expected.get(*key) != found.get(*key));
        let key = wrong.next()?.escape_ascii();
        Some(Broken::new(INDEXED, format!("{key} is not stored as it should be")))
    }

    fn unheard(&self, rows: &BTreeMap<Key, Row>) -> Option<Broken> {
        self.history.listened().into_iter().find_map(|listened| {
            let of = |address: &str| {
                self.seats.iter().position(|seat| seat.address.as_deref() == Some(address))
            };
            let seat = of(&listened.address)?;
            let heard = self.heard.contains(&(seat, listened.id.clone()));
            let row = rows.get(&Key::Promise(listened.id.clone()));
            let why = || format!("{} has not heard of {row:?}", self.seats[seat].name);
            (!heard).then(|| Broken::new(HEARD, why()))
        })
    }
}
