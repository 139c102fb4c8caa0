use std::sync::Arc;

use abide_protocol::{Id, Millis, ScheduleRecord, Tags, tag};

use super::Changes;
use crate::{
    Effect, Row, Schedule, cron,
    external::create::{Draft, birth},
    moment::Moment,
};

pub(super) fn occurrence(at: &Moment, id: &Id, promise: &Id) -> Changes {
    let schedule = at.view.schedule(id)?;
    let record = &schedule.record;
    let occurrence = record.next_run_at;
    let early = occurrence > at.now && !fault!(OccurrenceEarly);
    if early || schedule.next_promise() != *promise {
        return None;
    }
    let mut effects = Vec::new();
    if at.promise(promise).is_none() {
        birth(at, draft(record, promise), &mut effects);
    }
    let mut next_run_at = next(record, occurrence);
    fault!(OccurrenceSkipped => next_run_at = next(record, at.now));
    fault!(OccurrenceRepeated => next_run_at = occurrence);
    fault!(ScheduleGoesBack => next_run_at = next(record, record.created_at));
    let moved = ScheduleRecord {
        next_run_at,
        last_run_at: Some(occurrence),
        ..ScheduleRecord::clone(record)
    };
    effects.push(Effect::Put(Row::Schedule(Arc::new(Schedule { record: Arc::new(moved) }))));
    Some(effects)
}

/// An expression that names years runs out at last: it is then due at the end of time, which is
/// never.
fn next(record: &ScheduleRecord, occurrence: Millis) -> Millis {
    let next = cron::next_after(&record.cron, occurrence);
    next.expect("the expression was checked at creation").unwrap_or(Millis::MAX)
}

fn draft(record: &ScheduleRecord, promise: &Id) -> Draft {
    // The promise is the root of an execution tree of its own.
    let lineage = [tag::ORIGIN, tag::BRANCH, tag::PARENT, tag::PREFIX];
    let lineage = lineage.map(|name| (name, promise.as_str()));
    let schedule = [(tag::SCHEDULE, record.id.as_str())];
    let tags: Tags = record.promise_tags.iter().chain(schedule).chain(lineage).collect();
    Draft {
        id: promise.clone(),
        timeout_at: record.next_run_at.saturating_add(record.promise_timeout),
        created_at: record.next_run_at,
        param: record.promise_param.clone(),
        tags: Arc::new(tags),
    }
}
