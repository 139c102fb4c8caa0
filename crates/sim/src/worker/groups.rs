//! Requests of a process that travel together, until all of them are answered.

use std::collections::BTreeMap;

use abide_protocol::Response;

/// Those that are on their way.
#[derive(Default)]
pub(super) struct Groups {
    /// By the number of the call: the group, and the place in it.
    calls: BTreeMap<u64, (u64, usize)>,
    groups: BTreeMap<u64, Group>,
}

/// The answers to one group, as far as they have come.
struct Group {
    answers: Vec<Option<Response>>,
    waits_for: usize,
}

impl Groups {
    /// A group of so many requests is sent; its first call has this number.
    pub(super) fn sent(&mut self, group: u64, first: u64, size: usize) {
        for place in 0..size {
            self.calls.insert(first + place as u64, (group, place));
        }
        self.groups.insert(group, Group { answers: vec![None; size], waits_for: size });
    }

    /// A call is answered. Gives the group and its answers if that was the last of it; there are
    /// none if one of them is unknown.
    pub(super) fn answered(
        &mut self,
        call: u64,
        answer: Option<Response>,
    ) -> Option<(u64, Option<Vec<Response>>)> {
        let (number, place) = self.calls.remove(&call)?;
        let group = self.groups.get_mut(&number)?;
        group.answers[place] = answer;
        group.waits_for -= 1;
        if group.waits_for > 0 {
            return None;
        }
        let group = self.groups.remove(&number)?;
        Some((number, group.answers.into_iter().collect()))
    }
}
