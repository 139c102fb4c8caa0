use std::sync::Arc;

use serde::Deserialize;

use crate::{
    CallbackAction, CreateAction, FenceAction, Id, Kind, Millis, PromiseState, SettleAction,
    SettleState, Tags, TaskState, Value,
    json::{Read, Reader, Unfit, Write},
    object,
};

macro_rules! data {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name { $($(#[$attr])* pub $field: $type,)* }
    )*};
}

data! {
    /// The data of `promise.get`.
    PromiseGet {
        /// The promise.
        id: Id,
    }

    /// The data of `promise.create`.
    PromiseCreate {
        /// The id of the new promise.
        id: Id,
        /// Its deadline.
        timeout_at: Millis,
        /// What it is created with.
        #[serde(default, deserialize_with = "object::shared")]
        param: Arc<Value>,
        /// Its tags.
        #[serde(default, deserialize_with = "object::arc")]
        tags: Arc<Tags>,
    }

    /// The data of `promise.settle`.
    PromiseSettle {
        /// The promise.
        id: Id,
        /// How it settles.
        state: SettleState,
        /// What it settles with.
        #[serde(default, deserialize_with = "object::shared")]
        value: Arc<Value>,
    }

    /// The data of `promise.register_callback`.
    RegisterCallback {
        /// The promise waited for.
        awaited: Id,
        /// The promise whose task is resumed.
        awaiter: Id,
    }

    /// The data of `promise.register_listener`.
    RegisterListener {
        /// The promise.
        awaited: Id,
        /// Who is told.
        address: String,
    }

    /// The data of `promise.search`.
    PromiseSearch {
        /// Only promises in this state.
        #[serde(default)]
        state: Option<PromiseState>,
        /// Only promises with all of these tags.
        #[serde(default)]
        tags: Tags,
        /// The size of a page.
        #[serde(default)]
        limit: Option<i64>,
        /// Only promises after this id.
        #[serde(default)]
        cursor: Option<String>,
    }

    /// The data of `task.get`.
    TaskGet {
        /// The task.
        id: Id,
    }

    /// The data of `task.create`.
    TaskCreate {
        /// The process that holds the new task.
        pid: String,
        /// The length of its lease, in milliseconds.
        ttl: Millis,
        /// The promise to create.
        action: CreateAction,
    }

    /// The data of `task.acquire`.
    TaskAcquire {
        /// The task.
        id: Id,
        /// The version that was offered.
        version: i64,
        /// The process that takes it.
        pid: String,
        /// The length of the lease, in milliseconds.
        ttl: Millis,
        /// `preload` tells of the promises whose settlement has woken the task, instead of those
        /// of its branch: what a worker wants that still has the execution in memory. If they are
        /// not all told of, the answer says [`more`](crate::Body::Claim::more). It says what
        /// settled since the last acquisition, whoever that was: unless the version has moved by
        /// exactly one since this worker held the task, the worker does not know all. An
        /// extension.
        #[serde(default, deserialize_with = "object::flag")]
        resumed: bool,
    }

    /// The data of `task.fence`.
    TaskFence {
        /// The task that must be held.
        id: Id,
        /// The version it must be held at.
        version: i64,
        /// What is done if it is.
        action: FenceAction,
    }

    /// The data of `task.heartbeat`.
    TaskHeartbeat {
        /// The process.
        pid: String,
        /// The tasks to extend; none means all that the process holds.
        #[serde(default, deserialize_with = "object::many")]
        tasks: Vec<Leased>,
    }

    /// A task at a version.
    Leased {
        /// The task.
        id: Id,
        /// The version it is held at.
        version: i64,
    }

    /// The data of `task.suspend`.
    TaskSuspend {
        /// The task.
        id: Id,
        /// The version it is held at.
        version: i64,
        /// What it waits for.
        actions: Vec<CallbackAction>,
        /// On a refusal `preload` tells of those of the awaited promises that are settled, instead
        /// of the promises of the branch. An extension.
        #[serde(default, deserialize_with = "object::flag")]
        resumed: bool,
        /// What earlier suspensions of the task wait for is waited for still, and `actions`, which
        /// may be empty, lists only what comes to it. If any of it has settled since the
        /// acquisition, the suspension is refused, and `preload` tells of what has. An answer that
        /// was lost may have told of something: ask again without this, for everything. An
        /// extension.
        #[serde(default, deserialize_with = "object::flag")]
        again: bool,
    }

    /// The data of `task.reclaim`, an extension.
    TaskReclaim {
        /// The task that must be held.
        id: Id,
        /// The version it must be held at.
        version: i64,
        /// The promises below the task that it will never ask for again. Each is deleted, with all
        /// below it, if everything there is settled and nobody is still to hear of it.
        promises: Vec<Id>,
    }

    /// The data of `task.fulfill`.
    TaskFulfill {
        /// The task.
        id: Id,
        /// The version it is held at.
        version: i64,
        /// How its promise settles.
        action: SettleAction,
    }

    /// The data of `task.release`.
    TaskRelease {
        /// The task.
        id: Id,
        /// The version it is held at.
        version: i64,
    }

    /// The data of `task.halt`.
    TaskHalt {
        /// The task.
        id: Id,
    }

    /// The data of `task.continue`.
    TaskContinue {
        /// The task.
        id: Id,
    }

    /// The data of `task.search`.
    TaskSearch {
        /// Only tasks in this state.
        #[serde(default)]
        state: Option<TaskState>,
        /// The size of a page.
        #[serde(default)]
        limit: Option<i64>,
        /// Only tasks after this id.
        #[serde(default)]
        cursor: Option<String>,
    }

    /// The data of `schedule.get`.
    ScheduleGet {
        /// The schedule.
        id: Id,
    }

    /// The data of `schedule.create`.
    ScheduleCreate {
        /// The id of the new schedule.
        id: Id,
        /// Five to seven fields, in UTC.
        cron: String,
        /// The template of the promises' ids.
        promise_id: String,
        /// How long each promise may take, in milliseconds.
        promise_timeout: Millis,
        /// What each promise is created with.
        #[serde(default, deserialize_with = "object::shared")]
        promise_param: Arc<Value>,
        /// The tags of each promise.
        #[serde(default, deserialize_with = "object::arc")]
        promise_tags: Arc<Tags>,
    }

    /// The data of `schedule.delete`.
    ScheduleDelete {
        /// The schedule.
        id: Id,
    }

    /// The data of `schedule.search`.
    ScheduleSearch {
        /// Only schedules whose promises have all of these tags.
        #[serde(default)]
        tags: Tags,
        /// The size of a page.
        #[serde(default)]
        limit: Option<i64>,
        /// Only schedules after this id.
        #[serde(default)]
        cursor: Option<String>,
    }

    /// The data of `debug.tick`.
    Tick {
        /// Everything due at this time fires.
        time: Millis,
    }
}

/// Any request, read and typed but not yet validated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the kind of the same name")]
pub enum Request {
    PromiseGet(PromiseGet),
    PromiseCreate(PromiseCreate),
    PromiseSettle(PromiseSettle),
    PromiseRegisterCallback(RegisterCallback),
    PromiseRegisterListener(RegisterListener),
    PromiseSearch(PromiseSearch),
    TaskGet(TaskGet),
    TaskCreate(TaskCreate),
    TaskAcquire(TaskAcquire),
    TaskFence(TaskFence),
    TaskHeartbeat(TaskHeartbeat),
    TaskReclaim(TaskReclaim),
    TaskSuspend(TaskSuspend),
    TaskFulfill(TaskFulfill),
    TaskRelease(TaskRelease),
    TaskHalt(TaskHalt),
    TaskContinue(TaskContinue),
    TaskSearch(TaskSearch),
    ScheduleGet(ScheduleGet),
    ScheduleCreate(ScheduleCreate),
    ScheduleDelete(ScheduleDelete),
    ScheduleSearch(ScheduleSearch),
    DebugStart,
    DebugStop,
    DebugReset,
    DebugTick(Tick),
    DebugSnap,
}

macro_rules! with_data {
    ($($name:ident),*) => {
        impl Request {
            /// The kind of this request.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Request::$name(_) => Kind::$name,)*
                    Request::DebugStart => Kind::DebugStart,
                    Request::DebugStop => Kind::DebugStop,
                    Request::DebugReset => Kind::DebugReset,
                    Request::DebugSnap => Kind::DebugSnap,
                }
            }

            /// Reads the data of a request of this kind. `data` is an object's text.
            pub(crate) fn from_data(kind: Kind, data: &str) -> Result<Self, serde_json::Error> {
                Ok(match kind {
                    $(Kind::$name => Request::$name(serde_json::from_str(data)?),)*
                    Kind::DebugStart => Request::DebugStart,
                    Kind::DebugStop => Request::DebugStop,
                    Kind::DebugReset => Request::DebugReset,
                    Kind::DebugSnap => Request::DebugSnap,
                })
            }

            /// Reads the data of a request of this kind where they come next, if they are as usual.
            pub(crate) fn read(kind: Kind, reader: &mut Reader<'_>) -> Result<Self, Unfit> {
                let request = match kind {
                    $(Kind::$name => return Read::read(reader).map(Request::$name),)*
                    Kind::DebugStart => Request::DebugStart,
                    Kind::DebugStop => Request::DebugStop,
                    Kind::DebugReset => Request::DebugReset,
                    Kind::DebugSnap => Request::DebugSnap,
                };
                if reader.peek() != Some(b'{') {
                    return Err(Unfit);
                }
                reader.skip().map(|()| request)
            }

            /// Appends the data.
            pub(crate) fn append_data(&self, out: &mut Vec<u8>) {
                match self {
                    $(Request::$name(data) => data.write(out),)*
                    Request::DebugStart
                    | Request::DebugStop
                    | Request::DebugReset
                    | Request::DebugSnap => out.extend_from_slice(b"{}"),
                }
            }
        }
    };
}

with_data!(
    PromiseGet,
    PromiseCreate,
    PromiseSettle,
    PromiseRegisterCallback,
    PromiseRegisterListener,
    PromiseSearch,
    TaskGet,
    TaskCreate,
    TaskAcquire,
    TaskFence,
    TaskHeartbeat,
    TaskReclaim,
    TaskSuspend,
    TaskFulfill,
    TaskRelease,
    TaskHalt,
    TaskContinue,
    TaskSearch,
    ScheduleGet,
    ScheduleCreate,
    ScheduleDelete,
    ScheduleSearch,
    DebugTick
);
