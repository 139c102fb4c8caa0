//! Promises, tasks and schedules, as an operator or another program sees them.
//!
//! A durable function needs none of this: it makes calls. These clients are for what stands beside
//! the executions: a webhook that settles a promise, a page that lists what is pending, a script
//! that continues what was halted, a schedule.
//!
//! ```
//! use abide::{client::Status, prelude::*};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<()> {
//! let abide = Abide::memory().await?;
//! let approval = abide.promises().create::<bool>("approval/7").tag("order", "7").await?;
//! approval.resolve(&true).await?;
//!
//! let mut approvals = abide.promises().search().tag("order", "7").stream();
//! while let Some(promise) = approvals.next().await {
//!     let promise = promise?;
//!     assert_eq!((promise.id(), promise.status()), ("approval/7", Status::Resolved));
//!     assert_eq!(promise.result::<bool>().unwrap()?, true);
//! }
//! # Ok(()) }
//! ```

mod found;
mod promise;
mod promises;
mod schedule;
mod schedules;
mod status;
mod task;
mod tasks;

use std::time::Duration;

use abide_protocol::{Body, Request, Status as Code};

/// The state of a task, as the protocol has it.
pub use abide_protocol::TaskState;

pub use self::{
    found::Found,
    promise::PromiseRecord,
    promises::{NewPromise, PromiseSearch, Promises},
    schedule::ScheduleRecord,
    schedules::{ScheduleSearch, Schedules},
    status::Status,
    task::TaskRecord,
    tasks::{TaskSearch, Tasks},
};
use crate::{
    error::Result,
    worker::{Lost, Worker, refused},
};

/// How long a request waits for an engine that is out of reach.
const PATIENCE: Duration = Duration::from_secs(15);

/// Makes a request, and takes every refusal for an error.
async fn ask(worker: &Worker, request: Request) -> Result<Body> {
    let answer = worker.call(request, PATIENCE).await;
    let response = answer.map_err(|Lost(error)| error)?.response;
    match response.status {
        Code::Ok => Ok(response.body),
        _ => Err(refused(&response)),
    }
}

/// The answer is not what the request asks for.
fn unexpected(wanted: &str) -> crate::Error {
    crate::Error::unavailable(format!("the engine gave something else than {wanted}"))
}
