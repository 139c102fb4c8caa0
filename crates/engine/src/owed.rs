use abide_machine::{DueKind, Entry, Internal, Key, Row};
use abide_protocol::Id;

use crate::{
    Shard,
    io::{Position, Range},
    job::{Cause, Job},
    limits::OWED_PER_ROUND,
    scan::{Purpose, Scanned},
};

/// A round of what a settled promise owes.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Owed {
    /// How many of its steps have not been carried out.
    left: usize,
    /// What comes after it.
    then: Then,
}

/// What comes after a round.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
enum Then {
    /// The promise is looked at again.
    Look,
    /// What it owns is looked for from here on.
    Scan(Position),
    /// All that it owns is canceled.
    End,
}

impl Shard {
    /// Starts what a settled promise owes to those who wait for it, and then cancels what a
    /// canceled one owns.
    pub(crate) fn meet(&mut self, id: Id) {
        let (steps, cascading) = match self.cache.row(&Key::Promise(id.clone())) {
            Some(Row::Promise(promise)) if !promise.record.is_pending() => {
                let steps = promise.obligations();
                let steps = steps.filter(|step| !matches!(step, Internal::Cascade { .. }));
                (steps.take(OWED_PER_ROUND).collect(), promise.cascading)
            }
            _ => (Vec::new(), false),
        };
        if !steps.is_empty() {
            self.owe(id, steps, Then::Look);
        } else if cascading {
            self.look_for_owned(id, None);
        } else {
            self.fired(DueKind::Obligation, id, false);
        }
    }

    fn owe(&mut self, id: Id, steps: Vec<Internal>, then: Then) {
        self.owed.insert(id.clone(), Owed { left: steps.len(), then });
        for step in steps {
            self.enqueue(Job::internal(step, Cause::Owed(id.clone())));
        }
    }

    /// Notes that one of the steps of a round has been carried out.
    pub(crate) fn met(&mut self, id: Id) {
        let owed = self.owed.get_mut(&id).expect("what is met was owed");
        owed.left -= 1;
        if owed.left > 0 {
            return;
        }
        if let Some(Owed { then, .. }) = self.owed.remove(&id) {
            self.go_on(id, then);
        }
    }

    fn go_on(&mut self, id: Id, then: Then) {
        match then {
            Then::Look => self.fired(DueKind::Obligation, id, !fault!(FirstRoundOnly)),
            Then::Scan(after) => self.look_for_owned(id, Some(after)),
            Then::End => {
                let end = Internal::Cascade { id: id.clone() };
                self.owe(id, vec![end], Then::Look);
            }
        }
    }

    fn look_for_owned(&mut self, id: Id, after: Option<Position>) {
        self.unfinished += 1;
        self.scan(Purpose::Owned(id.clone()), Range::Owned(id), after);
    }

    /// Cancels what was found. What was owned when the promise was canceled is in some page; it
    /// does not matter whether one that is created later is.
    pub(crate) fn owned_page(&mut self, id: Id, scanned: Scanned) {
        self.unfinished -= 1;
        let then = scanned.last().map_or(Then::End, Then::Scan);
        let then = if fault!(CascadeFirstPage) { Then::End } else { then };
        let owned = self.entries(scanned).found.into_iter().filter_map(|entry| match entry {
            Entry::Owned(owner, id) => Some(Internal::Cancel { owner, id }),
            _ => None,
        });
        let steps: Vec<Internal> = owned.collect();
        if steps.is_empty() { self.go_on(id, then) } else { self.owe(id, steps, then) }
    }
}
