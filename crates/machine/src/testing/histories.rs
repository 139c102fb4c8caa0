//! What must hold of whole histories, in which no single step need be wrong. A script is a list of
//! choices, one for each step.

use abide_protocol::{
    Extensions, PromiseSettle, PromiseState, Request, ScheduleDelete, SettleState, Status,
};

use super::{Choices, Model, choose};
use crate::{Config, Effect, Outcome, Phase, Row, Step, View, owner};

/// How far in the future every deadline of a script has passed.
const FAR: i64 = 1_000_000;

/// A rule about whole histories.
#[derive(Clone, Copy, Debug)]
pub struct History {
    /// What it says.
    pub name: &'static str,
    /// Whether the history that a script comes to keeps it.
    pub check: fn(&Config, &[&[u16]]) -> Result<(), String>,
}

/// Every rule.
pub const ALL: &[History] = &[
    History { name: "a deadline that is written late is not seen", check: late_deadlines },
    History { name: "everything ends", check: everything_ends },
    History { name: "what a canceled promise owns is canceled", check: owned_is_canceled },
    History { name: "without extensions they mean nothing", check: without_extensions },
    History { name: "a suspended task is resumed", check: suspended_is_resumed },
];

/// Takes the chosen step at its time.
pub fn advance(model: &mut Model, numbers: &[u16]) -> (i64, Step) {
    let (span, step) = choose(model, &mut Choices::new(numbers));
    let now = model.now().saturating_add(span);
    take(model, &step, now);
    (now, step)
}

/// Takes a step as a driver does.
pub fn take(model: &mut Model, step: &Step, now: i64) -> Outcome {
    match step {
        Step::Request(request) => model.request(request, now),
        Step::Internal(_) | Step::Reclaim(_) => model.take(step, now),
    }
}

fn after(config: &Config, script: &[&[u16]]) -> Model {
    let mut model = Model::new(*config);
    for numbers in script {
        advance(&mut model, numbers);
    }
    model
}

fn holds(condition: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(why()) }
}

/// A deadline that is written at once and one that is written much later make no difference to
/// anybody: responses are the same, and so is what is stored in the end.
fn late_deadlines(config: &Config, script: &[&[u16]]) -> Result<(), String> {
    let (mut eager, mut lazy) = (Model::new(*config), Model::new(*config));
    for numbers in script {
        let (span, step) = choose(&lazy, &mut Choices::new(numbers));
        let now = lazy.now().saturating_add(span);
        eager.settle_overdue(now);
        let seen = take(&mut lazy, &step, now).response;
        let other = take(&mut eager, &step, now).response;
        holds(seen == other, || format!("{step:?}: {seen:?}, or {other:?}"))?;
    }
    let now = lazy.now();
    eager.settle_overdue(now);
    lazy.settle_overdue(now);
    holds(eager.rows() == lazy.rows(), || format!("{:?}\nor {:?}", eager.rows(), lazy.rows()))
}

/// Once every deadline has passed and everything has fired, every armed promise is settled, nobody
/// waits any more, and no task of a finite promise is anything but fulfilled.
fn everything_ends(config: &Config, script: &[&[u16]]) -> Result<(), String> {
    let mut model = after(config, script);
    for schedule in ["s", "t.u"] {
        let delete = ScheduleDelete { id: schedule.into() };
        let now = model.now();
        model.request(&Request::ScheduleDelete(delete), now);
    }
    let end = model.now().saturating_add(FAR);
    model.tick(end);
    model.rows().values().try_for_each(|row| match row {
        Row::Promise(promise) if promise.record.timeout_at <= end => {
            let armed = promise.record.tags.arms_deadline() && promise.record.is_pending();
            holds(!promise.is_waited_for() && !armed, || format!("{promise:?}"))
        }
        Row::Task(task) => {
            let promise = model.promise(&task.id).ok_or("no promise")?;
            let over = promise.record.timeout_at <= end || !promise.record.is_pending();
            holds((task.phase == Phase::Fulfilled) == over, || format!("{task:?}, {promise:?}"))
        }
        _ => Ok(()),
    })
}

/// Once everything has fired, nothing is pending that a canceled promise owns, however deep, but
/// for what was created afterwards.
fn owned_is_canceled(config: &Config, script: &[&[u16]]) -> Result<(), String> {
    let mut model = after(config, script);
    let now = model.now();
    model.tick(now);
    model.promises().try_for_each(|promise| {
        holds(!promise.cascading, || format!("{promise:?}"))?;
        let owner = owner(&promise.record).and_then(|owner| model.promise(&owner.into()).cloned());
        let Some(owner) = owner else { return Ok(()) };
        let canceled = owner.record.state == PromiseState::RejectedCanceled;
        let before = owner.record.settled_at > Some(promise.record.created_at);
        holds(!(promise.record.is_pending() && canceled && before), || format!("{promise:?}"))
    })
}

/// Where nothing is offered beyond the protocol, tags, fields and requests of extensions change
/// nothing.
fn without_extensions(config: &Config, script: &[&[u16]]) -> Result<(), String> {
    let plain = Config { extensions: Extensions::none(), ..*config };
    let (mut seen, mut blind) = (Model::new(plain), Model::new(plain));
    for numbers in script {
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
                holds(outcome == other, || format!("{step:?}: {outcome:?}, or {other:?}"))?;
            }
            Err(_) => {
                let status = outcome.response.map(|response| response.status);
                let refused = status == Some(Status::BadRequest) && before == *seen.rows();
                holds(refused, || format!("{step:?}: {status:?}"))?;
            }
        }
    }
    holds(seen.rows() == blind.rows(), || "another state".into())?;
    let traces = seen.promises().find(|it| it.cascading || !it.unheard.is_empty());
    holds(traces.is_none(), || format!("{traces:?}"))
}

/// Whatever is still wanted of a live suspended task reaches it: settling all that it awaits has it
/// offered again.
fn suspended_is_resumed(config: &Config, script: &[&[u16]]) -> Result<(), String> {
    let mut model = after(config, script);
    let now = model.now();
    model.tick(now);
    let untasked = |model: &Model, row: &Row| match row {
        Row::Promise(it) if it.record.is_pending() => model.task(&it.record.id).is_none(),
        _ => false,
    };
    let pending: Vec<_> = model.rows().values().filter(|row| untasked(&model, row)).collect();
    let pending: Vec<_> = pending.into_iter().map(Row::key).collect();
    let (mut executes, mut resumed) = (Vec::new(), Vec::new());
    for key in pending {
        let Some(Row::Promise(before)) = model.rows().get(&key).cloned() else { continue };
        let suspended = before.awaiters.iter().filter(|awaiter| {
            model.task(awaiter).is_some_and(|task| task.phase == Phase::Suspended)
        });
        resumed.extend(suspended.cloned());
        let (id, state) = (before.record.id.clone(), SettleState::Resolved);
        let settle = PromiseSettle { id, state, value: Default::default() };
        model.request(&Request::PromiseSettle(settle), now);
        for (_, outcome) in model.drain(now) {
            executes.extend(outcome.effects.into_iter().filter_map(|effect| match effect {
                Effect::Execute { id, .. } => Some(id),
                _ => None,
            }));
        }
    }
    holds(executes == resumed, || format!("{resumed:?} wait, {executes:?} are offered"))
}
