use std::{collections::BTreeSet, sync::Arc};

use abide_protocol::{Id, PromiseState};

use super::{State, Transition};
use crate::{Key, Promise, Row, Schedule, Task, Unblock};

/// The records on which the predicates on states are evaluated, by kind.
#[derive(Default)]
pub(super) struct Near<'a> {
    pub(super) records: Vec<(&'a Key, &'a Row)>,
    pub(super) promises: Vec<&'a Arc<Promise>>,
    pub(super) tasks: Vec<&'a Arc<Task>>,
    pub(super) schedules: Vec<&'a Arc<Schedule>>,
    pub(super) messages: Vec<&'a Arc<Unblock>>,
}

impl<'a> Near<'a> {
    /// All there are.
    pub(super) fn all(state: &State<'a>) -> Self {
        let mut near = Near::default();
        state.rows().iter().for_each(|(key, row)| near.add(key, row));
        near
    }

    /// Those for which a step can have made a difference: what it has changed and what refers to
    /// that. If the predicates held before the step, then they hold after it exactly if they hold
    /// of these.
    pub(super) fn to(at: &Transition<'a>) -> Self {
        let mut keys = BTreeSet::new();
        let both = |keys: &mut BTreeSet<Key>, id: &Id| {
            keys.insert(Key::Promise(id.clone()));
            keys.insert(Key::Task(id.clone()));
        };
        for change in at.changed() {
            match change.after.or(change.before) {
                Some(Row::Promise(promise)) => both(&mut keys, &promise.record.id),
                Some(Row::Task(task)) => both(&mut keys, &task.id),
                Some(Row::Schedule(schedule)) => {
                    keys.insert(Key::Schedule(schedule.record.id.clone()));
                }
                Some(Row::Unblock(unblock)) => {
                    let Unblock { address, promise } = &**unblock;
                    keys.insert(Key::Unblock(address.clone(), promise.clone()));
                    both(&mut keys, promise);
                }
                None => {}
            }
        }
        // Messages know their promises, and what is owned knows its owner.
        for (before, after) in at.promises() {
            if let Some(before) = before {
                let id = &before.record.id;
                let messages = before.unheard.iter().map(|to| Key::Unblock(to.clone(), id.clone()));
                keys.extend(messages);
                if after.is_none() || after.is_some_and(|it| it.record.is_pending()) {
                    let left = at.after.messages().filter(|message| message.promise == *id);
                    keys.extend(left.map(|left| Key::Unblock(left.address.clone(), id.clone())));
                }
            }
            let canceled = |promise: &Arc<Promise>| {
                let record = &promise.record;
                let canceled = record.state == PromiseState::RejectedCanceled;
                (canceled && !promise.cascading).then_some(record.settled_at)
            };
            if let Some(after) = after.filter(|after| before.and_then(canceled) != canceled(after))
            {
                let below = at.after.tree(&after.record.id);
                keys.extend(below.map(|it| Key::Promise(it.record.id.clone())));
            }
        }
        let mut near = Near::default();
        for key in &keys {
            if let Some((key, row)) = at.after.rows().get_key_value(key) {
                near.add(key, row);
            }
        }
        near
    }

    fn add(&mut self, key: &'a Key, row: &'a Row) {
        self.records.push((key, row));
        match row {
            Row::Promise(promise) => self.promises.push(promise),
            Row::Task(task) => self.tasks.push(task),
            Row::Schedule(schedule) => self.schedules.push(schedule),
            Row::Unblock(unblock) => self.messages.push(unblock),
        }
    }
}
