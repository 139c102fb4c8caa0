//! The limits that depend on what a template makes, at their edges.

use std::sync::Arc;

use abide_machine::{Config, testing::Model};
use abide_protocol::{Request, ScheduleCreate, Status, limit, tag};

/// A schedule whose template is made longer by `more` than the placeholder of its own id.
fn schedule(id: &str, more: usize) -> Request {
    Request::ScheduleCreate(ScheduleCreate {
        id: id.into(),
        cron: "* * * * *".into(),
        promise_id: format!("{{{{.id}}}}{}", "x".repeat(more)),
        promise_timeout: 1_000,
        promise_param: Arc::default(),
        promise_tags: Arc::new([(tag::TARGET, "poll://any@w".to_owned())].into_iter().collect()),
    })
}

#[test]
fn a_template_makes_ids_up_to_the_limit() {
    let mut model = Model::new(Config::default());
    // What counts is the template with the ids in it, beside its placeholders.
    let (id, placeholder) = ("every-minute", "{{.id}}".len());
    let room = limit::TEXT_BYTES - id.len() - placeholder;
    let status = |model: &mut Model, more| {
        model.request(&schedule(id, more), 0).response.map(|response| response.status)
    };
    assert_eq!(status(&mut model, room + 2), Some(Status::BadRequest));
    assert_eq!(status(&mut model, room + 1), Some(Status::BadRequest));
    assert_eq!(status(&mut model, room), Some(Status::Ok));
}
