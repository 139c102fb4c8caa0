use std::sync::Arc;

use abide_protocol::{Id, Response};

use crate::{Key, Row};

/// What a step comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// The answer to a request; an internal step has none. The `preload` in it is empty: whoever
    /// carries the step out fills it, since it is a scan.
    pub response: Option<Response>,
    /// The promises that `preload` is to tell of; `None` means those of the branch.
    pub told: Option<Vec<Id>>,
    /// What changes, all together or not at all. A key is written at most once.
    pub effects: Vec<Effect>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The record is now this.
    Put(Row),
    /// The record is gone.
    Delete(Key),
    /// A message to send once the rest is durable. It may be lost: the task is pending and offered
    /// in the same step, so its retry brings the message up again.
    Execute {
        /// Where it goes.
        address: Arc<str>,
        /// The task.
        id: Id,
        /// The version to acquire.
        version: i64,
    },
}

impl Outcome {
    /// An answer that changes nothing.
    pub(crate) fn answer(response: Response) -> Self {
        Outcome { response: Some(response), ..Outcome::default() }
    }

    /// An internal step whose guard does not hold.
    pub(crate) fn nothing() -> Self {
        Outcome::default()
    }
}
