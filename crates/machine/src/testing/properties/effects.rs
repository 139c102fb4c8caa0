//! What holds of every step and its effects.

use std::collections::BTreeSet;

use abide_protocol::{Kind, Status};

use super::{Property, Transition, holds};
use crate::{Effect, Internal, Key, Row, Step};

pub(super) const CATALOGUE: &[Property] = &[
    Property {
        area: super::Area::Promise,
        name: "a step reads what the steps before it have left",
        check: reads_what_is_left,
    },
    Property {
        area: super::Area::Promise,
        name: "a step is a function of the state and the time",
        check: is_a_function,
    },
    Property {
        area: super::Area::Promise,
        name: "a footprint covers all that is read and put",
        check: footprint_covers,
    },
    Property {
        area: super::Area::Promise,
        name: "a key is written at most once",
        check: written_once,
    },
    Property {
        area: super::Area::Promise,
        name: "a request is answered and an internal step is not",
        check: answered,
    },
    Property { area: super::Area::Promise, name: "a read changes nothing", check: read_is_pure },
    Property {
        area: super::Area::Promise,
        name: "a refusal changes nothing",
        check: refusal_is_pure,
    },
    Property {
        area: super::Area::Promise,
        name: "firing a step again changes nothing",
        check: repeated_firing,
    },
    Property {
        area: super::Area::Promise,
        name: "only a taken message is forgotten, only a deleted schedule, only what is reclaimed",
        check: deletions,
    },
];

fn key(effect: &Effect) -> Option<Key> {
    match effect {
        Effect::Put(row) => Some(row.key()),
        Effect::Delete(key) => Some(key.clone()),
        Effect::Execute { .. } => None,
    }
}

fn reads_what_is_left(at: &Transition) -> Result<(), String> {
    at.read.iter().try_for_each(|(key, read)| {
        let left = at.before.rows().get(key);
        holds(read.as_ref() == left, || format!("{key:?} was {left:?}, but {read:?} was read"))
    })
}

fn is_a_function(at: &Transition) -> Result<(), String> {
    let again = crate::step(&at.before, at.step, at.now, at.before.config());
    holds(again == *at.outcome, || format!("{again:?}"))
}

fn footprint_covers(at: &Transition) -> Result<(), String> {
    let footprint: BTreeSet<Key> = at.step.footprint().into_iter().collect();
    let written = at.outcome.effects.iter().filter_map(key);
    let touched = at.read.keys().cloned().chain(written);
    touched.filter(|key| !matches!(key, Key::Unblock(..))).try_for_each(|key| {
        holds(footprint.contains(&key), || format!("{key:?} is not in the footprint"))
    })
}

fn written_once(at: &Transition) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    at.outcome
        .effects
        .iter()
        .filter_map(key)
        .try_for_each(|key| holds(seen.insert(key.clone()), || format!("{key:?} is written twice")))
}

fn answered(at: &Transition) -> Result<(), String> {
    let request = matches!(at.step, Step::Request(_) | Step::Reclaim(_));
    holds(request == at.outcome.response.is_some(), || "the opposite".into())
}

fn read_is_pure(at: &Transition) -> Result<(), String> {
    let Step::Request(request) = at.step else { return Ok(()) };
    let read = matches!(request.kind(), Kind::PromiseGet | Kind::TaskGet | Kind::ScheduleGet);
    holds(!read || at.outcome.effects.is_empty(), || "it has effects".into())
}

fn refusal_is_pure(at: &Transition) -> Result<(), String> {
    let Some(response) = &at.outcome.response else { return Ok(()) };
    let refused = response.status >= Status::BadRequest;
    holds(!refused || at.outcome.effects.is_empty(), || "it has effects".into())
}

/// An offer is the exception: it is made whenever a receiver connects. So is an occurrence whose
/// schedule is still due: if every occurrence makes the same id, the same step is the next one.
fn repeated_firing(at: &Transition) -> Result<(), String> {
    let due_again = |id| {
        let schedule = at.after.schedule(id);
        schedule.is_some_and(|schedule| schedule.record.next_run_at <= at.now)
    };
    match at.step {
        Step::Request(_) | Step::Reclaim(_) => Ok(()),
        Step::Internal(Internal::Offer { .. } | Internal::Delivered(_)) => Ok(()),
        Step::Internal(Internal::Occurrence { id, .. }) if due_again(id) => Ok(()),
        Step::Internal(_) => {
            let again = crate::step(&at.after, at.step, at.now, at.after.config());
            holds(again.effects.is_empty(), || format!("again: {again:?}"))
        }
    }
}

fn deletions(at: &Transition) -> Result<(), String> {
    let allowed = match at.step {
        Step::Request(request) => request.kind() == Kind::ScheduleDelete,
        Step::Reclaim(_) => true,
        Step::Internal(internal) => matches!(internal, Internal::Delivered(_)),
    };
    let gone = at.before.rows().iter().find(|(key, _)| !at.after.rows().contains_key(key));
    let put_message = at.outcome.effects.iter().any(|effect| {
        matches!(effect, Effect::Put(Row::Unblock(_)))
            && !matches!(at.step, Step::Internal(Internal::Listener { .. }))
    });
    holds(gone.is_none() || allowed, || format!("{gone:?} is gone"))?;
    holds(!put_message, || "a message without a listener step".into())
}
