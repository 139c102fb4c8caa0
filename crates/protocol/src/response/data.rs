//! Reading responses: what their data are, the kind of the request says.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Body, FencedAction, Kind, PromiseRecord, Response, ScheduleRecord, Status, TaskRecord,
    json::{Read, Reader, Unfit, readable},
    object,
    usual::read_parts,
};

/// The fields of every body; which of them are needed is what the kind says.
#[derive(Deserialize)]
#[serde(bound(deserialize = "A: Deserialize<'de>"))]
struct InBody<A> {
    #[serde(default, deserialize_with = "object::some_arc")]
    promise: Option<Arc<PromiseRecord>>,
    task: Option<TaskRecord>,
    schedule: Option<Arc<ScheduleRecord>>,
    preload: Option<Vec<Arc<PromiseRecord>>>,
    more: Option<bool>,
    reclaimed: Option<u64>,
    promises: Option<Vec<Arc<PromiseRecord>>>,
    tasks: Option<Vec<TaskRecord>>,
    schedules: Option<Vec<Arc<ScheduleRecord>>>,
    cursor: Option<String>,
    action: Option<A>,
}

#[derive(Deserialize)]
struct InAction<'a> {
    kind: String,
    #[serde(deserialize_with = "object::one")]
    head: InActionHead,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InActionHead {
    #[serde(default)]
    corr_id: String,
    status: u16,
}

impl FencedAction {
    /// Reads the inner answer, whatever the order of its parts.
    fn from_data(data: &str) -> Result<Self, String> {
        let inner: InAction = serde_json::from_str(data).map_err(|error| error.to_string())?;
        let kind = Kind::parse(&inner.kind).ok_or("the action's kind is unknown")?;
        let response = Response::from_data(kind, inner.head.status, inner.data.get())?;
        Ok(FencedAction { kind, corr_id: inner.head.corr_id, response: Box::new(response) })
    }
}

readable!(InBody<FencedAction> {
    promise: "promise" optional,
    task: "task" optional,
    schedule: "schedule" optional,
    preload: "preload" optional,
    more: "more" optional,
    reclaimed: "reclaimed" optional,
    promises: "promises" optional,
    tasks: "tasks" optional,
    schedules: "schedules" optional,
    cursor: "cursor" optional,
    action: "action" optional,
});

readable!(InActionHead { corr_id: "corrId" optional, status: "status", });

/// Reads the inner answer in one go.
impl<'de> Read<'de> for FencedAction {
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        read_parts(reader, InActionHead::read, |kind, head, reader| {
            let kind = kind.and_then(Kind::parse).ok_or(Unfit)?;
            let InActionHead { corr_id, status } = head.ok_or(Unfit)?;
            let response = Box::new(Response::read(kind, status, reader)?);
            Ok(FencedAction { kind, corr_id, response })
        })
    }
}

impl Response {
    /// Reads the data of a response to a request of this kind.
    pub(crate) fn from_data(kind: Kind, code: u16, data: &str) -> Result<Self, String> {
        let status =
            Status::from_code(code).ok_or_else(|| format!("the status {code} is unknown"))?;
        if status >= Status::BadRequest {
            let message = serde_json::from_str::<String>(data).unwrap_or_else(|_| data.to_owned());
            return Ok(Response::error(status, message));
        }
        Body::from_data(kind, status, data)
            .map(|body| Response { status, body })
            .map_err(|error| format!("the answer to {kind}: {error}"))
    }

    /// Reads the data where they come next, if they are as usual.
    pub(crate) fn read(kind: Kind, code: u16, reader: &mut Reader<'_>) -> Result<Self, Unfit> {
        let status = Status::from_code(code).ok_or(Unfit)?;
        if status >= Status::BadRequest {
            return Ok(Response::error(status, reader.string()?));
        }
        if kind == Kind::DebugSnap {
            return Err(Unfit);
        }
        let body = InBody::read(reader)?;
        let body = Body::of(kind, status, body, Ok).map_err(|_| Unfit)?;
        Ok(Response { status, body })
    }
}

impl Body {
    fn from_data(kind: Kind, status: Status, data: &str) -> Result<Self, String> {
        if kind == Kind::DebugSnap {
            let snapshot = serde_json::from_str(data).map_err(|error| error.to_string())?;
            return Ok(Body::Snapshot(snapshot));
        }
        let body: InBody<&RawValue> =
            serde_json::from_str(data).map_err(|error| error.to_string())?;
        Body::of(kind, status, body, |action| FencedAction::from_data(action.get()))
    }

    fn of<A>(
        kind: Kind,
        status: Status,
        body: InBody<A>,
        fenced: impl FnOnce(A) -> Result<FencedAction, String>,
    ) -> Result<Self, String> {
        let InBody { cursor, .. } = body;
        fn lacks(name: &str) -> impl FnOnce() -> String {
            move || format!("{name} is missing")
        }
        Ok(match kind {
            Kind::PromiseGet
            | Kind::PromiseCreate
            | Kind::PromiseSettle
            | Kind::PromiseRegisterCallback
            | Kind::PromiseRegisterListener
            | Kind::TaskFulfill => {
                Body::Promise { promise: body.promise.ok_or_else(lacks("promise"))? }
            }
            Kind::PromiseSearch => {
                Body::Promises { promises: body.promises.ok_or_else(lacks("promises"))?, cursor }
            }
            Kind::TaskGet => Body::Task { task: body.task.ok_or_else(lacks("task"))? },
            Kind::TaskCreate | Kind::TaskAcquire => Body::Claim {
                task: body.task.ok_or_else(lacks("task"))?,
                promise: body.promise.ok_or_else(lacks("promise"))?,
                preload: body.preload.unwrap_or_default(),
                more: body.more.unwrap_or(false),
            },
            Kind::TaskFence => match body.action {
                Some(action) => Body::Fenced {
                    action: fenced(action)?,
                    preload: body.preload.unwrap_or_default(),
                },
                None => Body::Empty {},
            },
            Kind::TaskSuspend if status == Status::Redirect => Body::Preload {
                preload: body.preload.unwrap_or_default(),
                more: body.more.unwrap_or(false),
            },
            Kind::TaskReclaim => {
                Body::Reclaimed { reclaimed: body.reclaimed.ok_or_else(lacks("reclaimed"))? }
            }
            Kind::TaskSearch => {
                Body::Tasks { tasks: body.tasks.ok_or_else(lacks("tasks"))?, cursor }
            }
            Kind::ScheduleGet | Kind::ScheduleCreate => {
                Body::Schedule { schedule: body.schedule.ok_or_else(lacks("schedule"))? }
            }
            Kind::ScheduleSearch => Body::Schedules {
                schedules: body.schedules.ok_or_else(lacks("schedules"))?,
                cursor,
            },
            Kind::TaskHeartbeat
            | Kind::TaskSuspend
            | Kind::TaskRelease
            | Kind::TaskHalt
            | Kind::TaskContinue
            | Kind::ScheduleDelete
            | Kind::DebugStart
            | Kind::DebugStop
            | Kind::DebugReset
            | Kind::DebugTick
            | Kind::DebugSnap => Body::Empty {},
        })
    }
}
