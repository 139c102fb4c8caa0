//! The size of what a request wants to store.

use abide_protocol::{FenceAction, Request, Tags, Value};

/// The most bytes that the tags of one promise may hold, names and values together.
const MAX_TAGS_BYTES: usize = 64 << 10;

/// Checks a request's payloads and tags; the error is the text of the refusal.
pub(crate) fn check(request: &Request, limit: usize) -> Result<(), String> {
    let check = |name: &str, value: &Value, tags: Option<&Tags>| {
        if size(value) > limit {
            return Err(format!("{name} is larger than {limit} bytes"));
        }
        match tags {
            Some(tags) if tags_size(tags) > MAX_TAGS_BYTES => {
                Err(format!("the tags are larger than {MAX_TAGS_BYTES} bytes"))
            }
            _ => Ok(()),
        }
    };
    match request {
        Request::PromiseCreate(data) => check("param", &data.param, Some(&data.tags)),
        Request::PromiseSettle(data) => check("value", &data.value, None),
        Request::TaskCreate(data) => {
            check("param", &data.action.create.param, Some(&data.action.create.tags))
        }
        Request::TaskFence(data) => match &data.action {
            FenceAction::Create(action) => {
                check("param", &action.create.param, Some(&action.create.tags))
            }
            FenceAction::Settle(action) => check("value", &action.settle.value, None),
            FenceAction::Record(action) => {
                check("param", &action.create.param, Some(&action.create.tags))?;
                check("value", &action.settle.value, None)
            }
        },
        Request::TaskFulfill(data) => check("value", &data.action.settle.value, None),
        Request::ScheduleCreate(data) => {
            check("promiseParam", &data.promise_param, Some(&data.promise_tags))
        }
        _ => Ok(()),
    }
}

fn size(value: &Value) -> usize {
    let headers = value.headers.as_ref().map_or(0, tags_size);
    headers + value.data.as_ref().map_or(0, |data| data.len())
}

fn tags_size(tags: &Tags) -> usize {
    tags.iter().map(|(name, value)| name.len() + value.len()).sum()
}
