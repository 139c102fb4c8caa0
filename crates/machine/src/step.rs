use std::sync::Arc;

use abide_protocol::{Id, Millis, Request, TaskReclaim};

use crate::{Config, Outcome, Unblock, View, external, internal};

/// One transition: what a client asks for, or what the machine does by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A client's request. Searches and the debug surface are scans and switches of whoever drives
    /// the machine; here they answer 501, and so does a reclamation that has not been looked up. A
    /// heartbeat that means every task of its process is
    /// expanded before it becomes a step.
    Request(Request),
    /// `task.reclaim`, once it has been looked up what there is below the promises that it names:
    /// exactly these promises are deleted, those that do not qualify and what they are below
    /// excepted. Answered as a request is.
    Reclaim(TaskReclaim),
    /// A step of the machine itself.
    Internal(Internal),
}

/// A step that the machine takes by itself. Each does nothing unless its guard holds, so late,
/// early and repeated firings are safe. What a record arms is derived by [`armed`](crate::armed).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Internal {
    /// Writes what the deadline of a promise has made of it, and fulfils its task.
    Deadline {
        /// The promise.
        id: Id,
    },
    /// Resumes a task that waits for a settled promise.
    Callback {
        /// The settled promise.
        awaited: Id,
        /// The promise whose task waits.
        awaiter: Id,
    },
    /// Stores the message that tells a listener of a settled promise.
    Listener {
        /// The settled promise.
        id: Id,
        /// The listener.
        address: Arc<str>,
    },
    /// Takes a task back from a process whose lease is over.
    Lease {
        /// The task.
        id: Id,
    },
    /// Offers a pending task that is due: its delay has passed, or nobody took the last offer.
    Dispatch {
        /// The task.
        id: Id,
    },
    /// Offers a pending task that has been offered before, due or not, because a receiver has just
    /// connected.
    Offer {
        /// The task.
        id: Id,
    },
    /// Creates the promise of the next occurrence of a schedule, and moves the schedule on. One
    /// occurrence a step: whoever drives the machine repeats it while the schedule is due.
    Occurrence {
        /// The schedule.
        id: Id,
        /// The promise to create, as [`Schedule::occurrence`](crate::Schedule::occurrence) names
        /// it. It makes the footprint known from the step alone; a stale one makes the step do
        /// nothing.
        promise: Id,
    },
    /// Cancels a promise because its owner was canceled.
    Cancel {
        /// The canceled promise.
        owner: Id,
        /// The promise that it owns.
        id: Id,
    },
    /// Ends the cascade of a canceled promise. It is for whoever drives the machine to have taken
    /// [`Cancel`](Self::Cancel) for everything pending that the promise owns: which that is, an
    /// index says ([`Entry::Owned`](crate::Entry::Owned)), and a step sees none.
    Cascade {
        /// The canceled promise.
        id: Id,
    },
    /// Forgets a message that its receiver has taken.
    Delivered(Unblock),
}

/// Takes a step as [`step`] does, but does not look again whether a request is valid and asks for
/// nothing that is not offered: whoever took it in has.
pub fn step_checked(view: &dyn View, step: &Step, now: Millis, config: &Config) -> Outcome {
    match step {
        Step::Request(request) => external::carry_out_checked(view, request, now, config),
        _ => self::step(view, step, now, config),
    }
}

/// Takes one step: the whole protocol as one function.
///
/// `now` never decreases from one call to the next over the same state. The view is the pre-state;
/// the effects are to be applied together before the next step.
pub fn step(view: &dyn View, step: &Step, now: Millis, config: &Config) -> Outcome {
    match step {
        Step::Request(request) => external::carry_out(view, request, now, config),
        Step::Reclaim(data) => external::reclaim::carry_out(view, data, now, config),
        Step::Internal(internal) => internal::carry_out(view, internal, now, config),
    }
}
