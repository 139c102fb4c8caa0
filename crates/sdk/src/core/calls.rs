//! The live calls of one scope: who awaits, what is settled, what could be delivered next.

use std::{sync::Arc, task::Waker};

use super::{ask::Ask, outcome::Outcome, ready::Ready, slots::Slots};
use crate::codec::Unreadable;
use crate::hash::HashMap;

/// One live call. It goes away when its completion is taken or its handle is dropped.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) ask: Arc<Ask>,
    /// How many calls were made before it.
    place: u64,
    /// Its number, from its birth on.
    pub(crate) ordinal: Option<u32>,
    /// Born at once, so that dropping the handle does not undo it.
    pub(crate) at_once: bool,
    /// Whether dropping the handle cancels it, durably.
    pub(crate) cancels: bool,
    /// Who awaits it right now.
    waker: Option<Waker>,
    /// Whether that is the scope itself, rather than a combinator's own waker.
    direct: bool,
    /// Whether anybody ever polled it.
    polled: bool,
    /// Its rank among the settled ones, earliest first, and how it ended.
    settled: Option<(u64, Outcome)>,
    /// How often its completion was offered in vain.
    offers: u32,
}

/// The table of live calls. Nothing in here is ever scanned in a turn.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    table: Slots<Call>,
    by_ordinal: HashMap<u32, u64>,
    /// Settled and registered, earliest settled first.
    ready: Ready,
    made: u64,
    registered: usize,
    direct: usize,
    awaiting: usize,
}

impl Calls {
    /// Adds a call.
    pub(crate) fn insert(&mut self, ask: Arc<Ask>, at_once: bool) -> u64 {
        let place = self.made;
        self.made += 1;
        self.table.insert(|_| Call {
            place,
            cancels: ask.options.cancel_on_drop,
            ask,
            at_once,
            ordinal: None,
            waker: None,
            direct: false,
            polled: false,
            settled: None,
            offers: 0,
        })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// A live call.
    pub(crate) fn get(&self, key: u64) -> Option<&Call> {
        self.table.get(key)
    }

    /// The live call of an ordinal.
    pub(crate) fn of_ordinal(&self, ordinal: u32) -> Option<u64> {
        self.by_ordinal.get(&ordinal).copied()
    }

    /// Gives a call its number.
    pub(crate) fn number(&mut self, key: u64, ordinal: u32) {
        if let Some(call) = self.table.get_mut(key) {
            call.ordinal = Some(ordinal);
            self.by_ordinal.insert(ordinal, key);
        }
    }

    /// From now on, dropping the handle cancels the call.
    pub(crate) fn cancel_on_drop(&mut self, key: u64) {
        if let Some(call) = self.table.get_mut(key) {
            call.cancels = true;
        }
    }

    /// Somebody awaits the call. True if that is news, and the call is not executed here.
    pub(crate) fn register(&mut self, key: u64, waker: &Waker, scope: &Waker) -> bool {
        let Some(call) = self.table.get_mut(key) else { return false };
        let elsewhere = !call.polled && call.ask.kind.is_elsewhere();
        if !call.polled {
            call.polled = true;
            self.awaiting += 1;
        }
        match &mut call.waker {
            Some(registered) => registered.clone_from(waker),
            empty => {
                *empty = Some(waker.clone());
                self.registered += 1;
            }
        }
        let direct = waker.will_wake(scope);
        self.direct = self.direct + usize::from(direct) - usize::from(call.direct);
        call.direct = direct;
        if let Some((rank, _)) = call.settled {
            self.ready.insert(rank, key);
        }
        elsewhere
    }

    /// The call is settled, in the store.
    pub(crate) fn settle(&mut self, key: u64, rank: u64, outcome: Outcome) {
        let Some(call) = self.table.get_mut(key) else { return };
        if call.settled.is_none() {
            call.settled = Some((rank, outcome));
            if call.waker.is_some() {
                self.ready.insert(rank, key);
            }
        }
    }

    /// Nobody took the completion: it is offered again only after another poll.
    pub(crate) fn withdraw(&mut self, key: u64) -> u32 {
        self.unregister(key);
        self.table.get_mut(key).map_or(0, |call| {
            call.offers += 1;
            call.offers
        })
    }

    /// Takes a call out.
    pub(crate) fn remove(&mut self, key: u64) -> Option<Call> {
        self.unregister(key);
        let call = self.table.remove(key)?;
        if let Some(ordinal) = call.ordinal {
            self.by_ordinal.remove(&ordinal);
        }
        self.awaiting -= usize::from(call.polled);
        Some(call)
    }

    fn unregister(&mut self, key: u64) {
        let Some(call) = self.table.get_mut(key) else { return };
        if call.waker.take().is_some() {
            self.registered -= 1;
        }
        self.direct -= usize::from(std::mem::take(&mut call.direct));
        if let Some((rank, _)) = call.settled {
            self.ready.remove(rank);
        }
    }

    /// The first completion that could be delivered.
    pub(crate) fn first_ready(&self) -> Option<u64> {
        self.ready.first()
    }

    /// A live call other than this one, if there is one.
    pub(crate) fn other_than(&self, key: u64) -> Option<&Call> {
        if self.table.len() == 1 {
            None
        } else {
            self.table.iter().find(|(k, _)| *k != key).map(|(_, c)| c)
        }
    }

    /// How many calls are awaited by somebody.
    pub(crate) fn registered(&self) -> usize {
        self.registered
    }

    /// How many of them hold the scope's own waker.
    pub(crate) fn direct(&self) -> usize {
        self.direct
    }

    /// How many live calls were ever polled: those a completion could go to.
    pub(crate) fn awaiting(&self) -> usize {
        self.awaiting
    }

    /// The calls that are awaited, the first that was made first.
    pub(crate) fn awaited(&self) -> impl Iterator<Item = &Call> {
        let calls = self.table.iter().map(|(_, call)| call);
        let mut awaited: Vec<_> = calls.filter(|call| call.waker.is_some()).collect();
        awaited.sort_unstable_by_key(|call| call.place);
        awaited.into_iter()
    }

    /// Whether the call of this ordinal is the only one a completion could go to.
    pub(crate) fn awaits_only(&self, ordinal: u32) -> bool {
        let call = || self.get(self.of_ordinal(ordinal)?);
        self.awaiting == 1 && call().is_some_and(|call| call.polled)
    }

    /// The numbers of the calls that are awaited and not settled and not executed here.
    #[cfg(test)]
    pub(crate) fn awaited_elsewhere(&self) -> impl Iterator<Item = u32> {
        self.table
            .iter()
            .map(|(_, c)| c)
            .filter(|c| c.is_awaited_elsewhere())
            .filter_map(|c| c.ordinal)
    }
}

impl Call {
    /// Who awaits it, if it is settled and somebody does.
    pub(crate) fn ready(&self) -> Option<&Waker> {
        self.settled.as_ref().and(self.waker.as_ref())
    }

    /// How it ended.
    pub(crate) fn into_outcome(self) -> Option<Outcome> {
        self.settled.map(|(_, outcome)| outcome)
    }

    /// Why its completion cannot be delivered, if it cannot be read.
    pub(crate) fn unreadable(&self) -> Option<&Unreadable> {
        match &self.settled {
            Some((_, Outcome::Unreadable(why))) => Some(why),
            _ => None,
        }
    }

    /// Whether it is awaited and not settled and not executed here.
    pub(crate) fn is_awaited_elsewhere(&self) -> bool {
        self.waker.is_some() && self.settled.is_none() && self.ask.kind.is_elsewhere()
    }

    /// Whether it is settled.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled.is_some()
    }
}
