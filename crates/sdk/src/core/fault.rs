//! What stops an execution loudly, with nothing overwritten.

use std::fmt;

use crate::codec::Unreadable;

/// A reason to halt the execution. It is not an outcome: nothing is recorded, and after a fix the
/// execution is continued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The code asks for something else than what is recorded.
    Diverged {
        /// The scope, and the turn.
        at: String,
        /// What the records say.
        recorded: String,
        /// What the code asked for.
        requested: String,
    },
    /// Something other than a durable await moved a function that makes durable calls.
    ForeignWake {
        /// The scope.
        at: String,
        /// What it did then.
        did: String,
    },
    /// Two things of one name in one turn.
    SameName {
        /// The scope.
        at: String,
        /// What they are, and their name.
        what: String,
    },
    /// A call is polled once and dropped or forgotten, over and over.
    NeverTaken {
        /// The call.
        at: String,
    },
    /// The engine will not have it, now or ever: a payload that is too large, for instance.
    Refused {
        /// The promise.
        at: String,
        /// What the engine says.
        why: String,
    },
    /// A payload cannot be read by this process.
    Unreadable {
        /// The promise.
        at: String,
        /// Why not.
        why: Unreadable,
    },
    /// A save point among other calls: a function that begins anew there would not make them.
    SaveAmongOthers {
        /// The scope.
        at: String,
        /// What is open.
        open: String,
    },
    /// The state of a save point is asked for when the function has begun.
    LateRestore {
        /// The scope.
        at: String,
    },
    /// The state of a save point is not of the type that the function wants.
    SavedState {
        /// The scope.
        at: String,
        /// What is wrong with it.
        why: String,
    },
    /// A function never comes to rest.
    Spinning {
        /// The scope.
        at: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Diverged { at, recorded, requested } => write!(
                f,
                "the code no longer agrees with what is recorded at {at}: recorded {recorded}, \
                 requested {requested}"
            ),
            Self::ForeignWake { at, did } => write!(
                f,
                "{at} {did} because of something that is not durable (a timer, a socket, a join \
                 handle); a function that makes durable calls may wait for durable things only: \
                 use `sleep`, or put the rest into a `step` or a durable function of its own"
            ),
            Self::SameName { at, what } => write!(
                f,
                "{at} has two of {what} at one time; give each a name of its own, so that they can \
                 be told apart after a restart"
            ),
            Self::NeverTaken { at } => write!(
                f,
                "{at} is settled, but nobody takes its result; a durable call must be awaited, not \
                 polled once and left"
            ),
            Self::Refused { at, why } => write!(f, "the engine refuses {at}: {why}"),
            Self::Unreadable { at, why } => write!(f, "a payload of {at} cannot be read: {why}"),
            Self::SaveAmongOthers { at, open } => write!(
                f,
                "{at} makes a save point while {open}; a function that begins anew there would \
                 know nothing of it: await it, or drop it, before `save`"
            ),
            Self::LateRestore { at } => write!(
                f,
                "{at} asks for its saved state when it has begun; `saved(..).await` is the first \
                 thing that a function awaits, and it does so once"
            ),
            Self::SavedState { at, why } => write!(
                f,
                "the saved state of {at} cannot be read: {why}; nothing is overwritten: continue \
                 the execution with a program that can read it"
            ),
            Self::Spinning { at } => {
                write!(f, "{at} wakes itself over and over and never waits for anything")
            }
        }
    }
}
