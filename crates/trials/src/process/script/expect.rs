//! What each step does to the entries of its script.

use abide_protocol::{PromiseState, TaskState};

use super::{Place, ROOT, Script, Step, brief};
use crate::process::model::{Entries, Entry};

impl Script {
    pub(super) fn carry_out(&self, step: Step, entries: &mut Entries) {
        let pending = |task| Entry::pending(Some(brief(&self.param())), task);
        let at = |entries: &mut Entries, place: Place, change: &dyn Fn(&mut Entry)| {
            change(entries.get_mut(&self.id(place)).expect("it was created"));
        };
        let resolve = |entries: &mut Entries, place: Place| {
            let resolved = PromiseState::Resolved;
            at(entries, place, &|entry| entry.settle(resolved, self.brief_value(place)));
        };
        match step {
            Step::Listen(_) => {}
            Step::Create => drop(entries.insert(self.id(ROOT), pending(None))),
            Step::CreateWithDeadline(_) => {
                // Whoever looks waits until the deadline has passed.
                let mut entry = pending(None);
                entry.settle(PromiseState::RejectedTimedout, None);
                entries.insert(self.id(ROOT), entry);
            }
            Step::CreateWithTask => {
                entries.insert(self.id(ROOT), pending(Some((TaskState::Pending, 0))));
            }
            Step::CreateAcquired => {
                entries.insert(self.id(ROOT), pending(Some((TaskState::Acquired, 1))));
            }
            Step::CreateOwned { place, .. } => {
                let task = Some((TaskState::Pending, 0));
                entries.insert(self.id(place), Entry::pending(None, task));
            }
            Step::CreateChild(place) => {
                entries.insert(self.id(place), Entry::pending(None, None));
            }
            Step::Settle | Step::Fulfill => resolve(entries, ROOT),
            Step::SettleChild(place) => resolve(entries, place),
            Step::Cancel => {
                let canceled = PromiseState::RejectedCanceled;
                at(entries, ROOT, &|entry| entry.settle(canceled, self.brief_value(ROOT)));
                entries.values_mut().for_each(Entry::cancel);
            }
            Step::SettleChildFromOutside(place) => {
                resolve(entries, place);
                at(entries, ROOT, &|entry| entry.task(TaskState::Pending));
            }
            Step::Acquire | Step::AcquireResumed(_) => at(entries, ROOT, &Entry::acquire),
            Step::Suspend(_) | Step::SuspendAgain => {
                at(entries, ROOT, &|entry| entry.task(TaskState::Suspended));
            }
            Step::Reclaim(places) => {
                let settled = |entry: &Entry| entry.state != PromiseState::Pending;
                let named: Vec<String> = places.iter().map(|place| self.id(place)).collect();
                let below = |id: &str| named.iter().any(|name| id.starts_with(name.as_str()));
                entries.retain(|id, entry| !(below(id) && settled(entry)));
            }
            Step::Release | Step::Continue => {
                at(entries, ROOT, &|entry| entry.task(TaskState::Pending));
            }
            Step::Halt => at(entries, ROOT, &|entry| entry.task(TaskState::Halted)),
        }
    }
}
