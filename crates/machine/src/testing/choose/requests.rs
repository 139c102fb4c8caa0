use std::{collections::BTreeSet, sync::Arc};

use abide_protocol::{
    CallbackAction, CreateAction, FenceAction, Id, Leased, Millis, PromiseCreate, PromiseGet,
    PromiseSearch, PromiseSettle, PromiseState, RecordAction, RegisterCallback, RegisterListener,
    Request, ScheduleCreate, ScheduleDelete, ScheduleGet, ScheduleSearch, SettleAction,
    SettleState, Tags, TaskAcquire, TaskContinue, TaskCreate, TaskFence, TaskFulfill, TaskGet,
    TaskHalt, TaskHeartbeat, TaskReclaim, TaskRelease, TaskSearch, TaskState, TaskSuspend, Value,
    tag,
};

use super::{ADDRESSES, Choices, OWNED, SCHEDULES, id};
use crate::{View, is_live, testing::Model};

const PIDS: &[&str] = &["p", "q"];

/// What moves one of the trees on: a promise is created, its task acquired, suspended, resumed,
/// fulfilled.
pub(super) fn onward(model: &Model, now: Millis, choices: &mut Choices) -> Request {
    let index = choices.pick(choices.ids.len());
    let id = choices.ids[index].clone();
    let Some(task) = model.task(&id) else {
        return match model.promise(&id) {
            None if choices.rarely(3) => Request::PromiseCreate(create(id, now, choices)),
            None => Request::PromiseCreate(targeted(id, now, choices)),
            Some(_) => any(model, now, choices),
        };
    };
    let version = task.version;
    let live = model.promise(&id).is_some_and(|promise| is_live(&promise.record, now));
    match task.state() {
        _ if !live => any(model, now, choices),
        TaskState::Pending => acquire((id, version), choices),
        TaskState::Acquired if task.resumes > 0 && !choices.rarely(8) => {
            suspend(model, (id, version), choices)
        }
        TaskState::Acquired => match choices.pick(8) {
            0..=3 => suspend(model, (id, version), choices),
            // A callback without a suspension reaches a task that does not wait.
            4 | 5 => {
                let awaited = relative(model, &id, choices);
                Request::PromiseRegisterCallback(RegisterCallback { awaited, awaiter: id })
            }
            6 => Request::TaskHalt(TaskHalt { id }),
            _ => any(model, now, choices),
        },
        TaskState::Suspended => {
            let awaited = fitting(model, choices, |other| {
                model.promise(other).is_some_and(|promise| promise.awaiters.contains(&id))
            });
            Request::PromiseSettle(PromiseSettle { id: awaited, ..settle(model, choices) })
        }
        TaskState::Halted => Request::TaskContinue(TaskContinue { id }),
        TaskState::Fulfilled => any(model, now, choices),
    }
}

fn acquire((id, version): (Id, i64), choices: &mut Choices) -> Request {
    let pid = choices.one_of(PIDS).into();
    let (ttl, resumed) = (ttl(choices), choices.rarely(2));
    Request::TaskAcquire(TaskAcquire { id, version, pid, ttl, resumed })
}

/// Any request of a client.
pub(super) fn any(model: &Model, now: Millis, choices: &mut Choices) -> Request {
    match choices.pick(30) {
        0..=2 => Request::PromiseCreate(create(id(model, choices), now, choices)),
        3 | 24 | 25 => Request::PromiseSettle(settle(model, choices)),
        4 => Request::PromiseRegisterListener(RegisterListener {
            awaited: fitting(model, choices, |id| pending(model, id)),
            address: choices.one_of(ADDRESSES).into(),
        }),
        5 => {
            let awaiter = fitting(model, choices, |id| model.task(id).is_some());
            let awaited = relative(model, &awaiter, choices);
            Request::PromiseRegisterCallback(RegisterCallback { awaited, awaiter })
        }
        6 => Request::PromiseGet(PromiseGet { id: id(model, choices) }),
        7 => Request::TaskGet(TaskGet { id: id(model, choices) }),
        8 | 9 => Request::TaskCreate(TaskCreate {
            pid: choices.one_of(PIDS).into(),
            ttl: ttl(choices),
            action: CreateAction {
                corr_id: "c".into(),
                create: targeted(self::id(model, choices), now, choices),
            },
        }),
        10..=12 => {
            let task = task(model, TaskState::Pending, choices);
            acquire(task, choices)
        }
        13 => fence(model, now, choices),
        14 => heartbeat(model, choices),
        15..=17 => {
            let task = task(model, TaskState::Acquired, choices);
            suspend(model, task, choices)
        }
        18 => {
            let (id, version) = task(model, TaskState::Acquired, choices);
            let settle = PromiseSettle { id: id.clone(), ..settle(model, choices) };
            let action = SettleAction { corr_id: "f".into(), settle };
            Request::TaskFulfill(TaskFulfill { id, version, action })
        }
        19 => {
            let (id, version) = task(model, TaskState::Acquired, choices);
            Request::TaskRelease(TaskRelease { id, version })
        }
        20 => Request::TaskHalt(TaskHalt { id: id(model, choices) }),
        21 => {
            let (id, _) = task(model, TaskState::Halted, choices);
            Request::TaskContinue(TaskContinue { id })
        }
        22 => Request::ScheduleCreate(schedule(choices)),
        26 | 27 => reclaim(model, choices),
        28 | 29 => search(choices),
        _ if choices.rarely(2) => {
            Request::ScheduleDelete(ScheduleDelete { id: choices.one_of(SCHEDULES).into() })
        }
        _ => Request::ScheduleGet(ScheduleGet { id: choices.one_of(SCHEDULES).into() }),
    }
}

fn ttl(choices: &mut Choices) -> Millis {
    choices.one_of(&[400, 40, 1_000, Millis::MAX, 1])
}

/// Mostly an id for which the step does something, if there is one.
fn fitting(model: &Model, choices: &mut Choices, fits: impl Fn(&Id) -> bool) -> Id {
    if choices.rarely(8) {
        return id(model, choices);
    }
    let fitting: Vec<Id> = choices.ids.iter().filter(|id| fits(id)).cloned().collect();
    if fitting.is_empty() { id(model, choices) } else { choices.one_of(&fitting) }
}

fn pending(model: &Model, id: &Id) -> bool {
    model.promise(id).is_some_and(|promise| promise.record.is_pending())
}

/// A task, mostly in this state, and mostly its version.
fn task(model: &Model, state: TaskState, choices: &mut Choices) -> (Id, i64) {
    let id = fitting(model, choices, |id| model.task(id).is_some_and(|task| task.state() == state));
    let version = model.task(&id).map_or(0, |task| task.version);
    let stale = i64::from(choices.rarely(8));
    (id, version + stale)
}

fn create(id: Id, now: Millis, choices: &mut Choices) -> PromiseCreate {
    let timeout_at = deadline(now, choices);
    let target = (tag::TARGET, choices.one_of(ADDRESSES).to_owned());
    let yes = || "true".to_owned();
    let mut tags: Vec<(&str, String)> = match choices.pick(9) {
        0..=2 => vec![target],
        3 => vec![],
        4 => vec![(tag::TIMER, yes())],
        5 => vec![(tag::TIMER, yes()), target],
        6 => vec![(tag::EXTERNAL, yes())],
        7 => vec![(tag::SCOPE, "global".into())],
        _ => {
            let delay = now.saturating_add(30).min(timeout_at - 1).max(0);
            vec![target, (tag::DELAY, delay.to_string())]
        }
    };
    tags.push((tag::BRANCH, branch(&id)));
    tags.extend(owner(&id, choices));
    PromiseCreate {
        id,
        timeout_at,
        param: Arc::new(Value::of("in")),
        tags: Arc::new(tags.into_iter().collect()),
    }
}

fn targeted(id: Id, now: Millis, choices: &mut Choices) -> PromiseCreate {
    let branch = (tag::BRANCH, branch(&id));
    let target = (tag::TARGET, choices.one_of(ADDRESSES).to_owned());
    let timeout_at = deadline(now, choices);
    let owner = owner(&id, choices);
    PromiseCreate {
        id,
        timeout_at,
        param: Arc::default(),
        tags: Arc::new([branch, target].into_iter().chain(owner).collect()),
    }
}

/// What is below a root is of its branch, but for an execution in the middle of it.
fn branch(id: &Id) -> String {
    let below = format!("{}:1", id.origin());
    if id.is_or_extends(&below) { below } else { id.origin().to_owned() }
}

/// Mostly what the id extends, the nearest one as a rule.
fn owner(id: &Id, choices: &mut Choices) -> Option<(&'static str, String)> {
    let ancestors: Vec<&str> = id.ancestors().collect();
    let nearest = *ancestors.last()?;
    match choices.pick(OWNED) {
        0 => Some((tag::OWNER, nearest.to_owned())),
        1 => Some((tag::OWNER, ancestors[0].to_owned())),
        _ => None,
    }
}

fn deadline(now: Millis, choices: &mut Choices) -> Millis {
    let span = choices.one_of(&[
        Millis::MAX,
        5_000,
        400,
        50,
        Millis::MAX,
        2_000,
        5_000,
        Millis::MAX,
        2_000,
        400,
        0,
        -10,
    ]);
    now.saturating_add(span).max(0)
}

fn settle(model: &Model, choices: &mut Choices) -> PromiseSettle {
    use SettleState::{Rejected, RejectedCanceled, Resolved};
    PromiseSettle {
        id: fitting(model, choices, |id| pending(model, id)),
        state: choices.one_of(&[Resolved, Rejected, RejectedCanceled]),
        value: Arc::new(Value::of("out")),
    }
}

fn fence(model: &Model, now: Millis, choices: &mut Choices) -> Request {
    let (id, version) = task(model, TaskState::Acquired, choices);
    let corr_id = "i".to_owned();
    let action = if choices.rarely(4) {
        let create = bare(create(self::id(model, choices), now, choices));
        let settle = PromiseSettle { id: create.id.clone(), ..settle(model, choices) };
        let settle = match settle.state {
            SettleState::RejectedCanceled => {
                PromiseSettle { state: SettleState::Rejected, ..settle }
            }
            _ => settle,
        };
        FenceAction::Record(RecordAction { corr_id, create, settle })
    } else if choices.rarely(2) {
        FenceAction::Settle(SettleAction { corr_id, settle: settle(model, choices) })
    } else {
        FenceAction::Create(CreateAction {
            corr_id,
            create: create(self::id(model, choices), now, choices),
        })
    };
    Request::TaskFence(TaskFence { id, version, action })
}

/// The same promise without a task.
fn bare(create: PromiseCreate) -> PromiseCreate {
    let kept = create.tags.iter().filter(|(name, _)| ![tag::TARGET, tag::DELAY].contains(name));
    PromiseCreate { tags: Arc::new(kept.collect()), ..create }
}

fn heartbeat(model: &Model, choices: &mut Choices) -> Request {
    let named = (0..choices.pick(4)).map(|_| {
        let (id, version) = task(model, TaskState::Acquired, choices);
        Leased { id, version }
    });
    let tasks = named.collect();
    Request::TaskHeartbeat(TaskHeartbeat { pid: choices.one_of(PIDS).into(), tasks })
}

/// Mostly another promise of the same tree, a pending one if there is one.
fn relative(model: &Model, id: &Id, choices: &mut Choices) -> Id {
    let related = |other: &Id| other != id && other.origin() == id.origin();
    let live = choices.ids.iter().any(|other| related(other) && pending(model, other));
    fitting(model, choices, |other| related(other) && (!live || pending(model, other)))
}

/// Awaits one to three promises of the task's own tree, mostly pending ones.
fn suspend(model: &Model, (id, version): (Id, i64), choices: &mut Choices) -> Request {
    let mut awaited = BTreeSet::new();
    let held = model.promises().any(|promise| promise.awaiters.contains(&id));
    // What was waited for before is waited for again, if there is anything.
    let again = if held { choices.rarely(2) } else { choices.rarely(8) };
    let resumed = choices.rarely(3);
    for _ in 0..choices.pick(3) + usize::from(!again) {
        awaited.insert(relative(model, &id, choices));
    }
    let actions = awaited.into_iter().map(|awaited| CallbackAction {
        corr_id: "s".into(),
        callback: RegisterCallback { awaited, awaiter: id.clone() },
    });
    let actions = actions.collect();
    Request::TaskSuspend(TaskSuspend { id, version, actions, resumed, again })
}

/// One to three promises of the task's own tree, mostly settled ones below it.
fn reclaim(model: &Model, choices: &mut Choices) -> Request {
    let below = |id: &Id, of: &Id| id.extends(of) && model.promise(id).is_some();
    let holds = |id: &Id| {
        let task = model.task(id).filter(|task| task.state() == TaskState::Acquired);
        task.is_some() && has_settled_below(model, id)
    };
    let id = fitting(model, choices, holds);
    let version = model.task(&id).map_or(0, |task| task.version) + i64::from(choices.rarely(8));
    let promises = (0..=choices.pick(3))
        .map(|_| fitting(model, choices, |other| below(other, &id) && !pending(model, other)));
    let promises = promises.collect();
    Request::TaskReclaim(TaskReclaim { id, version, promises })
}

/// Whether a settled promise is below this one.
fn has_settled_below(model: &Model, of: &Id) -> bool {
    model.promises().any(|it| it.record.id.extends(of) && !it.record.is_pending())
}

/// A page that may well end before all that there is.
fn search(choices: &mut Choices) -> Request {
    let limit = choices.one_of(&[None, Some(1), Some(2), Some(1_000), Some(0)]);
    let cursor = choices.rarely(3).then(|| choices.one_of(&["a", "b", "s"]).to_owned());
    match choices.pick(4) {
        0 => Request::ScheduleSearch(ScheduleSearch { tags: Tags::default(), limit, cursor }),
        1 => {
            let state =
                choices.one_of(&[None, Some(TaskState::Pending), Some(TaskState::Acquired)]);
            Request::TaskSearch(TaskSearch { state, limit, cursor })
        }
        _ => {
            let state = choices.one_of(&[None, Some(PromiseState::Pending)]);
            let tags = if choices.rarely(3) {
                [(tag::EXTERNAL, "true".to_owned())].into_iter().collect()
            } else {
                Tags::default()
            };
            Request::PromiseSearch(PromiseSearch { state, tags, limit, cursor })
        }
    }
}

fn schedule(choices: &mut Choices) -> ScheduleCreate {
    let target = (tag::TARGET, choices.one_of(ADDRESSES).to_owned());
    let mut tags: Tags = [target].into_iter().collect();
    if choices.rarely(4) {
        tags.insert(tag::TIMER, "true");
    }
    ScheduleCreate {
        id: choices.one_of(SCHEDULES).into(),
        cron: choices
            .one_of(&["* * * * * *", "*/2 * * * * *", "0 0 1 1 *", "* * * * * *", "never"])
            .into(),
        promise_id: choices
            .one_of(&["{{.id}}-{{.timestamp}}", "{{.id}}.{{.timestamp}}", "a", "{{.id}}"])
            .into(),
        promise_timeout: choices.one_of(&[600, 0, 5_000]),
        promise_param: Arc::default(),
        promise_tags: Arc::new(tags),
    }
}
