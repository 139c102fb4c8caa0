//! A task that waits for its delay and is woken meanwhile takes note of it, and goes on waiting.

use std::sync::Arc;

use abide_machine::{Config, Phase, testing::Model};
use abide_protocol::{
    PromiseCreate, PromiseSettle, RegisterCallback, Request, SettleState, Status, tag,
};

fn create(id: &str, tags: &[(&'static str, &str)]) -> Request {
    let tags = tags.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let (param, tags) = (Arc::default(), Arc::new(tags));
    Request::PromiseCreate(PromiseCreate { id: id.into(), timeout_at: 9_000, param, tags })
}

#[test]
fn a_delayed_task_takes_note_of_a_wake() {
    let mut model = Model::new(Config::default());
    let awaiter = [(tag::TARGET, "poll://any@w"), (tag::DELAY, "50")];
    let callback = RegisterCallback { awaited: "a:1".into(), awaiter: "a".into() };
    let (state, value) = (SettleState::Resolved, Arc::default());
    for request in [
        create("a", &awaiter),
        create("a:1", &[]),
        Request::PromiseRegisterCallback(callback),
        Request::PromiseSettle(PromiseSettle { id: "a:1".into(), state, value }),
    ] {
        let response = model.request(&request, 20).response;
        assert_eq!(response.map(|it| it.status), Some(Status::Ok), "{request:?}");
    }
    // The model checks this step against the catalogue.
    model.drain(30);
    let task = model.state().task(&"a".into()).expect("it was created").clone();
    assert_eq!((task.resumes, &task.phase), (1, &Phase::Pending { due: 50, offered: false }));
}
