//! The filters and pages of the searches. The scans themselves belong to whoever drives the
//! machine; what counts as a match does not.

use abide_protocol::{
    PromiseRecord, PromiseSearch, ScheduleRecord, ScheduleSearch, TaskRecord, TaskSearch, limit,
};

/// Which part of a search is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// How many records at most.
    pub size: usize,
    /// Only records after this id.
    pub after: Option<&'a str>,
}

impl<'a> Page<'a> {
    fn new(size: Option<i64>, default: i64, after: Option<&'a str>) -> Self {
        let size = size.unwrap_or(default).clamp(1, limit::PAGE);
        Page { size: size as usize, after }
    }

    /// The page that a promise search asks for.
    pub fn of_promises(search: &'a PromiseSearch) -> Self {
        Page::new(search.limit, limit::DEFAULT_PAGE, search.cursor.as_deref())
    }

    /// The page that a task search asks for.
    pub fn of_tasks(search: &'a TaskSearch) -> Self {
        Page::new(search.limit, limit::DEFAULT_PAGE, search.cursor.as_deref())
    }

    /// The page that a schedule search asks for.
    pub fn of_schedules(search: &'a ScheduleSearch) -> Self {
        Page::new(search.limit, limit::DEFAULT_SCHEDULE_PAGE, search.cursor.as_deref())
    }
}

/// Whether a promise, as it is now, is one that the search looks for.
pub fn promise_matches(search: &PromiseSearch, promise: &PromiseRecord) -> bool {
    search.state.is_none_or(|state| state == promise.state) && promise.tags.contains(&search.tags)
}

/// Whether a task, as it is now, is one that the search looks for.
pub fn task_matches(search: &TaskSearch, task: &TaskRecord) -> bool {
    search.state.is_none_or(|state| state == task.state)
}

/// Whether a schedule is one that the search looks for.
pub fn schedule_matches(search: &ScheduleSearch, schedule: &ScheduleRecord) -> bool {
    schedule.promise_tags.contains(&search.tags)
}
