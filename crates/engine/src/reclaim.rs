use std::collections::{BTreeMap, BTreeSet, VecDeque};

use abide_machine::{Key, Row, Step};
use abide_protocol::{Body, Id, Response, TaskReclaim, limit};

use crate::{
    Shard,
    io::{Batch, Range, Ticket},
    job::{Cause, Job},
    scan::{Purpose, Scanned},
    weight,
};

/// A reclamation: first it is looked up what there is below the named promises, then that is
/// deleted, as much at once as fits into a batch.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Reclaim {
    ticket: Ticket,
    /// The request, without names.
    data: TaskReclaim,
    /// The promises that are named and have not been looked up.
    names: VecDeque<Id>,
    /// What has been found below the first of them so far, with its bytes.
    below: Vec<(Id, usize)>,
    /// Which of the two separators that is.
    separator: usize,
    /// How many rows have been looked at.
    examined: usize,
    /// What is to be deleted, with its bytes.
    plan: BTreeMap<Id, usize>,
    /// How many promises were named in the step under way.
    asked: u64,
    /// How many promises are gone.
    reclaimed: u64,
}

impl Reclaim {
    pub(crate) fn new(ticket: Ticket, mut data: TaskReclaim) -> Self {
        let names: BTreeSet<Id> = std::mem::take(&mut data.promises).into_iter().collect();
        let below = |name: &Id| name.extends(&data.id);
        Reclaim {
            ticket,
            names: names.into_iter().filter(below).collect(),
            data,
            below: Vec::new(),
            separator: 0,
            examined: 0,
            plan: BTreeMap::new(),
            asked: 0,
            reclaimed: 0,
        }
    }

    /// The rows that say whether there is anything to look up.
    pub(crate) fn keys(&self) -> Vec<Key> {
        self.names.iter().cloned().map(Key::Promise).collect()
    }

    /// What the next step deletes. What is below a promise comes after it in order, and is deleted
    /// no later.
    fn next(&mut self, most: usize) -> TaskReclaim {
        let mut bytes = 0;
        let mut promises = Vec::new();
        while promises.len() < limit::RECLAIMED && (promises.is_empty() || bytes < most) {
            let Some((id, weight)) = self.plan.pop_last() else { break };
            bytes += weight;
            promises.push(id);
        }
        self.asked = promises.len() as u64;
        TaskReclaim { promises, ..self.data.clone() }
    }
}

impl Shard {
    /// Passes over the named promises that are not done, and looks up what is below the others.
    pub(crate) fn look_up(&mut self, mut reclaim: Box<Reclaim>) {
        let done = |id: &Id| match self.cache.row(&Key::Promise(id.clone())) {
            Some(Row::Promise(promise)) => promise.is_done(self.clock),
            _ => false,
        };
        reclaim.names.retain(done);
        self.look_below(reclaim);
    }

    fn look_below(&mut self, mut reclaim: Box<Reclaim>) {
        match (reclaim.names.front(), Id::SEPARATORS.get(reclaim.separator)) {
            (Some(name), Some(separator)) => {
                let range = Range::Promises(format!("{name}{separator}").into());
                self.scan(Purpose::Reclaim(reclaim), range, None);
            }
            (Some(_), None) => {
                let below = std::mem::take(&mut reclaim.below);
                reclaim.plan.extend(below);
                // A promise without its record is as light as can be.
                let name = reclaim.names.pop_front().map(|name| {
                    let row = self.cache.row(&Key::Promise(name.clone()));
                    let bytes = row.map_or(0, weight::of_row);
                    (name, bytes)
                });
                reclaim.plan.extend(name);
                reclaim.separator = 0;
                self.look_below(reclaim);
            }
            (None, _) => self.delete(reclaim),
        }
    }

    /// Takes in a page of what is below a promise.
    pub(crate) fn below_page(&mut self, mut reclaim: Box<Reclaim>, scanned: Scanned) {
        let (range, last) = (scanned.range.clone(), scanned.last());
        let rows = self.rows(scanned).found;
        reclaim.examined += rows.len();
        let mut done = true;
        for row in rows {
            let Row::Promise(promise) = &row else { continue };
            done &= promise.is_done(self.clock);
            reclaim.below.push((promise.record.id.clone(), weight::of_row(&row)));
        }
        match last {
            Some(_) if done && reclaim.examined > self.limits.examined => {
                // Too much for one request: what has been looked up completely is deleted.
                reclaim.names.clear();
                self.look_below(reclaim);
            }
            Some(last) if done => self.scan(Purpose::Reclaim(reclaim), range, Some(last)),
            None if done => {
                reclaim.separator += 1 + usize::from(fault!(ReclaimOneDialect));
                self.look_below(reclaim);
            }
            _ => {
                reclaim.names.pop_front();
                reclaim.below.clear();
                reclaim.separator = 0;
                self.look_below(reclaim);
            }
        }
    }

    fn delete(&mut self, mut reclaim: Box<Reclaim>) {
        let step = Step::Reclaim(reclaim.next(self.limits.batch_bytes));
        self.enqueue(Job::Step { step, cause: Cause::Reclaim(reclaim) });
    }

    /// Names what has been created below the named promises since that was looked up: it stays, and
    /// so does what it is below.
    pub(crate) fn add_born(&mut self, data: &mut TaskReclaim, reclaim: &mut Reclaim) {
        let mut born: BTreeSet<Id> = BTreeSet::new();
        for id in &data.promises {
            let below = self.overlay.below(id);
            let stored = below.filter(|id| self.cache.row(&Key::Promise((*id).clone())).is_some());
            born.extend(stored.cloned());
        }
        let named: BTreeSet<&Id> = data.promises.iter().collect();
        let born: Vec<Id> = born.into_iter().filter(|id| !named.contains(id)).collect();
        reclaim.asked += born.len() as u64;
        data.promises.extend(born);
    }

    /// Goes on with the rest, unless something is not as it was looked up.
    pub(crate) fn reclaimed(
        &mut self,
        mut reclaim: Box<Reclaim>,
        response: Response,
        batch: Batch,
    ) {
        let Body::Reclaimed { reclaimed } = response.body else {
            self.reclaiming.remove(&reclaim.ticket);
            return self.reply(reclaim.ticket, response, batch);
        };
        reclaim.reclaimed += reclaimed;
        if reclaimed == reclaim.asked && !reclaim.plan.is_empty() {
            return self.delete(reclaim);
        }
        self.reclaiming.remove(&reclaim.ticket);
        let body = Body::Reclaimed { reclaimed: reclaim.reclaimed };
        self.reply(reclaim.ticket, Response::ok(body), batch);
    }
}
