//! The client for tasks.

use std::{fmt, sync::Arc};

use abide_protocol::{self as protocol, Body, Request, TaskContinue, TaskGet, TaskHalt};

use super::{Found, TaskRecord, TaskState, ask, found::Page, unexpected};
use crate::{engine::Abide, error::Result, worker::Worker};

/// The client for tasks; made by [`Abide::tasks`].
///
/// ```
/// # use abide::{client::TaskState, prelude::*};
/// # use std::time::Duration;
/// # #[durable] async fn hibernate() -> Result<()> { sleep(Duration::from_secs(3_600)).await }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// abide.start("hibernate/1", hibernate()).await?;
/// abide.tasks().halt("hibernate/1").await?;
/// assert_eq!(abide.tasks().get("hibernate/1").await?.state(), TaskState::Halted);
/// abide.tasks().resume("hibernate/1").await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Tasks(Arc<Worker>);

impl Abide {
    /// The client for tasks: reads and finds them, halts and resumes executions.
    pub fn tasks(&self) -> Tasks {
        Tasks(self.worker())
    }
}

impl Tasks {
    /// Reads a task.
    ///
    /// # Errors
    /// When there is none of this id (code `not_found`), or the engine cannot be reached.
    pub async fn get(&self, id: &str) -> Result<TaskRecord> {
        let request = Request::TaskGet(TaskGet { id: id.into() });
        match ask(&self.0, request).await.map_err(|error| error.of(id))? {
            Body::Task { task } => Ok(TaskRecord(task)),
            _ => Err(unexpected("a task")),
        }
    }

    /// Stops an execution until it is [resumed](Self::resume). Nothing is lost; whoever drives it
    /// finds out before it records anything more.
    ///
    /// ```
    /// use abide::{client::TaskState, prelude::*};
    /// # use std::time::Duration;
    ///
    /// #[durable]
    /// async fn nightly() -> Result<()> {
    ///     sleep(Duration::from_secs(3_600)).await
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// abide.start("nightly/1", nightly()).await?;
    /// abide.tasks().halt("nightly/1").await?;
    /// assert_eq!(abide.tasks().get("nightly/1").await?.state(), TaskState::Halted);
    /// abide.tasks().resume("nightly/1").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When there is no such task, it has ended, or the engine cannot be reached.
    pub async fn halt(&self, id: &str) -> Result<()> {
        let request = Request::TaskHalt(TaskHalt { id: id.into() });
        ask(&self.0, request).await.map(drop).map_err(|error| error.of(id))
    }

    /// Continues an execution that was halted: by an operator, or because the code did not agree
    /// with its records and is fixed now.
    ///
    /// # Errors
    /// When there is no such task, it is not halted, or the engine cannot be reached.
    pub async fn resume(&self, id: &str) -> Result<()> {
        let request = Request::TaskContinue(TaskContinue { id: id.into() });
        ask(&self.0, request).await.map(drop).map_err(|error| error.of(id))
    }

    /// Finds tasks. Without any condition it finds all of them.
    ///
    /// ```
    /// # use abide::{client::TaskState, prelude::*};
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// let mut halted = abide.tasks().search().state(TaskState::Halted).stream();
    /// while let Some(task) = halted.next().await {
    ///     abide.tasks().resume(task?.id()).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn search(&self) -> TaskSearch {
        let query =
            protocol::TaskSearch { state: None, limit: Some(protocol::limit::PAGE), cursor: None };
        TaskSearch { worker: self.0.clone(), query }
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tasks")
    }
}

/// A search for tasks.
///
/// ```
/// # use abide::{client::TaskState, prelude::*};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// let running = abide.tasks().search().state(TaskState::Acquired).stream().all().await?;
/// println!("{} executions run right now", running.len());
/// # Ok(()) }
/// ```
#[must_use = "a search asks for nothing until it is streamed"]
#[derive(Clone)]
pub struct TaskSearch {
    worker: Arc<Worker>,
    query: protocol::TaskSearch,
}

impl TaskSearch {
    /// Only those in this state.
    pub fn state(mut self, state: TaskState) -> Self {
        self.query.state = Some(state);
        self
    }

    /// What is found.
    pub fn stream(self) -> Found<TaskRecord> {
        let Self { worker, query } = self;
        Found::pages(move |cursor| {
            let query = protocol::TaskSearch { cursor, ..query.clone() };
            page(worker.clone(), Request::TaskSearch(query))
        })
    }
}

async fn page(worker: Arc<Worker>, request: Request) -> Result<Page<TaskRecord>> {
    match ask(&worker, request).await? {
        Body::Tasks { tasks, cursor } => Ok((tasks.into_iter().map(TaskRecord).collect(), cursor)),
        _ => Err(unexpected("a page of tasks")),
    }
}

impl fmt::Debug for TaskSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.query)
    }
}
