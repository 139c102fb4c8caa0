//! Reading responses: what their data are, the kind of the request says.

use std::{fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    Body, FencedAction, Kind, PromiseRecord, Response, ScheduleRecord, Status, TaskRecord,
    json::INLINE, object, parts,
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

/// An inner answer that is read in one go.
struct Usual(FencedAction);

impl<'de> Deserialize<'de> for Usual {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(INLINE, UsualVisitor)
    }
}

struct UsualVisitor;

impl<'de> Visitor<'de> for UsualVisitor {
    type Value = Usual;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Usual, A::Error> {
        parts::read(map, |kind, head: Option<InActionHead>, map| {
            let kind = kind.and_then(Kind::parse).ok_or_else(|| A::Error::missing_field("kind"))?;
            let head = head.ok_or_else(|| A::Error::missing_field("head"))?;
            let response = Box::new(Response::from_map(kind, head.status, map)?);
            Ok(Usual(FencedAction { kind, corr_id: head.corr_id, response }))
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

    /// Reads the data where they are the next value of a map, if they are as usual.
    pub(crate) fn from_map<'de, A: MapAccess<'de>>(
        kind: Kind,
        code: u16,
        map: &mut A,
    ) -> Result<Self, A::Error> {
        let status = Status::from_code(code).ok_or_else(|| A::Error::missing_field("status"))?;
        if status >= Status::BadRequest {
            return Ok(Response::error(status, map.next_value::<String>()?));
        }
        let body = match kind {
            Kind::DebugSnap => return Err(A::Error::custom("a snapshot")),
            _ => {
                let body: InBody<Usual> = map.next_value()?;
                Body::of(kind, status, body, |Usual(action)| Ok(action))
                    .map_err(A::Error::custom)?
            }
        };
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
            Kind::TaskFence => {
                let action = fenced(body.action.ok_or_else(lacks("action"))?)?;
                Body::Fenced { action, preload: body.preload.unwrap_or_default() }
            }
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
