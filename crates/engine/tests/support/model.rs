use std::collections::BTreeMap;
use std::sync::Arc;

use abide_machine::{
    Config, Effect, Internal, Key, Phase, Promise, Row, Schedule, Step, Task, View, armed, owner,
    promise_at, promise_matches, schedule_matches, step, task_at, task_matches,
};
use abide_protocol::{
    Body, Id, Leased, Millis, PromiseRecord, Request, Response, TaskHeartbeat, TaskReclaim,
    TaskState,
};

/// The machine over a map, every step at once: what the shard has to come to, without batches,
/// caches, scans or timers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) rows: BTreeMap<Key, Row>,
    pub(crate) config: Config,
    /// Whether a worker is connected, so that pending tasks are offered again.
    pub(crate) connected: bool,
}

impl View for Model {
    fn promise(&self, id: &Id) -> Option<&Arc<Promise>> {
        match self.rows.get(&Key::Promise(id.clone()))? {
            Row::Promise(promise) => Some(promise),
            other => panic!("{other:?} is stored as a promise"),
        }
    }

    fn task(&self, id: &Id) -> Option<&Arc<Task>> {
        match self.rows.get(&Key::Task(id.clone()))? {
            Row::Task(task) => Some(task),
            other => panic!("{other:?} is stored as a task"),
        }
    }

    fn schedule(&self, id: &Id) -> Option<&Arc<Schedule>> {
        match self.rows.get(&Key::Schedule(id.clone()))? {
            Row::Schedule(schedule) => Some(schedule),
            other => panic!("{other:?} is stored as a schedule"),
        }
    }
}

impl Model {
    fn take(&mut self, step_: Step, now: Millis) -> (Option<Response>, Option<Vec<Id>>) {
        let outcome = step(self, &step_, now, &self.config);
        for effect in outcome.effects {
            match effect {
                Effect::Put(row) => {
                    self.rows.insert(row.key(), row);
                }
                Effect::Delete(key) => {
                    self.rows.remove(&key);
                }
                Effect::Execute { .. } => {}
            }
        }
        (outcome.response, outcome.told)
    }

    /// The named promises that can go, with all that is below them.
    fn below(&self, data: TaskReclaim, now: Millis) -> TaskReclaim {
        let stored = || {
            self.rows.values().filter_map(|row| match row {
                Row::Promise(promise) => Some(promise),
                _ => None,
            })
        };
        let tree = |name: &Id| {
            let name = name.clone();
            stored().filter(move |promise| promise.record.id.is_or_extends(&name))
        };
        // What is below a name that nothing has is not looked for.
        let known = |name: &&Id| name.extends(&data.id) && self.promise(name).is_some();
        let names = data.promises.iter().filter(known);
        let names = names.filter(|name| tree(name).all(|promise| promise.is_done(now)));
        let promises = names.flat_map(tree).map(|promise| promise.record.id.clone()).collect();
        TaskReclaim { promises, ..data.clone() }
    }

    /// A cascade comes after the cancellations that it is made of.
    fn looked_up(&self, (time, step): (Millis, Internal)) -> Vec<(Millis, Internal)> {
        let Internal::Cascade { id: by } = &step else { return vec![(time, step)] };
        let owned = self.rows.values().filter_map(|row| match row {
            Row::Promise(promise) if promise.record.is_pending() => {
                let owned = owner(&promise.record) == Some(&**by);
                owned.then(|| promise.record.id.clone())
            }
            _ => None,
        });
        let cancel = |id| (time, Internal::Cancel { owner: by.clone(), id });
        let steps: Vec<_> = owned.map(cancel).collect();
        if steps.is_empty() { vec![(time, step)] } else { steps }
    }

    /// Answers a request, and then does whatever follows from it at once.
    pub(crate) fn call(&mut self, request: Request, now: Millis) -> Response {
        let response = self.respond(request, now);
        self.settle(now);
        response
    }

    pub(crate) fn respond(&mut self, request: Request, now: Millis) -> Response {
        let request = match request {
            Request::PromiseSearch(search) => {
                let found = self.records(now);
                let found = found.filter(|record| promise_matches(&search, record)).collect();
                let limit = search.limit.unwrap() as usize;
                let (promises, cursor) = page(found, search.cursor, limit, |record| &record.id);
                return Response::ok(Body::Promises { promises, cursor });
            }
            Request::TaskSearch(search) => {
                let found = self.tasks().map(|task| {
                    let promise = self.promise(&task.id).unwrap();
                    task_at(task, &promise.record, now).record()
                });
                let found = found.filter(|record| task_matches(&search, record)).collect();
                let limit = search.limit.unwrap() as usize;
                let (tasks, cursor) = page(found, search.cursor, limit, |record| &record.id);
                return Response::ok(Body::Tasks { tasks, cursor });
            }
            Request::ScheduleSearch(search) => {
                let found = self.rows.values().filter_map(|row| match row {
                    Row::Schedule(schedule) => Some(schedule.record.clone()),
                    _ => None,
                });
                let found = found.filter(|record| schedule_matches(&search, record)).collect();
                let limit = search.limit.unwrap() as usize;
                let (schedules, cursor) = page(found, search.cursor, limit, |record| &record.id);
                return Response::ok(Body::Schedules { schedules, cursor });
            }
            Request::TaskHeartbeat(data) if data.tasks.is_empty() => {
                let held = self.tasks().filter(
                    |task| matches!(&task.phase, Phase::Acquired { pid, .. } if **pid == *data.pid),
                );
                let leased =
                    |task: &Arc<Task>| Leased { id: task.id.clone(), version: task.version };
                let tasks = held.map(leased).collect();
                Request::TaskHeartbeat(TaskHeartbeat { tasks, ..data })
            }
            other => other,
        };
        let suspended = match &request {
            Request::TaskSuspend(data) => Some(data.id.clone()),
            _ => None,
        };
        let step = match request {
            Request::TaskReclaim(data) if Request::TaskReclaim(data.clone()).validate().is_ok() => {
                Step::Reclaim(self.below(data, now))
            }
            request => Step::Request(request),
        };
        let (response, told) = self.take(step, now);
        let mut response = response.unwrap();
        if let Some(told) = told {
            let told: Vec<_> = told.iter().filter_map(|id| self.promise(id)).collect();
            let told = told.iter().map(|promise| promise_at(&promise.record, now));
            if let Body::Claim { preload, .. } | Body::Preload { preload, .. } = &mut response.body
            {
                *preload = told.filter(|record| !record.is_pending()).collect();
            }
            return response;
        }
        let own = match &response.body {
            Body::Claim { task, .. } if task.state == TaskState::Acquired && task.version > 1 => {
                Some(task.id.clone())
            }
            Body::Preload { .. } => suspended,
            _ => None,
        };
        if let Some(own) = own {
            let told = self.branch_of(&own, now);
            if let Body::Claim { preload, .. } | Body::Preload { preload, .. } = &mut response.body
            {
                *preload = told;
            }
        }
        response
    }

    fn branch_of(&self, own: &Id, now: Millis) -> Vec<Arc<PromiseRecord>> {
        let tags = self.promise(own).unwrap().record.tags.clone();
        let Some(branch) = tags.branch() else { return Vec::new() };
        let sibling = |record: &Arc<PromiseRecord>| {
            record.tags.branch() == Some(branch) && record.id != *own && record.id.extends(branch)
        };
        self.records(now).filter(sibling).collect()
    }

    fn records(&self, now: Millis) -> impl Iterator<Item = Arc<PromiseRecord>> + '_ {
        self.rows.values().filter_map(move |row| match row {
            Row::Promise(promise) => Some(promise_at(&promise.record, now)),
            _ => None,
        })
    }

    fn tasks(&self) -> impl Iterator<Item = &Arc<Task>> {
        self.rows.values().filter_map(|row| match row {
            Row::Task(task) => Some(task),
            _ => None,
        })
    }

    /// What is armed, deadlines first.
    fn armed(&self) -> Vec<(Millis, Internal)> {
        let waits = |row: &&Row| match row {
            Row::Task(task) => {
                self.connected || !matches!(task.phase, Phase::Pending { offered: true, .. })
            }
            _ => true,
        };
        let armed = self.rows.values().filter(waits).flat_map(armed);
        let mut armed: Vec<_> = armed.flat_map(|step| self.looked_up(step)).collect();
        armed.sort_by_key(|(_, step)| match step {
            Internal::Callback { .. } | Internal::Listener { .. } => 1,
            Internal::Cancel { .. } | Internal::Cascade { .. } => 2,
            _ => 0,
        });
        armed
    }

    fn settle(&mut self, now: Millis) {
        while let Some((_, next)) = self.armed().into_iter().find(|(time, _)| *time <= now) {
            let before = self.rows.clone();
            self.take(Step::Internal(next.clone()), now);
            assert_ne!(before, self.rows, "{next:?} is armed and does nothing");
        }
    }

    /// Does what settled promises owe, and nothing else.
    pub(crate) fn owed(&mut self, now: Millis) {
        let owed = |model: &Model| {
            let settled =
                |row: &&Row| matches!(row, Row::Promise(promise) if !promise.record.is_pending());
            let mut armed = model.rows.values().filter(settled).flat_map(armed);
            armed.next().map(|step| model.looked_up(step).swap_remove(0))
        };
        while let Some((_, next)) = owed(self) {
            self.take(Step::Internal(next), now);
        }
    }

    /// Lets time pass.
    pub(crate) fn advance(&mut self, from: Millis, to: Millis) {
        let mut now = from;
        while let Some(time) = self.armed().iter().map(|(time, _)| *time).min()
            && time <= to
        {
            now = now.max(time);
            self.settle(now);
        }
    }

    /// Fires everything due, retries too.
    pub(crate) fn tick(&mut self, time: Millis) {
        let connected = std::mem::replace(&mut self.connected, false);
        self.settle(time);
        self.connected = true;
        self.settle(time);
        self.connected = connected;
    }
}

/// The page of what was found, and where the next one starts.
fn page<T>(
    mut found: Vec<T>,
    cursor: Option<String>,
    limit: usize,
    id: impl Fn(&T) -> &Id,
) -> (Vec<T>, Option<String>) {
    found.retain(|record| cursor.as_deref().is_none_or(|cursor| &**id(record) > cursor));
    let more = found.len() > limit;
    found.truncate(limit);
    let cursor = found.last().filter(|_| more).map(|record| id(record).to_string());
    (found, cursor)
}
