use std::sync::Arc;

use abide_protocol::{
    CallbackAction, CreateAction, FenceAction, Id, Leased, Millis, PromiseCreate, PromiseGet,
    PromiseSettle, RegisterCallback, RegisterListener, Request, ScheduleCreate, ScheduleDelete,
    ScheduleGet, SettleAction, SettleState, Tags, TaskAcquire, TaskContinue, TaskCreate, TaskFence,
    TaskFulfill, TaskGet, TaskHalt, TaskHeartbeat, TaskRelease, TaskSuspend, Value, tag,
};

use super::{ADDRESSES, Choices, IDS, SCHEDULES, id};
use crate::{View, testing::Model};

const PIDS: &[&str] = &["p", "q"];

/// The next request of a client.
pub(super) fn request(model: &Model, now: Millis, choices: &mut Choices) -> Request {
    match choices.pick(24) {
        0..=2 => Request::PromiseCreate(create(now, choices)),
        3 => Request::PromiseSettle(settle(choices)),
        4 => Request::PromiseRegisterListener(RegisterListener {
            awaited: id(choices),
            address: choices.one_of(ADDRESSES).into(),
        }),
        5 => Request::PromiseRegisterCallback(RegisterCallback {
            awaited: id(choices),
            awaiter: id(choices),
        }),
        6 => Request::PromiseGet(PromiseGet { id: id(choices) }),
        7 => Request::TaskGet(TaskGet { id: id(choices) }),
        8 | 9 => Request::TaskCreate(TaskCreate {
            pid: choices.one_of(PIDS).into(),
            ttl: ttl(choices),
            action: CreateAction { corr_id: "c".into(), create: targeted(now, choices) },
        }),
        10..=12 => {
            let (id, version) = task(model, choices);
            let pid = choices.one_of(PIDS).into();
            Request::TaskAcquire(TaskAcquire { id, version, pid, ttl: ttl(choices) })
        }
        13 => fence(model, now, choices),
        14 => heartbeat(model, choices),
        15..=17 => suspend(model, choices),
        18 => {
            let (id, version) = task(model, choices);
            let settle = PromiseSettle { id: id.clone(), ..settle(choices) };
            let action = SettleAction { corr_id: "f".into(), settle };
            Request::TaskFulfill(TaskFulfill { id, version, action })
        }
        19 => {
            let (id, version) = task(model, choices);
            Request::TaskRelease(TaskRelease { id, version })
        }
        20 => Request::TaskHalt(TaskHalt { id: id(choices) }),
        21 => Request::TaskContinue(TaskContinue { id: id(choices) }),
        22 => Request::ScheduleCreate(schedule(choices)),
        _ if choices.rarely(2) => {
            Request::ScheduleDelete(ScheduleDelete { id: choices.one_of(SCHEDULES).into() })
        }
        _ => Request::ScheduleGet(ScheduleGet { id: choices.one_of(SCHEDULES).into() }),
    }
}

fn ttl(choices: &mut Choices) -> Millis {
    choices.one_of(&[40, 400, 1, Millis::MAX])
}

/// A task and, mostly, its version.
fn task(model: &Model, choices: &mut Choices) -> (Id, i64) {
    let id = id(choices);
    let version = model.task(&id).map_or(0, |task| task.version);
    let stale = i64::from(choices.rarely(8));
    (id, version + stale)
}

fn create(now: Millis, choices: &mut Choices) -> PromiseCreate {
    let id = id(choices);
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
    tags.push((tag::BRANCH, id.origin().to_owned()));
    PromiseCreate {
        id,
        timeout_at,
        param: Arc::new(Value::of("in")),
        tags: Arc::new(tags.into_iter().collect()),
    }
}

fn targeted(now: Millis, choices: &mut Choices) -> PromiseCreate {
    let id = id(choices);
    let branch = (tag::BRANCH, id.origin().to_owned());
    let target = (tag::TARGET, choices.one_of(ADDRESSES).to_owned());
    PromiseCreate {
        id,
        timeout_at: deadline(now, choices),
        param: Arc::default(),
        tags: Arc::new([branch, target].into_iter().collect()),
    }
}

fn deadline(now: Millis, choices: &mut Choices) -> Millis {
    let span = choices.one_of(&[200, 20, 2_000, 0, Millis::MAX]);
    now.saturating_add(span)
}

fn settle(choices: &mut Choices) -> PromiseSettle {
    use SettleState::{Rejected, RejectedCanceled, Resolved};
    PromiseSettle {
        id: id(choices),
        state: choices.one_of(&[Resolved, Rejected, RejectedCanceled]),
        value: Arc::new(Value::of("out")),
    }
}

fn fence(model: &Model, now: Millis, choices: &mut Choices) -> Request {
    let (id, version) = task(model, choices);
    let corr_id = "i".to_owned();
    let action = if choices.rarely(2) {
        FenceAction::Settle(SettleAction { corr_id, settle: settle(choices) })
    } else {
        FenceAction::Create(CreateAction { corr_id, create: create(now, choices) })
    };
    Request::TaskFence(TaskFence { id, version, action })
}

fn heartbeat(model: &Model, choices: &mut Choices) -> Request {
    let named = (0..choices.pick(4)).map(|_| {
        let (id, version) = task(model, choices);
        Leased { id, version }
    });
    let tasks = named.collect();
    Request::TaskHeartbeat(TaskHeartbeat { pid: choices.one_of(PIDS).into(), tasks })
}

/// Awaits one to three promises, mostly of the task's own tree.
fn suspend(model: &Model, choices: &mut Choices) -> Request {
    let (id, version) = task(model, choices);
    let first = choices.pick(IDS.len());
    let others = IDS.iter().cycle().skip(first).take(IDS.len()).map(|&other| Id::from(other));
    let related = others.filter(|other| *other != id && other.origin() == id.origin());
    let actions = related.take(1 + choices.pick(3)).map(|awaited| CallbackAction {
        corr_id: "s".into(),
        callback: RegisterCallback { awaited, awaiter: id.clone() },
    });
    let actions = actions.collect();
    Request::TaskSuspend(TaskSuspend { id, version, actions })
}

fn schedule(choices: &mut Choices) -> ScheduleCreate {
    let target = (tag::TARGET, choices.one_of(ADDRESSES).to_owned());
    let mut tags: Tags = [target].into_iter().collect();
    if choices.rarely(4) {
        tags.0.insert(tag::TIMER.into(), "true".into());
    }
    ScheduleCreate {
        id: choices.one_of(SCHEDULES).into(),
        cron: choices.one_of(&["* * * * * *", "*/2 * * * * *", "0 0 1 1 *"]).into(),
        promise_id: choices
            .one_of(&["{{.id}}-{{.timestamp}}", "{{.id}}.{{.timestamp}}", "a", "{{.id}}"])
            .into(),
        promise_timeout: choices.one_of(&[600, 0, 5_000]),
        promise_param: Arc::default(),
        promise_tags: Arc::new(tags),
    }
}
