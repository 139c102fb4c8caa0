//! The steps that the machine takes by itself. Each does nothing unless its guard holds.

mod cascade;
mod obligation;
mod occurrence;

use abide_protocol::{Id, Millis};

use crate::{
    Config, Effect, Internal, Outcome, Phase, Promise, View,
    moment::{Moment, TaskNow},
};

/// Carries out an internal step.
pub(crate) fn carry_out(
    view: &dyn View,
    internal: &Internal,
    now: Millis,
    config: &Config,
) -> Outcome {
    let at = &Moment { view, now, config };
    let effects = match internal {
        Internal::Deadline { id } => deadline(at, id),
        Internal::Callback { awaited, awaiter } => obligation::callback(at, awaited, awaiter),
        Internal::Listener { id, address } => obligation::listener(at, id, address),
        Internal::Lease { id } => lease(at, id),
        Internal::Dispatch { id } => dispatch(at, id),
        Internal::Offer { id } => offer(at, id),
        Internal::Occurrence { id, promise } => occurrence::occurrence(at, id, promise),
        Internal::Delivered(unblock) => Some(obligation::delivered(at, unblock)),
        Internal::Cancel { owner, id } => cascade::cancel(at, owner, id),
        Internal::Cascade { id } => cascade::end(at, id),
    };
    effects.map_or_else(Outcome::nothing, |effects| Outcome { effects, ..Outcome::default() })
}

/// What a step changes, if its guard holds.
type Changes = Option<Vec<Effect>>;

fn deadline(at: &Moment, id: &Id) -> Changes {
    let promise = at.promise(id)?;
    if !promise.row.is_armed() || promise.record.is_pending() {
        return None;
    }
    let mut effects = Vec::new();
    let settled = Promise { record: promise.record, ..Promise::clone(promise.row) };
    at.settle(settled, &mut effects);
    Some(effects)
}

fn lease(at: &Moment, id: &Id) -> Changes {
    let task = live(at, id)?;
    match task.row.phase {
        _ if fault!(LeaseForEver) => None,
        Phase::Acquired { .. } if fault!(LeaseEndsEarly) => offered(at, &task),
        Phase::Acquired { expires, .. } if expires <= at.now => offered(at, &task),
        _ => None,
    }
}

fn dispatch(at: &Moment, id: &Id) -> Changes {
    let task = live(at, id)?;
    match task.row.phase {
        Phase::Pending { due, .. } if due <= at.now => offered(at, &task),
        _ => None,
    }
}

fn offer(at: &Moment, id: &Id) -> Changes {
    let task = live(at, id)?;
    match task.row.phase {
        Phase::Pending { offered: true, .. } => offered(at, &task),
        Phase::Acquired { .. } if fault!(OfferHeld) => offered(at, &task),
        _ => None,
    }
}

fn live<'a>(at: &Moment<'a>, id: &Id) -> Option<TaskNow<'a>> {
    at.task(id).filter(TaskNow::is_live)
}

fn offered(at: &Moment, task: &TaskNow) -> Changes {
    let mut effects = Vec::new();
    at.dispatch(task.to_task(), &mut effects);
    Some(effects)
}
