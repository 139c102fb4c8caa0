//! What holds of cancellations.

use abide_protocol::PromiseState;

use super::{Property, Transition, holds};
use crate::{Step, owner};

pub(super) const CATALOGUE: &[Property] = &[
    Property {
        area: super::Area::Promise,
        name: "only a canceled promise cascades, from the start",
        check: begins,
    },
    Property {
        area: super::Area::Promise,
        name: "a cascade ends when nothing is left that the promise owns",
        check: ends_when_done,
    },
    Property {
        area: super::Area::Promise,
        name: "what nobody has canceled is canceled only with its owner",
        check: only_with_owner,
    },
];

fn begins(at: &Transition) -> Result<(), String> {
    let cancel = at.after.config().extensions.cancel();
    at.after.promises().try_for_each(|promise| {
        let canceled = promise.record.state == PromiseState::RejectedCanceled;
        let before = at.before.promise(&promise.record.id);
        let fresh = canceled && before.is_none_or(|before| before.record.is_pending());
        let fine = (canceled || !promise.cascading) && (!fresh || promise.cascading == cancel);
        holds(fine, || format!("{promise:?}"))
    })
}

fn ends_when_done(at: &Transition) -> Result<(), String> {
    at.before.promises().filter(|promise| promise.cascading).try_for_each(|promise| {
        let id = &promise.record.id;
        if at.after.promise(id).is_none_or(|after| after.cascading) {
            return Ok(());
        }
        let pending = at.before.promises().filter(|it| it.record.is_pending());
        let left = pending.map(|it| &it.record).find(|it| owner(it).as_ref() == Some(id));
        holds(left.is_none(), || format!("{id} ends its cascade before {left:?}"))
    })
}

fn only_with_owner(at: &Transition) -> Result<(), String> {
    if !matches!(at.step, Step::Internal(_)) {
        return Ok(());
    }
    at.after.promises().try_for_each(|promise| {
        let record = &promise.record;
        let before = at.before.promise(&record.id);
        let fresh = record.state == PromiseState::RejectedCanceled
            && before.is_none_or(|before| before.record.is_pending());
        let by = owner(record).and_then(|owner| at.before.promise(&owner));
        let canceled =
            by.is_some_and(|by| by.cascading && by.record.state == PromiseState::RejectedCanceled);
        let now = record.settled_at == Some(at.now) && record.value.data.is_none();
        holds(!fresh || canceled && now, || format!("{promise:?} of {by:?}"))
    })
}
