//! The catalogue of properties over generated scripts. The model checks every transition, so a
//! test here only has to drive it; what it adds is what holds of whole runs.

use abide_machine::{
    Config, Effect, Phase, Row, Step, View,
    testing::{Choices, Model, choose},
};
use abide_protocol::{Extensions, PromiseState, Status};
use proptest::prelude::*;

/// How many steps a script has at most.
const STEPS: usize = 50;

/// How many numbers a step may use up.
const NUMBERS: usize = 16;

fn scripts() -> impl Strategy<Value = Vec<[u16; NUMBERS]>> {
    proptest::collection::vec(any::<[u16; NUMBERS]>(), 1..STEPS)
}

fn config() -> Config {
    Config { retry_interval: 100, preload_limit: 2, ..Config::default() }
}

/// Takes the chosen step at its time.
fn advance(model: &mut Model, numbers: &[u16]) -> (i64, Step) {
    let (span, step) = choose(model, &mut Choices::new(numbers));
    let now = model.now().saturating_add(span);
    take(model, &step, now);
    (now, step)
}

fn take(model: &mut Model, step: &Step, now: i64) -> abide_machine::Outcome {
    match step {
        Step::Request(request) => model.request(request, now),
        Step::Internal(_) | Step::Reclaim(_) => model.take(step, now),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    /// Nothing fires by itself but what the script fires: every guard is met early, late, twice.
    #[test]
    fn any_steps_in_any_order(script in scripts()) {
        let mut model = Model::new(config());
        for numbers in &script {
            advance(&mut model, numbers);
        }
    }

    /// As an engine runs it: whatever is due fires before the next request.
    #[test]
    fn with_everything_due_fired(script in scripts()) {
        let mut model = Model::new(config());
        for numbers in &script {
            let (now, _) = advance(&mut model, numbers);
            model.tick(now);
            prop_assert_eq!(model.due(now), vec![]);
        }
    }

    /// A deadline that is written at once and one that is written much later make no difference to
    /// anybody: responses are the same, and so is what is stored in the end.
    #[test]
    fn late_deadlines_are_not_seen(script in scripts()) {
        let (mut eager, mut lazy) = (Model::new(config()), Model::new(config()));
        for numbers in &script {
            let (span, step) = choose(&lazy, &mut Choices::new(numbers));
            let now = lazy.now().saturating_add(span);
            eager.settle_overdue(now);
            let seen = take(&mut lazy, &step, now);
            prop_assert_eq!(take(&mut eager, &step, now).response, seen.response);
        }
        let now = lazy.now();
        eager.settle_overdue(now);
        lazy.settle_overdue(now);
        prop_assert_eq!(eager.rows(), lazy.rows());
    }

    /// Once every deadline has passed and everything has fired, every armed promise is settled,
    /// nobody waits any more, and no task of a finite promise is anything but fulfilled.
    #[test]
    fn everything_ends(script in scripts()) {
        let mut model = Model::new(config());
        for numbers in &script {
            advance(&mut model, numbers);
        }
        for schedule in ["s", "t.u"] {
            let delete = abide_protocol::ScheduleDelete { id: schedule.into() };
            let now = model.now();
            model.request(&abide_protocol::Request::ScheduleDelete(delete), now);
        }
        let end = model.now().saturating_add(1_000_000);
        model.tick(end);
        for row in model.rows().values() {
            match row {
                Row::Promise(promise) if promise.record.timeout_at <= end => {
                    prop_assert!(!promise.is_waited_for(), "{promise:?}");
                    let armed = promise.record.tags.arms_deadline();
                    prop_assert!(!(armed && promise.record.is_pending()), "{promise:?}");
                }
                Row::Task(task) => {
                    let promise = &model.promise(&task.id).unwrap().record;
                    let ended = task.phase == Phase::Fulfilled;
                    prop_assert_eq!(ended, promise.timeout_at <= end || !promise.is_pending());
                }
                _ => {}
            }
        }
    }

    /// Once everything has fired, nothing is pending that a canceled promise owns, however deep,
    /// but for what was created afterwards.
    #[test]
    fn what_is_owned_is_canceled(script in scripts()) {
        let mut model = Model::new(config());
        for numbers in &script {
            advance(&mut model, numbers);
        }
        let now = model.now();
        model.tick(now);
        for promise in model.promises() {
            prop_assert!(!promise.cascading, "{promise:?}");
            let Some(owner) = abide_machine::owner(&promise.record) else { continue };
            let Some(owner) = model.promise(&owner) else { continue };
            let canceled = owner.record.state == PromiseState::RejectedCanceled;
            let before = owner.record.settled_at > Some(promise.record.created_at);
            prop_assert!(!(promise.record.is_pending() && canceled && before), "{promise:?}");
        }
    }

    /// Where nothing is offered beyond the protocol, tags, fields and requests of extensions
    /// change nothing.
    #[test]
    fn without_extensions_they_mean_nothing(script in scripts()) {
        let plain = Config { extensions: Extensions::none(), ..config() };
        let (mut seen, mut blind) = (Model::new(plain), Model::new(plain));
        for numbers in &script {
            let (span, step) = choose(&seen, &mut Choices::new(numbers));
            let now = seen.now().saturating_add(span);
            let before = seen.rows().clone();
            let outcome = take(&mut seen, &step, now);
            let Step::Request(request) = &step else {
                take(&mut blind, &step, now);
                continue;
            };
            match request.clone().limited_to(Extensions::none()) {
                Ok(request) => {
                    let other = take(&mut blind, &Step::Request(request), now);
                    prop_assert_eq!(outcome, other);
                }
                Err(_) => {
                    prop_assert_eq!(outcome.response.unwrap().status, Status::BadRequest);
                    prop_assert_eq!(&before, seen.rows());
                }
            }
        }
        prop_assert_eq!(seen.rows(), blind.rows());
        prop_assert!(!seen.promises().any(|it| it.cascading || !it.unheard.is_empty()));
    }

    /// Whatever is still wanted of a live suspended task reaches it: settling all that it awaits
    /// has it offered again.
    #[test]
    fn a_suspended_task_is_resumed(script in scripts()) {
        let mut model = Model::new(config());
        for numbers in &script {
            advance(&mut model, numbers);
        }
        let now = model.now();
        model.tick(now);
        let pending: Vec<_> = model.rows().values().filter_map(|row| match row {
            Row::Promise(it) if it.record.is_pending() && model.task(&it.record.id).is_none() => {
                Some(it.record.id.clone())
            }
            _ => None,
        }).collect();
        let mut executes = Vec::new();
        let mut resumed = Vec::new();
        for id in pending {
            let before = model.promise(&id).unwrap().clone();
            resumed.extend(before.awaiters.iter().filter(|awaiter| {
                model.task(awaiter).unwrap().phase == Phase::Suspended
            }).cloned());
            let settle = abide_protocol::PromiseSettle {
                id, state: abide_protocol::SettleState::Resolved, value: Default::default(),
            };
            model.request(&abide_protocol::Request::PromiseSettle(settle), now);
            for (_, outcome) in model.drain(now) {
                executes.extend(outcome.effects.into_iter().filter_map(|effect| match effect {
                    Effect::Execute { id, .. } => Some(id),
                    _ => None,
                }));
            }
        }
        prop_assert_eq!(executes, resumed);
    }
}
