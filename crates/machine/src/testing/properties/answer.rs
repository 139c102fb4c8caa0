//! What is told: the record that was asked for, preloads and pages.

use std::sync::Arc;

use abide_protocol::{
    Body, FenceAction, Id, PromiseRecord, PromiseState, Request, ScheduleRecord, TaskFence,
    TaskRecord,
};

use super::super::{Answered, Area::Answer as AREA, Cases, Sight, State};
use super::{Predicate, Property};
use crate::{Page, promise_at, promise_matches, schedule_matches, task_at, task_matches};

pub(super) const CATALOGUE: &[Property] = &[
    Property::new(AREA, "an answer tells of the promise as it is", Predicate::Answer(promise_is)),
    Property::new(
        AREA,
        "what is recorded without a word is as it was asked for",
        Predicate::Answer(recorded_is),
    ),
    Property::new(AREA, "an answer tells of the task as it is", Predicate::Answer(task_is)),
    Property::new(AREA, "an answer tells of the schedule as it is", Predicate::Answer(schedule_is))
        .untold(),
    Property::new(AREA, "a preload tells of promises as they are", Predicate::Answer(preload_is)),
    Property::new(AREA, "a preload is bounded", Predicate::Answer(preload_is_bounded)),
    Property::new(
        AREA,
        "a preload tells of the branch without the promise itself, in order",
        Predicate::Answer(preload_is_branch),
    ),
    Property::new(AREA, "a page is no longer than asked for", Predicate::Answer(page_is_bounded)),
    Property::new(AREA, "a page is in order, after its cursor", Predicate::Answer(page_in_order)),
    Property::new(
        AREA,
        "a page leaves out nothing that matches, and tells of it as it is",
        Predicate::Answer(page_is_complete),
    ),
];

fn promise(state: &State, id: &Id) -> Option<Arc<PromiseRecord>> {
    state.promise(id).map(|promise| promise_at(&promise.record, state.now()))
}

fn promise_is(at: &Answered, cases: &mut Cases) {
    if let Some(told) = at.response.promise() {
        let is = promise(&at.after, &told.id);
        cases.check(is.as_ref() == Some(told), || format!("told {told:?} of {is:?}"));
    }
}

fn recorded_is(at: &Answered, cases: &mut Cases) {
    let Request::TaskFence(TaskFence { action: FenceAction::Record(data), .. }) = at.request else {
        return;
    };
    if at.response.body != (Body::Empty {}) {
        return;
    }
    let (create, settle) = (&data.create, &data.settle);
    let is = promise(&at.after, &create.id);
    let same = is.as_ref().is_some_and(|is| {
        let created = (is.timeout_at, &is.param, &is.tags);
        created == (create.timeout_at, &create.param, &create.tags)
            && (is.state, &is.value) == (PromiseState::from(settle.state), &settle.value)
    });
    cases.check(same, || format!("{data:?} has become {is:?}"));
}

fn task_is(at: &Answered, cases: &mut Cases) {
    let Some(told) = at.response.task() else { return };
    let task = at.after.task(&told.id).zip(at.after.promise(&told.id));
    let is = task.map(|(task, it)| task_at(task, &it.record, at.after.now()).record());
    cases.check(is.as_ref() == Some(told), || format!("told {told:?} of {is:?}"));
}

fn schedule_is(at: &Answered, cases: &mut Cases) {
    if let Body::Schedule { schedule: told } = &at.response.body {
        let is = at.after.schedule(&told.id).map(|schedule| &schedule.record);
        cases.check(is == Some(told), || format!("told {told:?} of {is:?}"));
    }
}

fn preload_is(at: &Answered, cases: &mut Cases) {
    for told in at.response.preload() {
        let is = promise(&at.after, &told.id);
        cases.check(is.as_ref() == Some(told), || format!("told {told:?} of {is:?}"));
    }
}

fn preload_is_bounded(at: &Answered, cases: &mut Cases) {
    let told = at.response.preload().len();
    if told > 0 {
        let limit = at.after.config().preload_limit;
        cases.check(told <= limit, || format!("{told} of at most {limit}"));
    }
}

/// Whether what has woken the task was asked for instead.
fn asks_for_wakes(request: &Request) -> bool {
    match request {
        Request::TaskAcquire(data) => data.resumed,
        Request::TaskSuspend(data) => data.resumed || data.again,
        _ => false,
    }
}

fn preload_is_branch(at: &Answered, cases: &mut Cases) {
    let id = match at.request {
        Request::TaskAcquire(data) => &data.id,
        Request::TaskCreate(data) => &data.action.create.id,
        Request::TaskSuspend(data) => &data.id,
        Request::TaskFence(data) => &data.id,
        _ => return,
    };
    let told = at.response.preload();
    if told.is_empty() || at.after.config().extensions.resumed() && asks_for_wakes(at.request) {
        return;
    }
    let own = at.after.promise(id).map(|promise| promise.record.tags.clone());
    let branch = own.as_ref().and_then(|tags| tags.branch());
    let fine = branch.is_some_and(|branch| {
        let of_branch =
            |it: &PromiseRecord| it.tags.branch() == Some(branch) && it.id.extends(branch);
        told.iter().all(|it| it.id != *id && of_branch(it))
    });
    let in_order = told.is_sorted_by(|one, next| one.id < next.id);
    cases.check(fine && in_order, || format!("{told:?} for {id}"));
}

/// A page: the ids that it tells of, where it begins, and whether there is more.
fn page<'a>(at: &Answered<'a>) -> Option<(Page<'a>, Vec<&'a Id>, bool)> {
    let (page, ids, cursor) = match (at.request, &at.response.body) {
        (Request::PromiseSearch(search), Body::Promises { promises, cursor }) => {
            let ids = promises.iter().map(|it| &it.id).collect();
            (Page::of_promises(search), ids, cursor)
        }
        (Request::TaskSearch(search), Body::Tasks { tasks, cursor }) => {
            let ids = tasks.iter().map(|it| &it.id).collect();
            (Page::of_tasks(search), ids, cursor)
        }
        (Request::ScheduleSearch(search), Body::Schedules { schedules, cursor }) => {
            let ids = schedules.iter().map(|it| &it.id).collect();
            (Page::of_schedules(search), ids, cursor)
        }
        _ => return None,
    };
    Some((page, ids, cursor.is_some()))
}

fn page_is_bounded(at: &Answered, cases: &mut Cases) {
    if let Some((page, ids, _)) = page(at) {
        cases.check(ids.len() <= page.size, || format!("{} of {}", ids.len(), page.size));
    }
}

fn page_in_order(at: &Answered, cases: &mut Cases) {
    let Some((page, ids, _)) = page(at) else { return };
    if let Some(first) = ids.first() {
        let after = page.after.is_none_or(|after| &***first > after);
        let in_order = ids.is_sorted_by(|one, next| one < next);
        cases.check(after && in_order, || format!("{ids:?} after {:?}", page.after));
    }
}

fn page_is_complete(at: &Answered, cases: &mut Cases) {
    let Some((page, ids, more)) = page(at) else { return };
    if matches!(at.request, Request::ScheduleSearch(_)) && at.after.sight() == Sight::Told {
        return;
    }
    let (state, now) = (&at.after, at.after.now());
    let beyond = |id: &Id| page.after.is_none_or(|after| **id > *after);
    let fine = match (at.request, &at.response.body) {
        (Request::PromiseSearch(search), Body::Promises { promises, .. }) => {
            let there = state.promises().map(|it| promise_at(&it.record, now));
            let there = there.filter(|it| promise_matches(search, it) && beyond(&it.id));
            let there: Vec<Arc<PromiseRecord>> = there.collect();
            begins(&there, promises, more)
        }
        (Request::TaskSearch(search), Body::Tasks { tasks, .. }) => {
            let there = state.tasks().filter_map(|task| {
                let promise = state.promise(&task.id)?;
                Some(task_at(task, &promise.record, now).record())
            });
            let there = there.filter(|it| task_matches(search, it) && beyond(&it.id));
            let there: Vec<TaskRecord> = there.collect();
            begins(&there, tasks, more)
        }
        (Request::ScheduleSearch(search), Body::Schedules { schedules, .. }) => {
            let there = state.schedules().map(|it| it.record.clone());
            let there = there.filter(|it| schedule_matches(search, it) && beyond(&it.id));
            let there: Vec<Arc<ScheduleRecord>> = there.collect();
            begins(&there, schedules, more)
        }
        _ => return,
    };
    cases.check(fine, || format!("{ids:?} are told, and more: {more}"));
}

/// Whether what is told is what there is, or its beginning if there is more.
fn begins<T: PartialEq>(there: &[T], told: &[T], more: bool) -> bool {
    there.starts_with(told) && (more || there.len() == told.len())
}
