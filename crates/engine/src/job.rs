use abide_machine::{DueKind, Internal, Key, Phase, Step, Task, Unblock};
use abide_protocol::{FenceAction, Id, Request, TaskFence, TaskHeartbeat};

use crate::{
    claim::Claim,
    family::Family,
    io::{Position, Range, Ticket},
    reclaim::Reclaim,
    search::TaskPage,
};

/// Something to carry out once the rows that it reads are in memory.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) enum Job {
    /// A step of the machine.
    Step {
        /// It.
        step: Step,
        /// Why.
        cause: Cause,
    },
    /// A settled promise owes something to those who wait for it.
    Owed(Id),
    /// A schedule is due.
    Occurrence(Id),
    /// A stored message is to be sent.
    Send(Family, Unblock),
    /// A process extends whatever it holds.
    Heartbeat {
        /// The call.
        ticket: Ticket,
        /// The request, without tasks.
        data: TaskHeartbeat,
        /// Some of what the process holds.
        held: Vec<Id>,
        /// Where the rest of it starts.
        rest: Option<(Range, Position)>,
    },
    /// A claim is to tell of the promises of its branch.
    Claim(Box<Claim>),
    /// Promises are to be reclaimed.
    Reclaim(Box<Reclaim>),
    /// A page of a search through tasks.
    Tasks(Box<TaskPage>),
}

/// Why a step is taken.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) enum Cause {
    /// A call asks for it.
    Call(Ticket),
    /// A process extends part of what it holds, and goes on with the rest.
    Heartbeat(Ticket, TaskHeartbeat, Range, Position),
    /// It deletes part of what is to be reclaimed.
    Reclaim(Box<Reclaim>),
    /// Its time has come.
    Due(DueKind, Id),
    /// It is owed by this settled promise.
    Owed(Id),
    /// The task has a place in the window of this family.
    Offer(Family, Id),
    /// A message was taken, or a tick retries.
    Other,
}

impl Job {
    /// A step that the machine takes by itself.
    pub(crate) fn internal(internal: Internal, cause: Cause) -> Self {
        Job::Step { step: Step::Internal(internal), cause }
    }

    /// Whether it belongs to a call.
    pub(crate) fn is_call(&self) -> bool {
        match self {
            Job::Step { cause, .. } => {
                matches!(cause, Cause::Call(_) | Cause::Heartbeat(..) | Cause::Reclaim(_))
            }
            Job::Heartbeat { .. } | Job::Claim(_) | Job::Reclaim(_) | Job::Tasks(_) => true,
            Job::Owed(_) | Job::Occurrence(_) | Job::Send(..) => false,
        }
    }

    /// The promise that it creates, which is mostly not there.
    pub(crate) fn creates(&self) -> Option<&Id> {
        match self {
            Job::Step { step: Step::Request(request), .. } => match request {
                Request::PromiseCreate(data) => Some(&data.id),
                Request::TaskCreate(data) => Some(&data.action.create.id),
                Request::TaskFence(TaskFence { action: FenceAction::Create(data), .. }) => {
                    Some(&data.create.id)
                }
                Request::TaskFence(TaskFence { action: FenceAction::Record(data), .. }) => {
                    Some(&data.create.id)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The execution that it begins for whoever asks.
    pub(crate) fn begins(&self) -> Option<&Id> {
        match self {
            Job::Step { step: Step::Request(Request::TaskCreate(data)), .. } => {
                Some(&data.action.create.id)
            }
            _ => None,
        }
    }

    /// The rows it reads.
    pub(crate) fn keys(&self) -> Vec<Key> {
        match self {
            Job::Step { step, .. } => step.footprint(),
            Job::Owed(id) => vec![Key::Promise(id.clone())],
            Job::Occurrence(id) => vec![Key::Schedule(id.clone())],
            Job::Send(_, unblock) => vec![Key::Promise(unblock.promise.clone())],
            Job::Heartbeat { held, .. } => held.iter().cloned().map(Key::Task).collect(),
            Job::Claim(claim) => claim.told.iter().cloned().map(Key::Promise).collect(),
            Job::Reclaim(reclaim) => reclaim.keys(),
            Job::Tasks(page) => page
                .tasks
                .iter()
                .filter(needs_promise)
                .map(|task| task.id.clone())
                .map(Key::Promise)
                .collect(),
        }
    }
}

/// A fulfilled task is what is stored; what any other one is depends on its promise.
fn needs_promise(task: &&std::sync::Arc<Task>) -> bool {
    task.phase != Phase::Fulfilled
}
