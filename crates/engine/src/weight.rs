use abide_machine::{Key, Row};
use abide_protocol::{Tags, Value};

/// What a small heap object costs besides its content, about.
const OBJECT: usize = 48;

/// The bytes that a row takes in memory and, about, in the store.
pub(crate) fn of_row(row: &Row) -> usize {
    match row {
        Row::Promise(promise) => {
            let record = &promise.record;
            let awaiters: usize = promise.awaiters.iter().map(|id| OBJECT + id.len()).sum();
            let listeners: usize = promise.listeners.iter().map(|to| OBJECT + to.len()).sum();
            let content = of_value(&record.param) + of_value(&record.value) + of_tags(&record.tags);
            4 * OBJECT + record.id.len() + content + awaiters + listeners
        }
        Row::Task(task) => 2 * OBJECT + task.id.len() + task.address.len(),
        Row::Schedule(schedule) => {
            let record = &schedule.record;
            let text = record.id.len() + record.cron.len() + record.promise_id.len();
            6 * OBJECT + text + of_value(&record.promise_param) + of_tags(&record.promise_tags)
        }
        Row::Unblock(_) => 2 * OBJECT,
    }
}

/// The bytes that a key and its place in a table take.
pub(crate) fn of_key(key: &Key) -> usize {
    let text = match key {
        Key::Promise(id) | Key::Task(id) | Key::Schedule(id) => id.len(),
        Key::Unblock(address, id) => address.len() + id.len(),
    };
    2 * OBJECT + text
}

pub(crate) fn of_value(value: &Value) -> usize {
    let headers = value.headers.iter().flatten();
    let headers: usize = headers.map(|(name, value)| OBJECT + name.len() + value.len()).sum();
    OBJECT + headers + value.data.as_ref().map_or(0, String::len)
}

fn of_tags(tags: &Tags) -> usize {
    tags.0.iter().map(|(name, value)| OBJECT + name.len() + value.len()).sum()
}
