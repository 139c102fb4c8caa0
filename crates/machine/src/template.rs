use abide_protocol::{Id, Millis};

use crate::Schedule;

/// The longest timestamp, in bytes.
const TIMESTAMP_BYTES: usize = 20;

/// The id of the promise of one occurrence.
pub(crate) fn promise_id(template: &str, schedule: &Id, occurrence: Millis) -> Id {
    let id = template.replace("{{.id}}", schedule);
    Id::from(id.replace("{{.timestamp}}", &occurrence.to_string()))
}

/// The length that no id made from the template exceeds, in bytes, without making one: a short
/// template can ask for a very long id.
pub(crate) fn longest(template: &str, schedule: &Id) -> usize {
    let ids = template.matches("{{.id}}").count();
    let timestamps = template.matches("{{.timestamp}}").count();
    template.len() + ids * schedule.len() + timestamps * TIMESTAMP_BYTES
}

impl Schedule {
    /// The promise that the next occurrence creates.
    pub fn next_promise(&self) -> Id {
        let record = &self.record;
        promise_id(&record.promise_id, &record.id, record.next_run_at)
    }
}
