//! The client for schedules.

use std::{fmt, sync::Arc, time::Duration};

use abide_protocol::{
    self as protocol, Body, Millis, Request, ScheduleCreate, ScheduleDelete, ScheduleGet, Tags, tag,
};

use super::{Found, ScheduleRecord, ask, found::Page, unexpected};
use crate::{
    address,
    call::Call,
    clock,
    codec::{Part, Slot},
    core::{
        ask::{Ask, Deadline},
        fingerprint,
    },
    engine::Abide,
    error::{Error, Result},
    option,
    payload::Invocation,
    wire,
    worker::Worker,
};

/// How the executions of a schedule are named.
const EXECUTION: &str = "{{.id}}-{{.timestamp}}";

/// How long an execution of a schedule may take that names no timeout: a century, so that its
/// deadline is a number that every client represents exactly.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The client for schedules; made by [`Abide::schedules`].
///
/// ```
/// # use abide::prelude::*;
/// # #[durable(name = "water")] async fn water() -> Result<()> { Ok(()) }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// abide.schedule("garden", "0 6 * * *", water()).await?;
/// println!("next at {:?}", abide.schedules().get("garden").await?.next_at());
/// abide.schedules().delete("garden").await?;
/// assert_eq!(abide.schedules().get("garden").await.unwrap_err().code(), "not_found");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Schedules(Arc<Worker>);

impl Abide {
    /// The client for schedules: reads, finds and deletes them. [`schedule`](Self::schedule)
    /// creates one.
    pub fn schedules(&self) -> Schedules {
        Schedules(self.worker())
    }

    /// Calls a durable function at every occurrence of a cron expression (five fields, or six with
    /// seconds in front; UTC), whether this process lives then or not. The function's group
    /// executes it, or else that of this process.
    ///
    /// The same schedule may be created again, at every start of a program for instance: nothing
    /// happens. To pause it, [delete](Schedules::delete) it and create it again later. To change
    /// it, delete it first, or create one of another id.
    ///
    /// ```
    /// use abide::prelude::*;
    ///
    /// #[durable]
    /// async fn report(kind: String) -> Result<()> {
    ///     println!("the {kind} report");
    ///     Ok(())
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// let daily = abide.schedule("reports/daily", "0 9 * * *", report("daily".into())).await?;
    /// assert_eq!(daily.function().as_deref(), Some("report"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the cron expression cannot be read, there is another schedule of this id (code
    /// `id_in_use`), or the engine cannot be reached.
    pub async fn schedule<T, E>(
        &self,
        id: &str,
        cron: &str,
        call: Call<T, E>,
    ) -> Result<ScheduleRecord> {
        let ask = call.into_ask()?;
        option::is_function(&ask, "scheduled")?;
        option::can_be_sent(&ask)?;
        self.schedules().create(id, cron, &ask).await.map_err(|error| error.of(id))
    }
}

impl Schedules {
    async fn create(&self, id: &str, cron: &str, call: &Ask) -> Result<ScheduleRecord> {
        let settings = &self.0.settings;
        let mut tags = call.options.tags.clone();
        let target = call.options.target.clone();
        let target = target.unwrap_or_else(|| address::group(&settings.group));
        tags.insert(tag::TARGET.to_owned(), target);
        tags.insert(tag::SCOPE.to_owned(), "global".to_owned());
        let slot = Slot { promise: "", part: Part::Schedule };
        let mut param = settings.layers.write(slot, &Invocation::json_of(call));
        wire::send_retry(call, &mut param);
        let request = Request::ScheduleCreate(ScheduleCreate {
            id: id.into(),
            cron: cron.to_owned(),
            promise_id: EXECUTION.to_owned(),
            promise_timeout: timeout(call),
            promise_param: Arc::new(param),
            promise_tags: Arc::new(Tags::from_iter(tags)),
        });
        let schedule = self.record(request).await?;
        same(&schedule, cron, call)?;
        Ok(schedule)
    }

    /// Reads a schedule.
    ///
    /// # Errors
    /// When there is none of this id (code `not_found`), or the engine cannot be reached.
    pub async fn get(&self, id: &str) -> Result<ScheduleRecord> {
        let request = Request::ScheduleGet(ScheduleGet { id: id.into() });
        self.record(request).await.map_err(|error| error.of(id))
    }

    /// Ends a schedule. What it has started goes on.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn delete(&self, id: &str) -> Result<()> {
        let request = Request::ScheduleDelete(ScheduleDelete { id: id.into() });
        ask(&self.0, request).await.map(drop).map_err(|error| error.of(id))
    }

    /// Finds schedules. Without any condition it finds all of them.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # #[durable(name = "book_report")] async fn report() -> Result<()> { Ok(()) }
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// abide.schedule("nightly", "0 3 * * *", report().tag("team", "books")).await?;
    /// let theirs = abide.schedules().search().tag("team", "books").stream().all().await?;
    /// assert_eq!(theirs[0].id(), "nightly");
    /// # Ok(()) }
    /// ```
    pub fn search(&self) -> ScheduleSearch {
        let query = protocol::ScheduleSearch {
            tags: Tags::default(),
            limit: Some(protocol::limit::PAGE),
            cursor: None,
        };
        ScheduleSearch { worker: self.0.clone(), query }
    }

    async fn record(&self, request: Request) -> Result<ScheduleRecord> {
        match ask(&self.0, request).await? {
            Body::Schedule { schedule } => {
                Ok(ScheduleRecord::new(schedule, &self.0.settings.layers))
            }
            _ => Err(unexpected("a schedule")),
        }
    }
}

/// How long each execution may take.
fn timeout(call: &Ask) -> Millis {
    match call.options.deadline {
        Some(Deadline::After(span)) => clock::span(span.min(CENTURY)),
        _ => clock::span(CENTURY),
    }
}

/// Whether a schedule was created for this very call.
fn same(schedule: &ScheduleRecord, cron: &str, call: &Ask) -> Result<()> {
    let recorded = schedule.invocation();
    let same = recorded.as_ref().is_some_and(|recorded| {
        *recorded.func == *call.func
            && fingerprint::of_text(&recorded.array()) == Some(call.fingerprint)
    });
    if same && schedule.cron() == cron {
        return Ok(());
    }
    let recorded = recorded.map_or_else(
        || "something else".to_owned(),
        |recorded| format!("{}{}", recorded.func, recorded.array()),
    );
    let message = format!(
        "there is a schedule of this id for {recorded} at {:?}: delete it first, or use another id",
        schedule.cron()
    );
    Err(Error::misuse("id_in_use", message))
}

impl fmt::Debug for Schedules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Schedules")
    }
}

/// A search for schedules.
///
/// ```
/// # use abide::prelude::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// let mut schedules = abide.schedules().search().tag("team", "books").stream();
/// while let Some(schedule) = schedules.next().await {
///     println!("{:?}", schedule?);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a search asks for nothing until it is streamed"]
#[derive(Clone)]
pub struct ScheduleSearch {
    worker: Arc<Worker>,
    query: protocol::ScheduleSearch,
}

impl ScheduleSearch {
    /// Only those whose executions have this tag. Several tags must all be there.
    pub fn tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.tags.insert(&name.into(), &value.into());
        self
    }

    /// What is found.
    pub fn stream(self) -> Found<ScheduleRecord> {
        let Self { worker, query } = self;
        Found::pages(move |cursor| {
            let query = protocol::ScheduleSearch { cursor, ..query.clone() };
            page(worker.clone(), Request::ScheduleSearch(query))
        })
    }
}

async fn page(worker: Arc<Worker>, request: Request) -> Result<Page<ScheduleRecord>> {
    match ask(&worker, request).await? {
        Body::Schedules { schedules, cursor } => {
            let layers = &worker.settings.layers;
            let records = schedules.into_iter().map(|one| ScheduleRecord::new(one, layers));
            Ok((records.collect(), cursor))
        }
        _ => Err(unexpected("a page of schedules")),
    }
}

impl fmt::Debug for ScheduleSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.query)
    }
}
