use std::{collections::VecDeque, sync::Arc};

use abide_machine::{
    Key, Page, Row, Task, promise_at, promise_matches, schedule_matches, task_at, task_matches,
};
use abide_protocol::{
    Body, Id, PromiseRecord, PromiseSearch, Request, Response, ScheduleRecord, ScheduleSearch,
    Tags, TaskRecord, TaskSearch,
};

use crate::{
    Shard,
    call::passed,
    io::{Batch, Position, Range, Ticket},
    job::Job,
    part::{Part, parts},
    scan::{Purpose, Scanned},
    weight,
};

/// A search in progress.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Search {
    ticket: Ticket,
    query: Query,
    /// How many records are asked for.
    size: usize,
    /// Whether every record matches.
    plain: bool,
    /// The parts of the promises that are left, the one being looked at first.
    parts: VecDeque<Part>,
    examined: usize,
    /// The bytes that it has found.
    bytes: usize,
    /// The last record looked at.
    at: Option<Id>,
    /// The newest batch that it has seen something of.
    batch: Batch,
}

/// What is looked for, and what has been found.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
enum Query {
    Promises(PromiseSearch, Vec<Arc<PromiseRecord>>),
    Tasks(TaskSearch, Vec<TaskRecord>),
    Schedules(ScheduleSearch, Vec<Arc<ScheduleRecord>>),
}

/// A page of tasks whose promises are to be looked at too.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct TaskPage {
    search: Box<Search>,
    pub(crate) tasks: Vec<Arc<Task>>,
    /// Where the store's page ends.
    end: Option<Id>,
    more: bool,
}

impl Search {
    /// The search that a request asks for.
    pub(crate) fn new(ticket: Ticket, request: Request) -> Self {
        let untagged = |tags: &Tags| tags.is_empty();
        let (page, plain) = match &request {
            Request::PromiseSearch(search) => {
                (Page::of_promises(search), search.state.is_none() && untagged(&search.tags))
            }
            Request::TaskSearch(search) => (Page::of_tasks(search), search.state.is_none()),
            Request::ScheduleSearch(search) => (Page::of_schedules(search), untagged(&search.tags)),
            other => unreachable!("{} is no search", other.kind()),
        };
        let (size, at) = (page.size, page.after.map(Id::from));
        let parts = match &request {
            Request::PromiseSearch(search) => parts(search),
            _ => VecDeque::new(),
        };
        let query = match request {
            Request::PromiseSearch(search) => Query::Promises(search, Vec::new()),
            Request::TaskSearch(search) => Query::Tasks(search, Vec::new()),
            Request::ScheduleSearch(search) => Query::Schedules(search, Vec::new()),
            other => unreachable!("{} is no search", other.kind()),
        };
        Search { ticket, query, size, plain, parts, examined: 0, bytes: 0, at, batch: 0 }
    }

    fn found(&self) -> usize {
        match &self.query {
            Query::Promises(_, found) => found.len(),
            Query::Tasks(_, found) => found.len(),
            Query::Schedules(_, found) => found.len(),
        }
    }

    /// Whether it may take in another record. One more than is asked for tells whether there is
    /// another page.
    fn goes_on(&self, page_bytes: usize) -> bool {
        self.found() <= self.size && self.bytes <= page_bytes
    }

    /// How many records to fetch next.
    pub(crate) fn scan_limit(&self, page: usize) -> usize {
        match self.parts.front() {
            Some(Part::One(_)) => 1,
            _ if self.plain => (self.size - self.found() + 1).min(page),
            _ => page,
        }
    }

    fn range(&self) -> Range {
        match &self.query {
            Query::Promises(..) => {
                Range::Promises(self.parts.front().map_or("".into(), Part::prefix))
            }
            Query::Tasks(..) => Range::Tasks,
            Query::Schedules(..) => Range::Schedules,
        }
    }

    fn after(&self) -> Option<Position> {
        let id = self.at.clone()?;
        // The part may begin after it.
        if self.parts.front().is_some_and(|part| !part.holds(&id)) {
            return None;
        }
        Some(Position::Key(match &self.query {
            Query::Promises(..) => Key::Promise(id),
            Query::Tasks(..) => Key::Task(id),
            Query::Schedules(..) => Key::Schedule(id),
        }))
    }

    /// The answer. `more` says that the search stops before the end of the range.
    fn response(self, more: bool) -> Response {
        let Search { size, at, .. } = self;
        let at = at.filter(|_| more);
        Response::ok(match self.query {
            Query::Promises(_, mut promises) => {
                let cursor = cut(&mut promises, size, |record| &record.id, at);
                Body::Promises { promises, cursor }
            }
            Query::Tasks(_, mut tasks) => {
                let cursor = cut(&mut tasks, size, |record| &record.id, at);
                Body::Tasks { tasks, cursor }
            }
            Query::Schedules(_, mut schedules) => {
                let cursor = cut(&mut schedules, size, |record| &record.id, at);
                Body::Schedules { schedules, cursor }
            }
        })
    }
}

/// Cuts a page to its size and says where the next one starts: after its last record if something
/// was cut off, else where the search stopped.
fn cut<T>(
    found: &mut Vec<T>,
    size: usize,
    id: impl Fn(&T) -> &Id,
    at: Option<Id>,
) -> Option<String> {
    let cursor = if found.len() > size {
        fault!(PageSkips => return found.drain(size..).next().map(|it| id(&it).to_string()));
        found.truncate(size);
        found.last().map(|record| id(record).clone())
    } else {
        at
    };
    cursor.map(|id| id.to_string())
}

impl Shard {
    /// Looks at the next records.
    pub(crate) fn search(&mut self, search: Search) {
        if matches!(search.query, Query::Promises(..)) && search.parts.is_empty() {
            let (ticket, batch) = (search.ticket, search.batch);
            return self.reply(ticket, search.response(false), batch);
        }
        let (range, after) = (search.range(), search.after());
        self.scan(Purpose::Search(Box::new(search)), range, after);
    }

    pub(crate) fn search_page(&mut self, mut search: Box<Search>, scanned: Scanned) {
        let one = search.parts.front().filter(|part| matches!(part, Part::One(_))).cloned();
        // Nothing is left of a part of one promise, whatever follows it in the store.
        let more = scanned.page.more && one.is_none();
        // Where the store's page ends, the next one starts, even if its last row is gone by now.
        let end = scanned.last();
        let mut merged = self.rows(scanned);
        if let Some(one) = &one {
            merged.found.retain(|row| matches!(row.key(), Key::Promise(id) if one.holds(&id)));
        }
        fault!(SearchBeforeCommit => merged.batch = 0);
        search.batch = search.batch.max(merged.batch);
        if let Query::Tasks(..) = search.query {
            let task = |row| if let Row::Task(task) = row { Some(task) } else { None };
            let tasks = merged.found.into_iter().filter_map(task).collect();
            let end = match end {
                Some(Position::Key(Key::Task(id))) => Some(id),
                _ => None,
            };
            return self.enqueue(Job::Tasks(Box::new(TaskPage { search, tasks, end, more })));
        }
        let now = self.clock;
        let mut rows = merged.found.into_iter();
        while search.goes_on(self.limits.page_bytes)
            && let Some(row) = rows.next()
        {
            search.bytes += weight::of_row(&row);
            search.examined += 1;
            match (&mut search.query, row) {
                (Query::Promises(query, found), Row::Promise(promise)) => {
                    if let Some(time) = passed(&promise.record, now) {
                        search.batch = search.batch.max(self.batches.of_time(time));
                    }
                    let record = promise_at(&promise.record, now);
                    search.at = Some(record.id.clone());
                    found.extend(Some(record).filter(|record| promise_matches(query, record)));
                }
                (Query::Schedules(query, found), Row::Schedule(schedule)) => {
                    let record = schedule.record.clone();
                    search.at = Some(record.id.clone());
                    found.extend(Some(record).filter(|record| schedule_matches(query, record)));
                }
                (_, row) => unreachable!("{:?} is in another range", row.key()),
            }
        }
        let left = rows.next().is_some();
        if !left
            && one.is_none()
            && let Some(Position::Key(Key::Promise(id) | Key::Schedule(id))) = end
        {
            search.at = Some(id);
        }
        self.page_done(*search, left, more);
    }

    /// Looks at a page of tasks whose promises are in memory; the newest batch that wrote one of
    /// them is `batch`.
    pub(crate) fn task_page(&mut self, page: TaskPage, batch: Batch) {
        let TaskPage { mut search, tasks, end, more } = page;
        search.batch = search.batch.max(batch);
        let mut tasks = tasks.into_iter();
        while search.goes_on(self.limits.page_bytes)
            && let Some(task) = tasks.next()
        {
            search.examined += 1;
            search.at = Some(task.id.clone());
            let promise = self.cache.row(&Key::Promise(task.id.clone()));
            let record = match promise {
                Some(Row::Promise(promise)) => task_at(&task, &promise.record, self.clock).record(),
                _ => task.record(),
            };
            if let Query::Tasks(query, found) = &mut search.query {
                found.extend(Some(record).filter(|record| task_matches(query, record)));
            }
        }
        let left = tasks.next().is_some();
        if !left && end.is_some() {
            search.at = end;
        }
        self.page_done(*search, left, more);
    }

    /// Goes on, or answers. `left` says that it did not look at all of the page, `more` that the
    /// range goes on after the page.
    fn page_done(&mut self, mut search: Search, left: bool, more: bool) {
        if !left && !more {
            search.parts.pop_front();
        }
        let more = more || !search.parts.is_empty();
        let goes_on = search.goes_on(self.limits.page_bytes);
        if more && goes_on && search.examined < self.limits.examined {
            return self.search(search);
        }
        let (ticket, batch) = (search.ticket, search.batch);
        self.reply(ticket, search.response(left || more), batch);
    }
}

#[cfg(feature = "testing")]
impl Search {
    pub(crate) fn name_batch(&mut self, renamed: &crate::testing::Renamed) {
        self.batch = renamed.batch(self.batch);
    }
}

#[cfg(feature = "testing")]
impl TaskPage {
    pub(crate) fn search_mut(&mut self) -> &mut Search {
        &mut self.search
    }
}
