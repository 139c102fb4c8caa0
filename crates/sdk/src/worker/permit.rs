//! Room for one running execution.

use std::convert::Infallible;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// What an execution has while it runs, and gives back when it ends or is suspended.
#[derive(Debug)]
pub(crate) struct Permit {
    _room: Option<OwnedSemaphorePermit>,
    _rests: Option<oneshot::Sender<Infallible>>,
}

impl Permit {
    /// A permit with room, or one beyond what there is room for.
    pub(super) fn new(room: Option<OwnedSemaphorePermit>) -> Self {
        Self { _room: room, _rests: None }
    }

    /// A permit, and what is over when it is given back.
    #[cfg(feature = "http")]
    pub(super) fn watched(room: OwnedSemaphorePermit) -> (Self, oneshot::Receiver<Infallible>) {
        let (rests, resting) = oneshot::channel();
        (Self { _room: Some(room), _rests: Some(rests) }, resting)
    }
}
