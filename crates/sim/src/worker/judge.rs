use std::{mem::take, sync::Arc};

use abide::sim::Programs;
use abide_protocol::{
    Body, Id, Message, Millis, PromiseGet, PromiseRecord, PromiseSearch, PromiseSettle, Request,
    Response, SettleState, Status, Tags, tag,
};

use super::GROUP;
use crate::actor::{Actor, Broken, Outside};

/// What an execution has left behind is what a run without a crash could have left.
pub(crate) const EXPLAINED: &str = "a run without a crash explains every execution";

/// How long it waits before it looks again.
const PAUSE: Millis = 4_000;

/// How long it waits before it asks for a page again: there may be hundreds of them, and on a slow
/// system most answers come too late.
const SOON: Millis = 200;

/// How many promises are asked for at a time, at first. Where that takes too long, fewer are.
const PAGE: i64 = 100;

/// Has a program executed, and judges what is left when it has ended.
pub(super) struct Judge {
    id: Id,
    programs: Arc<Programs>,
    doing: Doing,
    page: i64,
    /// What it waits for an answer to.
    call: u64,
    verdict: Result<(), Broken>,
}

/// What it is doing.
enum Doing {
    /// It has the execution begun.
    Begins,
    /// It waits until that has ended.
    Waits,
    /// It reads what is left: the promises so far, and where it goes on.
    Reads(Vec<Arc<PromiseRecord>>, Option<String>),
    /// It clears away the calls that were left behind.
    Clears(Vec<Id>),
    /// It has judged.
    Rests,
}

impl Judge {
    pub(super) fn new(id: Id, programs: Arc<Programs>) -> Self {
        Judge { id, programs, doing: Doing::Begins, page: PAGE, call: 0, verdict: Ok(()) }
    }

    /// Asks for what it needs to know.
    fn ask(&mut self, world: &mut Outside<'_>) {
        let request = match &self.doing {
            Doing::Begins => self.programs.create(&self.id, GROUP),
            Doing::Waits => Request::PromiseGet(PromiseGet { id: self.id.clone() }),
            Doing::Reads(_, cursor) => {
                let tags = Tags::from_iter([(tag::ORIGIN, &*self.id)]);
                let cursor = cursor.clone();
                Request::PromiseSearch(PromiseSearch {
                    state: None,
                    tags,
                    limit: Some(self.page),
                    cursor,
                })
            }
            Doing::Clears(ids) => match ids.last() {
                Some(id) => Request::PromiseSettle(PromiseSettle {
                    id: id.clone(),
                    state: SettleState::RejectedCanceled,
                    value: Arc::default(),
                }),
                None => return self.doing = Doing::Rests,
            },
            Doing::Rests => return,
        };
        self.call = world.call(request);
    }

    /// Takes an answer in; false if it is time to wait.
    fn learn(&mut self, answer: Response) -> bool {
        match (&mut self.doing, answer.status) {
            (Doing::Begins, Status::Ok) => {
                self.doing = Doing::Waits;
                false
            }
            (Doing::Waits, Status::Ok) => {
                let ended = answer.promise().is_some_and(|promise| !promise.is_pending());
                if ended {
                    self.doing = Doing::Reads(Vec::new(), None);
                }
                ended
            }
            (Doing::Reads(found, next), Status::Ok) => {
                let Body::Promises { promises, cursor } = answer.body else { return false };
                found.extend(promises);
                *next = cursor;
                if next.is_some() {
                    return true;
                }
                let found = take(found);
                self.judge(&found)
            }
            (Doing::Clears(ids), Status::Ok | Status::NotFound) => ids.pop().is_some(),
            _ => false,
        }
    }

    /// Judges, if the execution is over with all that belongs to it.
    fn judge(&mut self, promises: &[Arc<PromiseRecord>]) -> bool {
        if !Programs::are_over(promises) {
            return false;
        }
        let judged = self.programs.check(&self.id, promises);
        self.verdict = judged.map_err(|why| Broken::new(EXPLAINED, why));
        let pending = promises.iter().filter(|promise| promise.is_pending());
        self.doing = Doing::Clears(pending.map(|promise| promise.id.clone()).collect());
        true
    }
}

impl Actor for Judge {
    fn start(&mut self, world: &mut Outside<'_>) {
        if let Doing::Reads(..) = self.doing {
            self.doing = Doing::Waits;
        }
        self.ask(world);
    }

    fn answered(&mut self, call: u64, answer: Option<Response>, world: &mut Outside<'_>) {
        if call != self.call {
            return;
        }
        if answer.is_none() {
            self.page = (self.page / 2).max(1);
        }
        if answer.is_some_and(|answer| self.learn(answer)) {
            self.ask(world);
        } else {
            let reads = matches!(self.doing, Doing::Reads(_, Some(_)));
            world.timer(0, if reads { SOON } else { PAUSE });
        }
    }

    fn message(&mut self, _: Message, _: &mut Outside<'_>) {}

    fn timer(&mut self, _: u64, world: &mut Outside<'_>) {
        self.ask(world);
    }

    fn is_busy(&self) -> bool {
        !matches!(self.doing, Doing::Rests)
    }

    fn verdict(&self) -> Result<(), Broken> {
        self.verdict.clone()
    }
}
