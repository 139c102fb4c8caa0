use std::sync::Arc;

use abide_protocol::{
    Body, Id, Response, ScheduleCreate, ScheduleDelete, ScheduleGet, ScheduleRecord, Status, limit,
};

use crate::{
    Effect, Key, Row, Schedule, cron,
    moment::{Moment, Verdict, done, unchanged},
    template,
};

pub(super) fn get(at: &Moment, data: &ScheduleGet) -> Verdict {
    let schedule = need(at, &data.id)?.record.clone();
    unchanged(Body::Schedule { schedule })
}

pub(super) fn create(at: &Moment, data: &ScheduleCreate) -> Verdict {
    let refuse = |message: String| Response::error(Status::BadRequest, message);
    let next_run_at = cron::next_after(&data.cron, at.now)
        .map_err(refuse)?
        .ok_or_else(|| refuse(format!("the cron expression {:?} never occurs", data.cron)))?;
    if template::longest(&data.promise_id, &data.id) > limit::TEXT_BYTES {
        let limit = limit::TEXT_BYTES;
        return Err(refuse(format!("promiseId makes ids that are longer than {limit} bytes")));
    }
    if let Some(existing) = at.view.schedule(&data.id).filter(|_| !fault!(ScheduleOverwrites)) {
        return unchanged(Body::Schedule { schedule: existing.record.clone() });
    }
    let schedule = Arc::new(ScheduleRecord {
        id: data.id.clone(),
        cron: data.cron.clone(),
        promise_id: data.promise_id.clone(),
        promise_timeout: data.promise_timeout,
        promise_param: data.promise_param.clone(),
        promise_tags: data.promise_tags.clone(),
        created_at: at.now,
        next_run_at,
        last_run_at: None,
    });
    let row = Row::Schedule(Arc::new(Schedule { record: schedule.clone() }));
    done(Body::Schedule { schedule }, vec![Effect::Put(row)])
}

pub(super) fn delete(at: &Moment, data: &ScheduleDelete) -> Verdict {
    need(at, &data.id)?;
    done(Body::Empty {}, vec![Effect::Delete(Key::Schedule(data.id.clone()))])
}

fn need<'a>(at: &Moment<'a>, id: &Id) -> Result<&'a Arc<Schedule>, Response> {
    at.view
        .schedule(id)
        .ok_or_else(|| Response::error(Status::NotFound, format!("there is no schedule {id:?}")))
}
