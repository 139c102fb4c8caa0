//! A cron expression and the time at which it is read.

use std::sync::Arc;

use abide_machine::{Config, Step, step, testing::Model};
use abide_protocol::{Body, Millis, Request, ScheduleCreate, Status, Tags, limit, tag};

/// The first eight bytes are the time, the rest is the expression.
///
/// # Panics
/// When what must hold of any schedule does not hold.
pub fn check(bytes: &[u8]) {
    let Some((time, text)) = bytes.split_first_chunk() else { return };
    let Ok(text) = str::from_utf8(text) else { return };
    if text.is_empty() || text.contains('\0') || text.len() > limit::TEXT_BYTES {
        return;
    }
    // Times are not negative.
    let now = Millis::from_le_bytes(*time) & Millis::MAX;
    let Some(next) = next(text, now) else { return };
    assert!(next > now, "{next} is not after {now}");
    assert_eq!(next % 1_000, 0, "schedules run at whole seconds");
    // Whoever looks later, and still before that, finds the same.
    for later in [now + (next - now) / 2, next - 1] {
        assert_eq!(self::next(text, later), Some(next), "seen at {later}");
    }
    if let Some(second) = self::next(text, next) {
        assert!(second > next, "{second} is not after {next}");
    }
    if text.split_whitespace().count() == 5 {
        assert_eq!(self::next(&format!("0 {text}"), now), Some(next), "with its second");
    }
}

/// When a schedule that is created at this time runs first; `None` if it is refused.
fn next(cron: &str, now: Millis) -> Option<Millis> {
    let request = Request::ScheduleCreate(ScheduleCreate {
        id: "s".into(),
        cron: cron.into(),
        promise_id: "{{.id}}-{{.timestamp}}".into(),
        promise_timeout: 1,
        promise_param: Arc::default(),
        promise_tags: Arc::new(Tags::from_iter([(tag::TARGET, "poll://any@w")])),
    });
    let (model, config) = (Model::new(Config::default()), Config::default());
    let outcome = step(&model, &Step::Request(request), now, &config);
    let response = outcome.response.expect("each request is answered");
    match response.body {
        Body::Schedule { schedule } => {
            assert_eq!(response.status, Status::Ok);
            assert_eq!((&*schedule.cron, schedule.last_run_at), (cron, None));
            Some(schedule.next_run_at)
        }
        _ => {
            assert_eq!(response.status, Status::BadRequest, "{response:?}");
            None
        }
    }
}
