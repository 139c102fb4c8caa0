use abide_protocol::Millis;

/// Where a promise is below the root of its script: what its id adds to the root's.
pub(crate) type Place = &'static str;

/// The root itself.
pub(crate) const ROOT: Place = "";

/// Everywhere that a script puts a promise.
pub(super) const PLACES: [Place; 5] = [ROOT, ":1", ":1.1", ":2", ":3"];

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Create,
    CreateWithDeadline(Millis),
    CreateWithTask,
    CreateAcquired,
    /// A promise of a group that nobody serves, owned by another one.
    CreateOwned {
        place: Place,
        owner: Place,
    },
    Listen(Place),
    Settle,
    /// The root is canceled, and with it all that it owns.
    Cancel,
    Acquire,
    /// After a resume; the answer tells which promise has caused it.
    AcquireResumed(Place),
    CreateChild(Place),
    SettleChild(Place),
    SettleChildFromOutside(Place),
    Suspend(&'static [Place]),
    /// What was waited for is waited for still.
    SuspendAgain,
    /// Forgets these with all below them.
    Reclaim(&'static [Place]),
    Release,
    Halt,
    Continue,
    Fulfill,
}

impl Step {
    /// Whether it needs something that the server does by itself, a moment after the step before.
    pub(crate) fn waits(self) -> bool {
        matches!(self, Step::Acquire | Step::AcquireResumed(_))
    }
}
