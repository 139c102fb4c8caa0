//! What holds of a promise from one state to the next.

use std::sync::Arc;

use abide_protocol::{Id, PromiseRecord};

use super::{Property, Transition, holds};
use crate::{Internal, Promise, Row, Step, Unblock, promise_at};

pub(super) const CATALOGUE: &[Property] = &[
    Property {
        area: super::Area::Promise,
        name: "settled is immutable",
        check: settled_is_immutable,
    },
    Property {
        area: super::Area::Promise,
        name: "what is written is what was projected",
        check: written_as_projected,
    },
    Property {
        area: super::Area::Promise,
        name: "what a promise was created with never changes",
        check: birth_is_immutable,
    },
    Property {
        area: super::Area::Promise,
        name: "who waits for a pending promise stays, and a settled one takes nobody",
        check: waiting_is_kept,
    },
    Property {
        area: super::Area::Promise,
        name: "a listener leaves for a message",
        check: listener_becomes_message,
    },
    Property {
        area: super::Area::Promise,
        name: "a response tells of the promise as it is",
        check: response_is_projected,
    },
];

/// Every promise that was there before, before and after.
fn pairs<'a>(at: &Transition<'a>) -> impl Iterator<Item = (&'a Arc<Promise>, &'a Arc<Promise>)> {
    let after = at.after;
    at.before.rows().values().filter_map(move |row| match row {
        Row::Promise(before) => Some((before, after.promise(&before.record.id)?)),
        _ => None,
    })
}

fn settled_is_immutable(at: &Transition) -> Result<(), String> {
    pairs(at).filter(|(before, _)| !before.record.is_pending()).try_for_each(|(before, after)| {
        holds(before.record == after.record, || format!("{before:?} became {after:?}"))
    })
}

fn written_as_projected(at: &Transition) -> Result<(), String> {
    pairs(at).try_for_each(|(before, after)| {
        let projected = promise_at(&before.record, at.now);
        let same =
            projected.is_pending() || after.record == projected || after.record == before.record;
        holds(same, || format!("{before:?} became {after:?} at {}", at.now))
    })
}

fn birth_is_immutable(at: &Transition) -> Result<(), String> {
    let birth = |record: &PromiseRecord| {
        (record.param.clone(), record.tags.clone(), record.timeout_at, record.created_at)
    };
    pairs(at).try_for_each(|(before, after)| {
        let same = birth(&before.record) == birth(&after.record);
        holds(same, || format!("{before:?} became {after:?}"))
    })
}

fn waiting_is_kept(at: &Transition) -> Result<(), String> {
    pairs(at).try_for_each(|(before, after)| {
        let kept = before.awaiters.is_subset(&after.awaiters)
            && before.listeners.is_subset(&after.listeners);
        let gained = !after.awaiters.is_subset(&before.awaiters)
            || !after.listeners.is_subset(&before.listeners);
        let was_live = promise_at(&before.record, at.now).is_pending();
        let fine = if was_live { kept } else { !gained };
        holds(fine, || format!("{before:?} became {after:?}"))
    })?;
    // A callback step and a listener step take one away, and nothing else takes any.
    let taken: usize = pairs(at)
        .map(|(before, after)| {
            before.awaiters.difference(&after.awaiters).count()
                + before.listeners.difference(&after.listeners).count()
        })
        .sum();
    let drains =
        matches!(at.step, Step::Internal(Internal::Callback { .. } | Internal::Listener { .. }));
    holds(taken <= usize::from(drains), || format!("{taken} who waited were taken away"))
}

fn listener_becomes_message(at: &Transition) -> Result<(), String> {
    pairs(at).try_for_each(|(before, after)| {
        before.listeners.difference(&after.listeners).try_for_each(|address| {
            let promise = before.record.id.clone();
            let key = Row::Unblock(Arc::new(Unblock { address: address.clone(), promise })).key();
            holds(at.after.rows().contains_key(&key), || format!("no {key:?}"))
        })
    })
}

fn response_is_projected(at: &Transition) -> Result<(), String> {
    let projected = |id: &Id| at.after.promise(id).map(|it| promise_at(&it.record, at.now));
    let told = at.outcome.response.as_ref().and_then(|response| response.promise());
    told.map_or(Ok(()), |told| {
        let is = projected(&told.id);
        holds(is.as_ref() == Some(told), || format!("told {told:?} of {is:?}"))
    })
}
