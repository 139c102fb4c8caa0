use std::{collections::BTreeSet, fmt};

use crate::{
    Address, FenceAction, Id, Leased, Millis, PromiseCreate, Request, SettleState, Tags,
    TaskCreate, TaskHeartbeat, TaskReclaim, TaskSuspend, id, tag,
};

/// The limits of what a request may hold.
pub mod limit {
    /// The longest id, address, pid, cron expression or cursor, in bytes.
    pub const TEXT_BYTES: usize = 4096;
    /// The largest page of a search.
    pub const PAGE: i64 = 1000;
    /// The most promises that one `task.reclaim` names.
    pub const RECLAIMED: usize = 1000;
    /// The most requests in one batch.
    pub const BATCH: usize = 1_024;
    /// The page of a promise or task search that names none.
    pub const DEFAULT_PAGE: i64 = 100;
    /// The page of a schedule search that names none.
    pub const DEFAULT_SCHEDULE_PAGE: i64 = 10;
}

/// Why a request is refused whatever the state: the text of a 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(pub String);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

type Check = Result<(), Invalid>;

fn refuse(message: impl Into<String>) -> Check {
    Err(Invalid(message.into()))
}

fn need(holds: bool, message: &str) -> Check {
    if holds { Ok(()) } else { refuse(message) }
}

/// Ids, pids, addresses, crons: what must be text that can be a key.
fn text(name: &str, value: &str) -> Check {
    if value.is_empty() {
        return refuse(format!("{name} must not be empty"));
    }
    if value.contains('\0') {
        return refuse(format!("{name} must not hold a NUL character"));
    }
    if value.len() > limit::TEXT_BYTES {
        return refuse(format!("{name} is longer than {} bytes", limit::TEXT_BYTES));
    }
    Ok(())
}

fn version(value: i64) -> Check {
    need(value >= 0, "version must not be negative")
}

fn ttl(value: Millis) -> Check {
    need(value >= 1, "ttl must be at least 1 ms")
}

fn page(size: Option<i64>, cursor: Option<&str>) -> Check {
    if size.is_some_and(|size| !(1..=limit::PAGE).contains(&size)) {
        return refuse(format!("limit must be between 1 and {}", limit::PAGE));
    }
    match cursor {
        Some(cursor) => text("cursor", cursor),
        None => Ok(()),
    }
}

fn address(name: &str, value: &str) -> Check {
    text(name, value)?;
    Address::parse(value).map(drop).map_err(|error| Invalid(format!("{name}: {error}")))
}

fn target(tags: &Tags) -> Check {
    tags.address().map_or(Ok(()), |value| address("the tag resonate:target", value))
}

/// An id says where it comes from, and its lineage tags must agree. Published clients of the older
/// dialect go further: a detached call keeps its caller as parent beside itself, not above, and an
/// explicit id (which the tag `resonate:prefix` then accompanies) has a parent and a branch of
/// another name. Refusing those would make such a client release and retry its task for ever.
fn lineage(id: &Id, tags: &Tags) -> Check {
    let older = tags.get(tag::PREFIX).is_some();
    for name in [tag::ORIGIN, tag::BRANCH, tag::PARENT] {
        let Some(ancestor) = tags.get(name) else { continue };
        let beside = || name == tag::PARENT && id::origin(ancestor) == id.origin();
        let elsewhere = older && name != tag::ORIGIN;
        if !(id.is_or_extends(ancestor) || beside() || elsewhere) {
            return refuse(format!(
                "the id {id:?} does not equal or extend its tag {name} {ancestor:?}"
            ));
        }
    }
    Ok(())
}

fn create(data: &PromiseCreate) -> Check {
    text("id", &data.id)?;
    need(data.timeout_at >= 0, "timeoutAt must not be negative")?;
    lineage(&data.id, &data.tags)?;
    target(&data.tags)?;
    let Some(delay) = data.tags.get(tag::DELAY) else { return Ok(()) };
    let digits = !delay.is_empty() && delay.bytes().all(|byte| byte.is_ascii_digit());
    match delay.parse::<Millis>() {
        Ok(time) if digits => {
            need(data.tags.target().is_some(), "the tag resonate:delay needs a resonate:target")?;
            need(time < data.timeout_at, "the tag resonate:delay must be before timeoutAt")
        }
        _ => refuse("the tag resonate:delay must be a time in Unix milliseconds"),
    }
}

fn leased(data: &Leased) -> Check {
    text("id", &data.id)?;
    version(data.version)
}

fn task_create(data: &TaskCreate) -> Check {
    text("pid", &data.pid)?;
    ttl(data.ttl)?;
    let promise = &data.action.create;
    create(promise)?;
    need(!promise.tags.is_timer(), "a timer cannot have a task")?;
    need(promise.tags.target().is_some(), "task.create needs the tag resonate:target")?;
    need(
        promise.tags.get(tag::DELAY).is_none(),
        "a task that is held at once cannot have the tag resonate:delay",
    )
}

fn suspend(data: &TaskSuspend) -> Check {
    text("id", &data.id)?;
    version(data.version)?;
    need(data.again || !data.actions.is_empty(), "actions must not be empty")?;
    let mut seen = BTreeSet::new();
    for action in &data.actions {
        let callback = &action.callback;
        text("awaited", &callback.awaited)?;
        text("awaiter", &callback.awaiter)?;
        need(callback.awaiter == data.id, "every awaiter must be the suspended task")?;
        need(callback.awaited != data.id, "a task cannot await itself")?;
        same_origin(&callback.awaited, &callback.awaiter)?;
        need(seen.insert(&callback.awaited), "an awaited promise is named twice")?;
    }
    Ok(())
}

fn reclaim(data: &TaskReclaim) -> Check {
    text("id", &data.id)?;
    version(data.version)?;
    if !(1..=limit::RECLAIMED).contains(&data.promises.len()) {
        return refuse(format!("promises must name between 1 and {}", limit::RECLAIMED));
    }
    data.promises.iter().try_for_each(|promise| {
        text("promises", promise)?;
        need(*promise != data.id, "a task cannot reclaim its own promise")?;
        same_origin(promise, &data.id)
    })
}

fn same_origin(awaited: &Id, awaiter: &Id) -> Check {
    if awaited.origin() == awaiter.origin() {
        return Ok(());
    }
    refuse(format!("{awaited:?} and {awaiter:?} are of different origins"))
}

fn heartbeat(data: &TaskHeartbeat) -> Check {
    text("pid", &data.pid)?;
    data.tasks.iter().try_for_each(leased)
}

impl Request {
    /// Checks everything that can be refused without looking at the state. (Whether a cron
    /// expression is one is the machine's to say, since it depends on the time too.)
    ///
    /// # Errors
    /// With the text of the 400.
    pub fn validate(&self) -> Result<(), Invalid> {
        match self {
            Request::PromiseGet(data) => text("id", &data.id),
            Request::PromiseCreate(data) => create(data),
            Request::PromiseSettle(data) => text("id", &data.id),
            Request::PromiseRegisterCallback(data) => {
                text("awaited", &data.awaited)?;
                text("awaiter", &data.awaiter)?;
                need(data.awaited != data.awaiter, "a promise cannot await itself")?;
                same_origin(&data.awaited, &data.awaiter)
            }
            Request::PromiseRegisterListener(data) => {
                text("awaited", &data.awaited)?;
                address("address", &data.address)
            }
            Request::PromiseSearch(data) => page(data.limit, data.cursor.as_deref()),
            Request::TaskGet(data) => text("id", &data.id),
            Request::TaskCreate(data) => task_create(data),
            Request::TaskAcquire(data) => {
                text("id", &data.id)?;
                version(data.version)?;
                text("pid", &data.pid)?;
                ttl(data.ttl)
            }
            Request::TaskFence(data) => {
                text("id", &data.id)?;
                version(data.version)?;
                let target = match &data.action {
                    FenceAction::Create(action) => {
                        create(&action.create)?;
                        &action.create.id
                    }
                    FenceAction::Settle(action) => {
                        text("id", &action.settle.id)?;
                        &action.settle.id
                    }
                    FenceAction::Record(action) => {
                        create(&action.create)?;
                        let bare = action.create.tags.target().is_none();
                        need(bare, "what has a target is executed before it is settled")?;
                        let canceled = action.settle.state == SettleState::RejectedCanceled;
                        need(!canceled, "what is recorded is resolved or rejected")?;
                        &action.create.id
                    }
                };
                need(*target != data.id, "a fence cannot act on its own task")
            }
            Request::TaskHeartbeat(data) => heartbeat(data),
            Request::TaskReclaim(data) => reclaim(data),
            Request::TaskSuspend(data) => suspend(data),
            Request::TaskFulfill(data) => {
                text("id", &data.id)?;
                version(data.version)?;
                need(data.action.settle.id == data.id, "a task fulfills the promise of its own id")
            }
            Request::TaskRelease(data) => {
                text("id", &data.id)?;
                version(data.version)
            }
            Request::TaskHalt(data) => text("id", &data.id),
            Request::TaskContinue(data) => text("id", &data.id),
            Request::TaskSearch(data) => page(data.limit, data.cursor.as_deref()),
            Request::ScheduleGet(data) => text("id", &data.id),
            Request::ScheduleCreate(data) => {
                text("id", &data.id)?;
                text("cron", &data.cron)?;
                text("promiseId", &data.promise_id)?;
                need(data.promise_timeout >= 0, "promiseTimeout must not be negative")?;
                need(
                    data.promise_tags.address().is_some(),
                    "promiseTags need the tag resonate:target",
                )?;
                target(&data.promise_tags)
            }
            Request::ScheduleDelete(data) => text("id", &data.id),
            Request::ScheduleSearch(data) => page(data.limit, data.cursor.as_deref()),
            Request::DebugTick(data) => need(data.time >= 0, "time must not be negative"),
            Request::DebugStart | Request::DebugStop | Request::DebugReset | Request::DebugSnap => {
                Ok(())
            }
        }
    }
}
