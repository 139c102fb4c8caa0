//! The steps that the machine takes by itself, in one line each.

use abide_machine::{Internal, Key, Step, Unblock};
use abide_protocol::Id;

use crate::explore::choice::Choice;

fn step(text: String, internal: Internal) -> Choice {
    Choice::new(text, Step::Internal(internal))
}

/// The deadline of a promise, and what happens to its task by itself.
pub(super) fn deadline(id: &str) -> Choice {
    step(format!("deadline {id}"), Internal::Deadline { id: id.into() })
}

/// What happens to a task by itself.
pub(super) fn of_task(id: &str) -> [Choice; 3] {
    let at = || Id::from(id);
    [
        step(format!("lease {id}"), Internal::Lease { id: at() }),
        step(format!("dispatch {id}"), Internal::Dispatch { id: at() }),
        step(format!("offer {id}"), Internal::Offer { id: at() }),
    ]
}

pub(super) fn callback(awaited: &str, awaiter: &str) -> Choice {
    let internal = Internal::Callback { awaited: awaited.into(), awaiter: awaiter.into() };
    step(format!("callback {awaited} to {awaiter}"), internal)
}

/// A listener is told: a message is stored, and taken.
pub(super) fn told(id: &str, address: &str) -> [Choice; 2] {
    let unblock = Unblock { address: address.into(), promise: id.into() };
    let listener = Internal::Listener { id: id.into(), address: address.into() };
    [
        step(format!("listener {id} {address}"), listener),
        step(format!("delivered {id} {address}"), Internal::Delivered(unblock)),
    ]
}

pub(super) fn cancel(owner: &str, id: &str) -> Choice {
    let internal = Internal::Cancel { owner: owner.into(), id: id.into() };
    step(format!("cancel {id} with {owner}"), internal)
}

/// The end of a cascade, when nothing is left that the promise owns.
pub(super) fn cascade(id: &str, owned: &[&str]) -> Choice {
    let settled = owned.iter().map(|id| Key::Promise((*id).into())).collect();
    Choice { settled, ..step(format!("cascade {id}"), Internal::Cascade { id: id.into() }) }
}

pub(super) fn occurrence(id: &str, promise: &str) -> Choice {
    let internal = Internal::Occurrence { id: id.into(), promise: promise.into() };
    step(format!("occurrence {id} as {promise}"), internal)
}
