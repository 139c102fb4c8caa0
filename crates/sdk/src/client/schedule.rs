//! A schedule, as it was when it was looked at.

use std::{fmt, sync::Arc, time::SystemTime};

use abide_protocol as protocol;

use crate::{
    clock,
    codec::{Layers, Part, Slot},
    payload::Invocation,
};

/// A schedule, as it was when it was looked at: it starts an execution at every occurrence of a
/// cron expression.
///
/// ```
/// # use abide::prelude::*;
/// # #[durable(name = "back_up")] async fn back_up() -> Result<()> { Ok(()) }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// let backup = abide.schedule("backup", "30 2 * * *", back_up().tag("team", "ops")).await?;
/// assert_eq!((backup.id(), backup.cron()), ("backup", "30 2 * * *"));
/// assert_eq!(backup.function().as_deref(), Some("back_up"));
/// assert_eq!((backup.tag("team"), backup.last_at()), (Some("ops"), None));
/// assert!(backup.next_at() > backup.created_at());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ScheduleRecord {
    record: Arc<protocol::ScheduleRecord>,
    layers: Layers,
}

impl ScheduleRecord {
    pub(super) fn new(record: Arc<protocol::ScheduleRecord>, layers: &Layers) -> Self {
        Self { record, layers: layers.clone() }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.record.id
    }

    /// The cron expression, in UTC.
    pub fn cron(&self) -> &str {
        &self.record.cron
    }

    /// The function that it calls; `None` if it calls none, or it cannot be read here.
    pub fn function(&self) -> Option<String> {
        Some(self.invocation()?.func)
    }

    /// When it was created.
    pub fn created_at(&self) -> SystemTime {
        clock::time(self.record.created_at)
    }

    /// The next occurrence.
    pub fn next_at(&self) -> SystemTime {
        clock::time(self.record.next_run_at)
    }

    /// The last occurrence that there was.
    pub fn last_at(&self) -> Option<SystemTime> {
        self.record.last_run_at.map(clock::time)
    }

    /// The id of the execution that an occurrence at this time starts, to wait for it or to look
    /// it up.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # #[durable(name = "nightly_report")] async fn report() -> Result<()> { Ok(()) }
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// let nightly = abide.schedule("nightly", "0 3 * * *", report()).await?;
    /// let tonight = nightly.execution_at(nightly.next_at());
    /// assert!(tonight.starts_with("nightly-"));
    /// # Ok(()) }
    /// ```
    pub fn execution_at(&self, time: SystemTime) -> String {
        let id = self.record.promise_id.replace("{{.id}}", &self.record.id);
        id.replace("{{.timestamp}}", &clock::at(time).to_string())
    }

    /// The value of a tag of the executions that it starts.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.record.promise_tags.get(name)
    }

    pub(super) fn invocation(&self) -> Option<Invocation> {
        let slot = Slot { promise: "", part: Part::Schedule };
        let json = self.layers.read(slot, &self.record.promise_param).ok()??;
        serde_json::from_str(&json).ok()
    }
}

impl fmt::Debug for ScheduleRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScheduleRecord({}, {:?})", self.id(), self.cron())
    }
}
