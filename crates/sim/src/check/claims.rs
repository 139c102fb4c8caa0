//! A task as its workers see it: acquired once at each version, and acted on only by whoever holds
//! it.

use std::collections::BTreeMap;

use abide_protocol::{Body, Id, Request, Status, TaskRecord, TaskState};

use super::history::{Asked, History};
use crate::actor::Broken;

/// No two workers are given the same version of a task.
pub(super) const ONCE: &str = "a version of a task is claimed once";
/// Nobody acts on a task after another worker has acquired it, or after having given it up.
pub(super) const HELD: &str = "only the holder of a task acts on it";
/// The version of a task never goes down, and a fulfilled one stays fulfilled.
pub(super) const LINEAR: &str = "what is told of a task never goes back";

/// What is known of one task.
#[derive(Default)]
struct Task<'a> {
    /// Successful acquisitions: the version they gave, and when they were answered.
    claims: BTreeMap<i64, u64>,
    twice: Option<i64>,
    /// Successful acts of a holder: when each began, at which version, and whether it gave the
    /// task up; and when it ended.
    acts: Vec<(u64, i64, bool, u64)>,
    told: Vec<(u64, u64, &'a TaskRecord)>,
}

pub(super) fn check(history: &History) -> Vec<Broken> {
    let mut tasks: BTreeMap<&Id, Task> = BTreeMap::new();
    for asked in &history.calls {
        let Some((ended, response)) = &asked.ended else { continue };
        if let Some((id, version)) = claimed(asked) {
            let task = tasks.entry(id).or_default();
            if task.claims.insert(version, *ended).is_some() {
                task.twice = Some(version);
            }
        }
        if let Some((id, version, ends)) = acted(asked) {
            tasks.entry(id).or_default().acts.push((asked.began, version, ends, *ended));
        }
        let page: &[TaskRecord] = match &response.body {
            Body::Tasks { tasks, .. } => tasks,
            _ => &[],
        };
        for record in page.iter().chain(response.task()) {
            tasks.entry(&record.id).or_default().told.push((asked.began, *ended, record));
        }
    }
    let reclaimed: Vec<&Id> = history
        .calls
        .iter()
        .filter_map(|asked| match &asked.request {
            Request::TaskReclaim(data) => Some(&data.promises),
            _ => None,
        })
        .flatten()
        .collect();
    tasks.retain(|id, _| !reclaimed.iter().any(|name| id.is_or_extends(name)));
    let verdicts = tasks.iter_mut().map(|(id, task)| task.verdict(id));
    verdicts.filter_map(Result::err).collect()
}

/// The version that a successful acquisition has given.
fn claimed(asked: &Asked) -> Option<(&Id, i64)> {
    let (_, response) = asked.ended.as_ref()?;
    let pid = match &asked.request {
        Request::TaskAcquire(data) => &data.pid,
        Request::TaskCreate(data) => &data.pid,
        _ => return None,
    };
    let Body::Claim { task, .. } = &response.body else { return None };
    let mine = task.state == TaskState::Acquired && task.pid.as_ref() == Some(pid);
    mine.then_some((&task.id, task.version))
}

/// The version at which somebody has acted on a task, and whether that gave it up.
fn acted(asked: &Asked) -> Option<(&Id, i64, bool)> {
    let (_, response) = asked.ended.as_ref()?;
    let done = matches!(response.status, Status::Ok | Status::Redirect);
    let act = match &asked.request {
        Request::TaskFence(data) => (&data.id, data.version, false),
        Request::TaskSuspend(data) => (&data.id, data.version, response.status == Status::Ok),
        Request::TaskFulfill(data) => (&data.id, data.version, true),
        Request::TaskRelease(data) => (&data.id, data.version, true),
        Request::TaskReclaim(data) => (&data.id, data.version, false),
        _ => return None,
    };
    done.then_some(act)
}

impl Task<'_> {
    fn verdict(&mut self, id: &Id) -> Result<(), Broken> {
        let id = &**id;
        if let Some(version) = self.twice {
            return Err(Broken::new(ONCE, format!("{id} at version {version}")));
        }
        self.held(id)?;
        self.linear(id)
    }

    fn held(&self, id: &str) -> Result<(), Broken> {
        for (began, version, _, _) in &self.acts {
            let later = self.claims.range(version + 1..).find(|(_, ended)| *ended < began);
            if let Some((later, _)) = later {
                let why = format!("{id} is acted on at version {version}, claimed at {later}");
                return Err(Broken::new(HELD, why));
            }
            let given_up = |(_, at, ends, ended): &&(u64, i64, bool, u64)| {
                *ends && at == version && ended < began
            };
            if self.acts.iter().any(|act| given_up(&act)) {
                let why = format!("{id} is acted on at version {version}, which was given up");
                return Err(Broken::new(HELD, why));
            }
        }
        Ok(())
    }

    fn linear(&mut self, id: &str) -> Result<(), Broken> {
        let rank = |task: &TaskRecord| (task.state == TaskState::Fulfilled, task.version);
        let mut by_end: Vec<_> =
            self.told.iter().map(|(_, ended, task)| (*ended, rank(task))).collect();
        by_end.sort_unstable();
        self.told.sort_by_key(|(began, _, _)| *began);
        let (mut next, mut ended, mut version) = (0, false, 0);
        for (began, _, task) in &self.told {
            while next < by_end.len() && by_end[next].0 < *began {
                ended |= by_end[next].1.0;
                version = version.max(by_end[next].1.1);
                next += 1;
            }
            let (is_ended, is) = rank(task);
            if is < version || ended && !is_ended {
                let why = format!("{id}, known at version {version}, is {task:?} for another");
                return Err(Broken::new(LINEAR, why));
            }
        }
        Ok(())
    }
}
