use abide_protocol::{FenceAction, Id, Request};

use crate::{Internal, Key, Step};

impl Step {
    /// Every key that the step may read or put, from the step alone, so that records are fetched
    /// first and the transition itself is synchronous. Messages are not in it: they are put and
    /// deleted without being read, and nothing is derived from them.
    ///
    /// A key may be named twice.
    pub fn footprint(&self) -> Vec<Key> {
        let mut keys = Vec::with_capacity(4);
        match self {
            Step::Request(request) => of_request(&mut keys, request),
            Step::Reclaim(data) => {
                both(&mut keys, &data.id);
                data.promises.iter().for_each(|id| both(&mut keys, id));
            }
            Step::Internal(internal) => of_internal(&mut keys, internal),
        }
        keys
    }
}

fn both(keys: &mut Vec<Key>, id: &Id) {
    keys.push(Key::Promise(id.clone()));
    keys.push(Key::Task(id.clone()));
}

fn of_request(keys: &mut Vec<Key>, request: &Request) {
    match request {
        Request::PromiseGet(data) => keys.push(Key::Promise(data.id.clone())),
        Request::PromiseCreate(data) => both(keys, &data.id),
        Request::PromiseSettle(data) => both(keys, &data.id),
        Request::PromiseRegisterCallback(data) => {
            keys.push(Key::Promise(data.awaited.clone()));
            keys.push(Key::Promise(data.awaiter.clone()));
        }
        Request::PromiseRegisterListener(data) => keys.push(Key::Promise(data.awaited.clone())),
        Request::TaskGet(data) => both(keys, &data.id),
        Request::TaskCreate(data) => both(keys, &data.action.create.id),
        Request::TaskAcquire(data) => both(keys, &data.id),
        Request::TaskFence(data) => {
            both(keys, &data.id);
            both(keys, fenced(&data.action));
        }
        Request::TaskHeartbeat(data) => data.tasks.iter().for_each(|task| both(keys, &task.id)),
        Request::TaskSuspend(data) => {
            both(keys, &data.id);
            let awaited = data.actions.iter().map(|action| action.callback.awaited.clone());
            keys.extend(awaited.map(Key::Promise));
        }
        Request::TaskFulfill(data) => both(keys, &data.id),
        Request::TaskRelease(data) => both(keys, &data.id),
        Request::TaskHalt(data) => both(keys, &data.id),
        Request::TaskContinue(data) => both(keys, &data.id),
        Request::ScheduleGet(data) => keys.push(Key::Schedule(data.id.clone())),
        Request::ScheduleCreate(data) => keys.push(Key::Schedule(data.id.clone())),
        Request::ScheduleDelete(data) => keys.push(Key::Schedule(data.id.clone())),
        Request::PromiseSearch(_)
        | Request::TaskSearch(_)
        | Request::ScheduleSearch(_)
        | Request::TaskReclaim(_)
        | Request::DebugStart
        | Request::DebugStop
        | Request::DebugReset
        | Request::DebugTick(_)
        | Request::DebugSnap => {}
    }
}

fn fenced(action: &FenceAction) -> &Id {
    match action {
        FenceAction::Create(action) => &action.create.id,
        FenceAction::Settle(action) => &action.settle.id,
        FenceAction::Record(action) => &action.create.id,
    }
}

fn of_internal(keys: &mut Vec<Key>, internal: &Internal) {
    match internal {
        Internal::Deadline { id }
        | Internal::Listener { id, .. }
        | Internal::Lease { id }
        | Internal::Dispatch { id }
        | Internal::Offer { id } => both(keys, id),
        Internal::Callback { awaited, awaiter } => {
            both(keys, awaited);
            both(keys, awaiter);
        }
        Internal::Occurrence { id, promise } => {
            keys.push(Key::Schedule(id.clone()));
            both(keys, promise);
        }
        Internal::Cancel { owner, id } => {
            keys.push(Key::Promise(owner.clone()));
            both(keys, id);
        }
        Internal::Cascade { id } => keys.push(Key::Promise(id.clone())),
        Internal::Delivered(unblock) if unblock.promise.is_root() => {}
        Internal::Delivered(unblock) => keys.push(Key::Promise(unblock.promise.clone())),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Internal, Key, Step, Unblock};

    /// A root is never reclaimed, so nothing is looked up to forget a message about it.
    #[test]
    fn a_message_about_a_root_is_forgotten_without_a_look() {
        let footprint = |promise: &str| {
            let unblock = Unblock { address: "poll://any@w".into(), promise: promise.into() };
            Step::Internal(Internal::Delivered(unblock)).footprint()
        };
        assert_eq!(footprint("a"), []);
        assert_eq!(footprint("a.1"), [Key::Promise("a.1".into())]);
    }
}
