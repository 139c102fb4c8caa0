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

#[cfg(test)]
mod tests {
    use abide_protocol::{Id, Millis};
    use proptest::prelude::*;

    use super::{longest, promise_id};

    fn parts() -> impl Strategy<Value = Vec<&'static str>> {
        let part = prop::sample::select(vec!["{{.id}}", "{{.timestamp}}", "-", "day", "{{", "id"]);
        prop::collection::vec(part, 0..6)
    }

    proptest! {
        /// No id is longer, whatever the time; and but for the placeholders, the bound is exact.
        #[test]
        fn the_bound_is_kept_and_tight(parts in parts(), schedule in "[a-z]{1,40}") {
            let (template, schedule) = (parts.concat(), Id::from(schedule));
            let placeholders = |name| template.matches(name).count();
            let (ids, times) = (placeholders("{{.id}}"), placeholders("{{.timestamp}}"));
            for time in [0, Millis::MAX, Millis::MIN] {
                let id = promise_id(&template, &schedule, time);
                prop_assert!(id.len() <= longest(&template, &schedule));
            }
            // The earliest time is as long as a time can be.
            let id = promise_id(&template, &schedule, Millis::MIN);
            let text = 7 * ids + 14 * times;
            prop_assert_eq!(id.len() + text, longest(&template, &schedule));
        }
    }
}
