use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use abide_machine::Unblock;
use abide_protocol::{Id, Millis};

use crate::{
    family::{Family, Kind},
    io::Receiver,
    limits::{PACE_MAX, PACE_START, PATIENCE},
    window::Window,
};

/// What is being offered to the receivers that are connected. All of it follows from stored
/// records, so nothing is lost with it; while nobody is connected at an address, nothing is kept
/// for it here and nothing is done.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Outbox {
    posts: BTreeMap<Family, Post>,
    timers: BTreeSet<(Millis, Timer)>,
    deliveries: BTreeMap<u64, (Family, Unblock)>,
    last_delivery: u64,
    last_epoch: u64,
    /// Windows that may have room and something to fetch.
    pub(crate) wanting: BTreeSet<(Family, Kind)>,
    limit: usize,
}

/// What is offered to one family.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Post {
    connections: usize,
    /// Tells what was fetched before the last connection from what was fetched after it.
    pub(crate) epoch: u64,
    /// Pending tasks, each with the time of its next offer; `None` while it is being offered.
    pub(crate) executes: Window<Id, Option<Millis>>,
    /// Stored messages.
    pub(crate) unblocks: Window<Unblock, Parcel>,
}

/// Where a stored message stands.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Parcel {
    refusals: u32,
    state: ParcelState,
}

#[derive(Default, PartialEq, Eq)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
enum ParcelState {
    /// About to be sent.
    #[default]
    Packed,
    /// Handed out under this number.
    Sent(u64),
    /// Refused; offered again at this time.
    Waits(Millis),
}

/// Something to do at a time about a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Timer {
    /// Nobody took a task.
    Retry(Family, Id),
    /// A refused message goes out again.
    Resend(Family, Unblock),
}

impl Outbox {
    pub(crate) fn new(limit: usize) -> Self {
        Outbox {
            posts: BTreeMap::new(),
            timers: BTreeSet::new(),
            deliveries: BTreeMap::new(),
            last_delivery: 0,
            last_epoch: 0,
            wanting: BTreeSet::new(),
            limit,
        }
    }

    /// The family of an address, if anybody is connected for it.
    pub(crate) fn live(&self, address: &Arc<str>) -> Option<Family> {
        if self.posts.is_empty() {
            return None;
        }
        Family::of_address(address).filter(|family| self.posts.contains_key(family))
    }

    /// What is offered to a family, if anybody is connected for it.
    pub(crate) fn post(&mut self, family: &Family) -> Option<&mut Post> {
        self.posts.get_mut(family)
    }

    /// Notes a connection: everything that waits for the receiver is to be offered at once, also
    /// what another member of the group was offered and has not taken.
    pub(crate) fn connect(&mut self, receiver: &Receiver) {
        for family in Family::of_receiver(receiver) {
            self.last_epoch += 1;
            let post = self.posts.entry(family.clone()).or_insert_with(|| Post {
                connections: 0,
                epoch: 0,
                executes: Window::default(),
                unblocks: Window::default(),
            });
            post.connections += 1;
            fault!(ConnectSilent => continue);
            self.restart(&family);
        }
    }

    fn restart(&mut self, family: &Family) {
        let Some(post) = self.posts.get_mut(family) else { return };
        post.epoch = self.last_epoch;
        for (id, due) in std::mem::take(&mut post.executes.items) {
            if let Some(due) = due {
                self.timers.remove(&(due, Timer::Retry(family.clone(), id)));
            }
        }
        let timers = &mut self.timers;
        post.unblocks.items.retain(|unblock, parcel| match parcel.state {
            ParcelState::Waits(until) => {
                timers.remove(&(until, Timer::Resend(family.clone(), unblock.clone())));
                false
            }
            ParcelState::Packed | ParcelState::Sent(_) => true,
        });
        post.executes.restart();
        post.unblocks.restart();
        self.wanting.insert((family.clone(), Kind::Execute));
        self.wanting.insert((family.clone(), Kind::Unblock));
    }

    /// Notes the end of a connection.
    pub(crate) fn disconnect(&mut self, receiver: &Receiver) {
        for family in Family::of_receiver(receiver) {
            let Some(post) = self.posts.get_mut(&family) else { continue };
            post.connections -= 1;
            if post.connections == 0 {
                self.restart(&family);
                self.posts.remove(&family);
            }
        }
    }

    /// Forgets everything but who is connected, and offers everything anew. No page is under way
    /// that was asked for before.
    pub(crate) fn clear(&mut self) {
        self.timers.clear();
        self.deliveries.clear();
        let families: Vec<Family> = self.posts.keys().cloned().collect();
        for family in families {
            if let Some(post) = self.posts.get_mut(&family) {
                post.unblocks = Window::default();
            }
            self.restart(&family);
        }
    }

    /// Takes a task into its window until `due`; `false` if there is no place for it.
    pub(crate) fn offered(&mut self, family: &Family, id: &Id, due: Millis) -> bool {
        let Some(post) = self.posts.get_mut(family) else { return false };
        let known = post.executes.items.get(id).copied();
        if known.is_none() && post.executes.room(self.limit) == 0 {
            post.executes.missed();
            self.wanting.insert((family.clone(), Kind::Execute));
            return false;
        }
        if let Some(Some(old)) = known {
            self.timers.remove(&(old, Timer::Retry(family.clone(), id.clone())));
        }
        post.executes.items.insert(id.clone(), Some(due));
        fault!(RetryForgotten => return true);
        self.timers.insert((due, Timer::Retry(family.clone(), id.clone())));
        true
    }

    /// Keeps a place for a task that is about to be offered; `false` if it has one.
    pub(crate) fn reserve(&mut self, family: &Family, id: &Id) -> bool {
        let Some(post) = self.posts.get_mut(family) else { return false };
        if post.executes.items.contains_key(id) {
            return false;
        }
        post.executes.items.insert(id.clone(), None);
        true
    }

    /// Gives up the place of a task that turned out not to be offered.
    pub(crate) fn unreserve(&mut self, family: &Family, id: &Id) {
        let Some(post) = self.posts.get_mut(family) else { return };
        if post.executes.items.get(id) == Some(&None) {
            post.executes.items.remove(id);
            self.wanting.insert((family.clone(), Kind::Execute));
        }
    }

    /// Forgets a task that is no longer pending.
    pub(crate) fn forget(&mut self, address: &Arc<str>, id: &Id) {
        let Some(family) = self.live(address) else { return };
        let Some(post) = self.posts.get_mut(&family) else { return };
        fault!(WindowLeaks => return);
        let Some(due) = post.executes.items.remove(id) else { return };
        if post.executes.is_crowded() {
            self.wanting.insert((family.clone(), Kind::Execute));
        }
        if let Some(due) = due {
            self.timers.remove(&(due, Timer::Retry(family, id.clone())));
        }
    }

    /// Takes a stored message into its window; `None` if nobody is connected for it, if there is
    /// no place, or if it has one.
    pub(crate) fn pack(&mut self, unblock: &Unblock) -> Option<Family> {
        let family = self.live(&unblock.address)?;
        let post = self.posts.get_mut(&family)?;
        if post.unblocks.items.contains_key(unblock) {
            return None;
        }
        if post.unblocks.room(self.limit) == 0 {
            post.unblocks.missed();
            self.wanting.insert((family, Kind::Unblock));
            return None;
        }
        post.unblocks.items.insert(unblock.clone(), Parcel::default());
        Some(family)
    }

    /// Numbers the delivery of a message that is about to be sent; `None` if it no longer is.
    pub(crate) fn send(&mut self, family: &Family, unblock: &Unblock) -> Option<u64> {
        let parcel = self.posts.get_mut(family)?.unblocks.items.get_mut(unblock)?;
        if parcel.state != ParcelState::Packed {
            return None;
        }
        self.last_delivery += 1;
        parcel.state = ParcelState::Sent(self.last_delivery);
        self.deliveries.insert(self.last_delivery, (family.clone(), unblock.clone()));
        Some(self.last_delivery)
    }

    /// The message that was taken.
    pub(crate) fn taken(&mut self, delivery: u64) -> Option<Unblock> {
        fault!(TakenForgotten => return None);
        self.deliveries.remove(&delivery).map(|(_, unblock)| unblock)
    }

    /// Forgets a message that its receiver has.
    pub(crate) fn delivered(&mut self, address: &Arc<str>, promise: &Id) {
        let Some(family) = self.live(address) else { return };
        let Some(post) = self.posts.get_mut(&family) else { return };
        let unblock = Unblock { address: address.clone(), promise: promise.clone() };
        let removed = post.unblocks.items.remove(&unblock);
        if removed.is_some() && post.unblocks.is_crowded() {
            self.wanting.insert((family, Kind::Unblock));
        }
    }

    /// Has a message that was not taken wait, longer each time.
    pub(crate) fn refused(&mut self, delivery: u64, now: Millis) {
        let Some((family, unblock)) = self.deliveries.remove(&delivery) else { return };
        let Some(post) = self.posts.get_mut(&family) else { return };
        let Some(parcel) = post.unblocks.items.get_mut(&unblock) else { return };
        if parcel.state != ParcelState::Sent(delivery) {
            return;
        }
        let until = now.saturating_add(pace(parcel.refusals));
        parcel.refusals += 1;
        parcel.state = ParcelState::Waits(until);
        fault!(RefusalForgotten => return);
        self.timers.insert((until, Timer::Resend(family, unblock)));
    }

    /// When the next message is due again.
    pub(crate) fn next(&self) -> Option<Millis> {
        self.timers.first().map(|(time, _)| *time)
    }

    /// Takes out what is due by `now`. Something that makes way for others is not given out: it
    /// is found again by a later pass.
    pub(crate) fn pop(&mut self, now: Millis) -> Option<Timer> {
        while self.timers.first().is_some_and(|(time, _)| *time <= now) {
            let (_, timer) = self.timers.pop_first()?;
            if self.stays(&timer) {
                return Some(timer);
            }
        }
        None
    }

    /// Whether what the timer is about keeps its place in the window.
    fn stays(&mut self, timer: &Timer) -> bool {
        match timer {
            Timer::Retry(family, id) => {
                let Some(post) = self.posts.get_mut(family) else { return false };
                if !post.executes.is_crowded() {
                    return post.executes.items.insert(id.clone(), None).is_some();
                }
                post.executes.items.remove(id);
                post.executes.missed();
                self.wanting.insert((family.clone(), Kind::Execute));
                false
            }
            Timer::Resend(family, unblock) => {
                let Some(post) = self.posts.get_mut(family) else { return false };
                let Some(parcel) = post.unblocks.items.get_mut(unblock) else { return false };
                parcel.state = ParcelState::Packed;
                if parcel.refusals < PATIENCE || !post.unblocks.is_crowded() {
                    return true;
                }
                post.unblocks.items.remove(unblock);
                post.unblocks.missed();
                self.wanting.insert((family.clone(), Kind::Unblock));
                false
            }
        }
    }
}

/// How long a message waits that has been refused this often before.
fn pace(refusals: u32) -> Millis {
    // Ten doublings are past the longest pace; more would overflow.
    (PACE_START << refusals.min(10)).min(PACE_MAX)
}

#[cfg(feature = "testing")]
impl Outbox {
    /// Numbers the deliveries anew, in the same order.
    pub(crate) fn number_anew(&mut self) -> BTreeMap<u64, u64> {
        let parcels = |post: &Post| post.unblocks.items.values().map(|it| it.number()).collect();
        let sent: Vec<Vec<Option<u64>>> = self.posts.values().map(parcels).collect();
        let sent = sent.into_iter().flatten().flatten();
        let ranks = crate::testing::ranks(sent.chain(self.deliveries.keys().copied()).collect());
        for parcel in self.posts.values_mut().flat_map(|post| post.unblocks.items.values_mut()) {
            if let ParcelState::Sent(number) = &mut parcel.state {
                *number = ranks[number];
            }
        }
        let deliveries = std::mem::take(&mut self.deliveries).into_iter();
        self.deliveries = deliveries.map(|(number, it)| (ranks[&number], it)).collect();
        self.last_delivery = ranks.len() as u64;
        ranks
    }

    /// The epochs of the connections.
    pub(crate) fn epochs(&self) -> impl Iterator<Item = u64> + '_ {
        self.posts.values().map(|post| post.epoch)
    }

    pub(crate) fn name_epochs(&mut self, ranks: &BTreeMap<u64, u64>) {
        self.posts.values_mut().for_each(|post| post.epoch = ranks[&post.epoch]);
        self.last_epoch = ranks.len() as u64;
    }
}

#[cfg(feature = "testing")]
impl Parcel {
    fn number(&self) -> Option<u64> {
        match self.state {
            ParcelState::Sent(number) => Some(number),
            _ => None,
        }
    }
}
