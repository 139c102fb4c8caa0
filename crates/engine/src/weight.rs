use abide_machine::{Key, Row};
use abide_protocol::{FenceAction, PromiseCreate, PromiseRecord, Request, Tags, Value};

/// What a small heap object costs besides its content, about.
const OBJECT: usize = 48;

/// The bytes that a row takes in memory and, about, in the store.
pub(crate) fn of_row(row: &Row) -> usize {
    match row {
        Row::Promise(promise) => {
            let record = &promise.record;
            let awaiters: usize = promise.awaiters.iter().map(|id| OBJECT + id.len()).sum();
            let listeners: usize = promise.listeners.iter().map(|to| OBJECT + to.len()).sum();
            let unheard: usize = promise.unheard.iter().map(|to| OBJECT + to.len()).sum();
            of_promise(record) + awaiters + listeners + unheard
        }
        Row::Task(task) => {
            let resumed: usize = task.resumed.iter().map(|id| OBJECT + id.len()).sum();
            2 * OBJECT + task.id.len() + task.address.len() + resumed
        }
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

/// The bytes that a promise takes without those who wait for it.
pub(crate) fn of_promise(record: &PromiseRecord) -> usize {
    let content = of_value(&record.param) + of_value(&record.value) + of_tags(&record.tags);
    4 * OBJECT + record.id.len() + content
}

/// The bytes that a request takes while it waits.
pub(crate) fn of_request(request: &Request) -> usize {
    let create = |data: &PromiseCreate| of_value(&data.param) + of_tags(&data.tags);
    let content = match request {
        Request::PromiseCreate(data) => create(data),
        Request::PromiseSettle(data) => of_value(&data.value),
        Request::TaskCreate(data) => create(&data.action.create),
        Request::TaskFence(data) => match &data.action {
            FenceAction::Create(action) => create(&action.create),
            FenceAction::Settle(action) => of_value(&action.settle.value),
        },
        Request::TaskFulfill(data) => of_value(&data.action.settle.value),
        Request::TaskSuspend(data) => 4 * OBJECT * data.actions.len(),
        Request::TaskReclaim(data) => 2 * OBJECT * data.promises.len(),
        Request::TaskHeartbeat(data) => 2 * OBJECT * data.tasks.len(),
        Request::ScheduleCreate(data) => {
            of_value(&data.promise_param) + of_tags(&data.promise_tags)
        }
        _ => 0,
    };
    4 * OBJECT + content
}

pub(crate) fn of_value(value: &Value) -> usize {
    let headers = value.headers.iter().flatten();
    let headers: usize = headers.map(|(name, value)| OBJECT + name.len() + value.len()).sum();
    OBJECT + headers + value.data.as_ref().map_or(0, String::len)
}

fn of_tags(tags: &Tags) -> usize {
    tags.0.iter().map(|(name, value)| OBJECT + name.len() + value.len()).sum()
}
