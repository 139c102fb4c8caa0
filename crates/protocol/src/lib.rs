//! The wire protocol: ids, records, requests, responses, messages, validation and their JSON.
//!
//! This crate knows what may be said, never what happens next: the transitions live in
//! `abide-machine`. It performs no I/O and reads no clock.
//!
//! Source of every shape here: the Resonate protocol, version [`VERSION`].

mod action;
mod address;
pub mod batch;
mod envelope;
mod extensions;
mod id;
mod json;
mod kind;
mod message;
mod object;
mod promise;
mod request;
mod response;
mod schedule;
mod snapshot;
mod tags;
mod task;
mod usual;
mod validate;
mod value;

pub use action::{CallbackAction, CreateAction, FenceAction, RecordAction, SettleAction};
pub use address::{Address, AddressError};
pub use envelope::{Envelope, Head, Refused, ResponseEnvelope, UnreadableResponse};
pub use extensions::{Extensions, extension};
pub use id::Id;
pub use kind::Kind;
pub use message::Message;
pub use promise::{PromiseRecord, PromiseState, SettleState};
pub use request::{
    Leased, PromiseCreate, PromiseGet, PromiseSearch, PromiseSettle, RegisterCallback,
    RegisterListener, Request, ScheduleCreate, ScheduleDelete, ScheduleGet, ScheduleSearch,
    TaskAcquire, TaskContinue, TaskCreate, TaskFence, TaskFulfill, TaskGet, TaskHalt,
    TaskHeartbeat, TaskReclaim, TaskRelease, TaskSearch, TaskSuspend, Tick,
};
pub use response::{Body, FencedAction, Response, Status};
pub use schedule::ScheduleRecord;
pub use snapshot::{Due, Edge, Listening, Outgoing, Snapshot, TaskDue};
pub use tags::{Tags, tag};
pub use task::{TaskRecord, TaskState};
pub use validate::{Invalid, limit};
pub use value::{Headers, Value};

/// The protocol version that every envelope carries.
pub const VERSION: &str = "2026-04-01";

/// A point in time or a span, in Unix milliseconds. Sums saturate at `i64::MAX`.
pub type Millis = i64;
