use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Id, Millis, Tags, Value};

/// A schedule as it appears on the wire: it creates a promise at every occurrence of its cron
/// expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleRecord {
    /// Its identity.
    pub id: Id,
    /// Five to seven fields, in UTC.
    pub cron: String,
    /// The template of the promises' ids, with `{{.id}}` and `{{.timestamp}}`.
    pub promise_id: String,
    /// How long each promise may take, in milliseconds.
    pub promise_timeout: Millis,
    /// What each promise is created with.
    pub promise_param: Arc<Value>,
    /// The tags of each promise.
    pub promise_tags: Arc<Tags>,
    /// When the schedule was created.
    pub created_at: Millis,
    /// The next occurrence.
    pub next_run_at: Millis,
    /// The last occurrence that fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run_at: Option<Millis>,
}
