mod data;

use std::sync::Arc;

use crate::{Invalid, Kind, PromiseRecord, ScheduleRecord, Snapshot, TaskRecord};

/// The status of a response; the HTTP status is the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum Status {
    /// Done.
    Ok = 200,
    /// An awaited promise is settled already: go on instead of suspending.
    Redirect = 300,
    /// The request is malformed, whatever the state.
    BadRequest = 400,
    /// The token is missing or wrong.
    Unauthorized = 401,
    /// The request is not served here.
    Forbidden = 403,
    /// There is no such record.
    NotFound = 404,
    /// The record is not in the state that the request needs.
    Conflict = 409,
    /// Another record that the request needs is missing or unfit.
    Unprocessable = 422,
    /// Too many requests wait.
    TooManyRequests = 429,
    /// The server is at fault.
    Internal = 500,
    /// The server does not know how.
    NotImplemented = 501,
    /// Storage cannot commit right now: try again.
    Unavailable = 503,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 12] = [
        Status::Ok,
        Status::Redirect,
        Status::BadRequest,
        Status::Unauthorized,
        Status::Forbidden,
        Status::NotFound,
        Status::Conflict,
        Status::Unprocessable,
        Status::TooManyRequests,
        Status::Internal,
        Status::NotImplemented,
        Status::Unavailable,
    ];

    /// The number.
    pub fn code(self) -> u16 {
        self as u16
    }

    /// The status of that number.
    pub fn from_code(code: u16) -> Option<Self> {
        Status::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Response {
    /// How it went.
    pub status: Status,
    /// What it says.
    pub body: Body,
}

/// The data of a response. On the wire it is an object, and a plain string for an error.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// What went wrong.
    Error(String),
    /// Nothing to say.
    Empty {},
    /// A promise.
    Promise {
        /// It.
        promise: Arc<PromiseRecord>,
    },
    /// A task.
    Task {
        /// It.
        task: TaskRecord,
    },
    /// A task, its promise and what to know before executing it.
    Claim {
        /// The task.
        task: TaskRecord,
        /// Its promise.
        promise: Arc<PromiseRecord>,
        /// The promises of its branch, or those that have woken it.
        preload: Vec<Arc<PromiseRecord>>,
        /// More promises have woken it than `preload` tells of: whoever waits for them has to ask
        /// for all. Only where [`resumed`](crate::TaskAcquire::resumed) was asked for.
        more: bool,
    },
    /// What to know before going on with a task that was not suspended.
    Preload {
        /// The promises of its branch, or those awaited ones that are settled.
        preload: Vec<Arc<PromiseRecord>>,
        /// More of the awaited promises are settled than `preload` tells of: suspend on all of
        /// them once, not [again](crate::TaskSuspend::again).
        more: bool,
    },
    /// What was deleted.
    Reclaimed {
        /// How many promises.
        reclaimed: u64,
    },
    /// The answer to the action inside a fence.
    Fenced {
        /// The inner response.
        action: FencedAction,
        /// The promises of the task's branch.
        preload: Vec<Arc<PromiseRecord>>,
    },
    /// A page of promises.
    Promises {
        /// In order of id.
        promises: Vec<Arc<PromiseRecord>>,
        /// Where the next page starts, if there may be one.
        cursor: Option<String>,
    },
    /// A page of tasks.
    Tasks {
        /// In order of id.
        tasks: Vec<TaskRecord>,
        /// Where the next page starts, if there may be one.
        cursor: Option<String>,
    },
    /// A schedule.
    Schedule {
        /// It.
        schedule: Arc<ScheduleRecord>,
    },
    /// A page of schedules.
    Schedules {
        /// In order of id.
        schedules: Vec<Arc<ScheduleRecord>>,
        /// Where the next page starts, if there may be one.
        cursor: Option<String>,
    },
    /// The whole state.
    Snapshot(Box<Snapshot>),
}

/// The answer to the action inside `task.fence`: a whole response envelope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FencedAction {
    /// The kind of the inner request.
    pub kind: Kind,
    /// The correlation id of the inner request.
    pub corr_id: String,
    /// The inner response.
    pub response: Box<Response>,
}

impl Response {
    /// A 200 with this body.
    pub fn ok(body: Body) -> Self {
        Response { status: Status::Ok, body }
    }

    /// A refusal with this text.
    pub fn error(status: Status, message: impl Into<String>) -> Self {
        Response { status, body: Body::Error(message.into()) }
    }

    /// The text of a refusal.
    pub fn message(&self) -> Option<&str> {
        match &self.body {
            Body::Error(message) => Some(message),
            _ => None,
        }
    }

    /// The promise that the body speaks of.
    pub fn promise(&self) -> Option<&Arc<PromiseRecord>> {
        match &self.body {
            Body::Promise { promise } | Body::Claim { promise, .. } => Some(promise),
            Body::Fenced { action, .. } => action.response.promise(),
            _ => None,
        }
    }

    /// The task that the body speaks of.
    pub fn task(&self) -> Option<&TaskRecord> {
        match &self.body {
            Body::Task { task } | Body::Claim { task, .. } => Some(task),
            _ => None,
        }
    }

    /// The promises that a claim, a fence or a refused suspension tells of.
    pub fn preload(&self) -> &[Arc<PromiseRecord>] {
        match &self.body {
            Body::Claim { preload, .. }
            | Body::Preload { preload, .. }
            | Body::Fenced { preload, .. } => preload,
            _ => &[],
        }
    }
}

impl From<Invalid> for Response {
    fn from(invalid: Invalid) -> Self {
        Response::error(Status::BadRequest, invalid.0)
    }
}
