use abide_machine::{DueKind, Entry, Internal, Key, Row};
use abide_protocol::{Id, TaskHeartbeat};

use crate::{
    Shard,
    claim::Branch,
    debug::Snap,
    due::{Covered, When},
    family::{Family, Kind},
    io::{Addresses, Found, Output, Page, Position, Range, Ticket},
    job::{Cause, Job},
    limits::OWED_PER_ROUND,
    overlay::Merged,
    reclaim::Reclaim,
    search::Search,
    shard::UnderWay,
    window::Pass,
};

/// What a scan is for.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) enum Purpose {
    /// The next timers.
    Due { after: Covered },
    /// What waits for a receiver.
    Offer { family: Family, kind: Kind, epoch: u64, pass: Pass, room: usize },
    /// What a process holds.
    Held { ticket: Ticket, data: TaskHeartbeat },
    /// The promises of a branch.
    Branch(Box<Branch>),
    /// What a canceled promise owns.
    Owned(Id),
    /// Siblings, what their ids have in common, and the one that is to be created and waits for this.
    Siblings(std::sync::Arc<str>, Option<Key>),
    /// What is below a promise that is to be reclaimed.
    Reclaim(Box<Reclaim>),
    /// A page for a client.
    Search(Box<Search>),
    /// The tasks that a tick of a debug server offers again.
    Retry,
    /// The whole state.
    Snap(Box<Snap>),
}

/// Which part of which range was scanned.
pub(crate) struct Scanned {
    pub(crate) range: Range,
    pub(crate) after: Option<Position>,
    pub(crate) page: Page,
}

impl Purpose {
    fn limit(&self, shard: &Shard) -> usize {
        let page = shard.limits.page;
        match self {
            Purpose::Due { .. } => shard.limits.timers / 2,
            Purpose::Search(search) => search.scan_limit(page),
            Purpose::Offer { room, .. } => (*room).min(page),
            Purpose::Owned(_) => OWED_PER_ROUND.min(page),
            Purpose::Siblings(..) => shard.limits.siblings,
            Purpose::Branch(branch) => branch.page(shard),
            _ => page,
        }
        .max(1)
    }
}

impl Shard {
    /// Asks for a part of a range.
    pub(crate) fn scan(&mut self, purpose: Purpose, range: Range, after: Option<Position>) {
        let scan = self.number();
        let limit = purpose.limit(self);
        let since = self.batches.durable();
        self.outputs.push_back(Output::Scan {
            scan,
            range: range.clone(),
            after: after.clone(),
            limit,
        });
        self.scans.insert(scan, UnderWay { purpose, since, range, after });
    }

    /// Fetches the next timers and messages where there is room for them.
    pub(crate) fn fetch(&mut self) {
        if self.resetting.is_some() {
            return;
        }
        if self.due.runs_low() {
            self.due.fetching = true;
            let after = self.due.covered().clone();
            let position = match &after {
                Covered::UpTo((time, kind, id)) => {
                    Some(Position::Entry(Entry::Due(*time, *kind, id.clone())))
                }
                Covered::Nothing | Covered::All => None,
            };
            self.scan(Purpose::Due { after }, Range::Due, position);
        }
        if self.paused || self.outbox.wanting.is_empty() {
            return;
        }
        let limit = self.limits.window;
        for (family, kind) in std::mem::take(&mut self.outbox.wanting) {
            let Some(post) = self.outbox.post(&family) else { continue };
            let epoch = post.epoch;
            let (pass, room) = match kind {
                Kind::Execute => (post.executes.fetch(limit), post.executes.room(limit)),
                Kind::Unblock => (post.unblocks.fetch(limit), post.unblocks.room(limit)),
            };
            let Some(pass) = pass else { continue };
            let addresses: Addresses = family.segments().swap_remove(pass.segment);
            let after = pass.after.clone();
            let purpose = Purpose::Offer { family, kind, epoch, pass, room };
            self.scan(purpose, kind.range(addresses), after);
        }
    }

    /// Takes in a page.
    pub(crate) fn scanned(&mut self, scan: u64, page: Page) {
        let Some(UnderWay { purpose, range, after, .. }) = self.scans.remove(&scan) else { return };
        let scanned = Scanned { range, after, page };
        match purpose {
            Purpose::Due { after } => {
                let last = scanned.last();
                let merged = self.entries(scanned);
                self.due.fetched(&after, merged.found, last.and_then(when));
            }
            Purpose::Offer { family, kind, epoch, pass, .. } => {
                self.offer(family, kind, epoch, pass, scanned);
            }
            Purpose::Held { ticket, data } => {
                let rest = scanned.last().map(|last| (scanned.range.clone(), last));
                let rest = rest.filter(|_| !fault!(HeartbeatFirstPage));
                let found = self.entries(scanned).found.into_iter();
                let held = found.filter_map(|entry| match entry {
                    Entry::Held(_, id) => Some(id),
                    _ => None,
                });
                let held = held.collect();
                self.enqueue(Job::Heartbeat { ticket, data, held, rest });
            }
            Purpose::Branch(branch) => self.branch_page(branch, scanned),
            Purpose::Owned(id) => self.owned_page(id, scanned),
            Purpose::Siblings(prefix, key) => self.siblings_page(&prefix, key, scanned.page),
            Purpose::Reclaim(reclaim) => self.below_page(reclaim, scanned),
            Purpose::Search(search) => self.search_page(search, scanned),
            Purpose::Retry => self.retry_page(scanned),
            Purpose::Snap(snap) => self.snap_page(snap, scanned),
        }
    }

    /// Offers what was found to wait.
    fn offer(&mut self, family: Family, kind: Kind, epoch: u64, pass: Pass, scanned: Scanned) {
        if self.outbox.post(&family).is_none_or(|post| post.epoch != epoch) {
            return;
        }
        let last = scanned.last();
        match kind {
            Kind::Execute => {
                for entry in self.entries(scanned).found {
                    let Entry::Ready(_, id) = entry else { continue };
                    if self.outbox.reserve(&family, &id) {
                        let cause = Cause::Offer(family.clone(), id.clone());
                        self.enqueue(Job::internal(Internal::Offer { id }, cause));
                    }
                }
            }
            Kind::Unblock => {
                for row in self.rows(scanned).found {
                    let Row::Unblock(unblock) = row else { continue };
                    if let Some(family) = self.outbox.pack(&unblock) {
                        self.enqueue(Job::Send(family, (*unblock).clone()));
                    }
                }
            }
        }
        let segments = family.segments().len();
        if let Some(post) = self.outbox.post(&family) {
            match kind {
                Kind::Execute => post.executes.fetched(pass, last, segments),
                Kind::Unblock => post.unblocks.fetched(pass, last, segments),
            }
        }
        self.outbox.wanting.insert((family, kind));
    }

    /// What a page of entries comes to with the latest changes.
    pub(crate) fn entries(&mut self, scanned: Scanned) -> Merged<Entry> {
        let Scanned { range, after, page } = scanned;
        let Found::Entries(found) = page.found else { panic!("{range:?} holds entries") };
        let after = match &after {
            Some(Position::Entry(entry)) => Some(entry),
            _ => None,
        };
        self.overlay.merge_entries(&range, after, found, page.more)
    }

    /// What a page of rows comes to with the latest changes.
    pub(crate) fn rows(&mut self, scanned: Scanned) -> Merged<Row> {
        let Scanned { range, after, page } = scanned;
        let Found::Rows(found) = page.found else { panic!("{range:?} holds rows") };
        let after = match &after {
            Some(Position::Key(key)) => Some(key),
            _ => None,
        };
        self.overlay.merge_rows(&self.cache, &range, after, found, page.more)
    }
}

impl Scanned {
    /// Where the next page starts, if there is one.
    pub(crate) fn last(&self) -> Option<Position> {
        if !self.page.more {
            return None;
        }
        match &self.page.found {
            Found::Rows(rows) => rows.last().map(Row::key).map(Position::Key),
            Found::Entries(entries) => entries.last().cloned().map(Position::Entry),
        }
    }
}

fn when(position: Position) -> Option<When> {
    match position {
        Position::Entry(Entry::Due(time, kind, id)) => Some((time, kind, id)),
        _ => None::<(i64, DueKind, Id)>,
    }
}
