use std::fmt;

use crate::{FenceAction, Invalid, Request, TaskFence};

/// The names of the extensions, as `GET /extensions` lists them.
pub mod extension {
    /// Several requests in one message: `POST /batch`.
    pub const BATCH: &str = "batch";
    /// A canceled promise cancels what it owns: the tag
    /// [`abide:owner`](crate::tag::OWNER).
    pub const CANCEL: &str = "cancel";
    /// The request `task.reclaim`.
    pub const RECLAIM: &str = "reclaim";
    /// The action `promise.record` of `task.fence`.
    pub const RECORD: &str = "record";
    /// The fields `resumed` and `again` of `task.acquire` and `task.suspend`.
    pub const RESUMED: &str = "resumed";
}

/// A set of extensions: what a server offers beyond the protocol. A client uses only what the
/// server has named; nothing depends on any of it.
///
/// ```
/// use abide_protocol::{Extensions, extension};
/// let offered = Extensions::from_names(["reclaim", "resumed", "from-the-future"]);
/// assert!(offered.reclaim() && offered.has(extension::RESUMED) && !offered.cancel());
/// assert_eq!(offered.names(), ["reclaim", "resumed"]);
/// assert_eq!(Extensions::from_bits(offered.bits()), offered);
/// assert!(Extensions::all().contains(offered) && !Extensions::none().contains(offered));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Extensions(u8);

/// Each extension by name, in the order of the names. Its place is its bit.
const NAMES: [&str; 5] = [
    extension::BATCH,
    extension::CANCEL,
    extension::RECLAIM,
    extension::RECORD,
    extension::RESUMED,
];

impl Extensions {
    /// Every extension that this version knows.
    pub const fn all() -> Self {
        Extensions((1 << NAMES.len()) - 1)
    }

    /// None: the protocol as published.
    pub const fn none() -> Self {
        Extensions(0)
    }

    /// Those of these names that this version knows; the others are of no use to it.
    pub fn from_names<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        names.into_iter().fold(Self::none(), |set, name| Extensions(set.0 | bit(name.as_ref())))
    }

    /// Those of these [`bits`](Self::bits) that this version knows.
    pub const fn from_bits(bits: u8) -> Self {
        Extensions(bits & Self::all().0)
    }

    /// One bit for each, in the order of the names that this version knows: to be kept in memory, and
    /// nowhere else.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Their names, in order.
    pub fn names(self) -> Vec<&'static str> {
        NAMES.into_iter().filter(|name| self.has(name)).collect()
    }

    /// Whether the extension of this name is among them.
    pub fn has(self, name: &str) -> bool {
        self.0 & bit(name) != 0
    }

    /// Whether all of `wanted` are among them.
    pub fn contains(self, wanted: Extensions) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// Whether several requests may travel in one message.
    pub fn batch(self) -> bool {
        self.has(extension::BATCH)
    }

    /// Whether a canceled promise cancels what it owns.
    pub fn cancel(self) -> bool {
        self.has(extension::CANCEL)
    }

    /// Whether `task.reclaim` is served.
    pub fn reclaim(self) -> bool {
        self.has(extension::RECLAIM)
    }

    /// Whether a promise can be created and settled by one request.
    pub fn record(self) -> bool {
        self.has(extension::RECORD)
    }

    /// Whether a task says which promises have woken it.
    pub fn resumed(self) -> bool {
        self.has(extension::RESUMED)
    }
}

fn bit(name: &str) -> u8 {
    NAMES.iter().position(|known| *known == name).map_or(0, |place| 1 << place)
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl Request {
    /// The extensions that this request makes use of.
    pub fn uses(&self) -> Extensions {
        match self {
            Request::TaskReclaim(_) => Extensions::from_names([extension::RECLAIM]),
            Request::TaskFence(TaskFence { action: FenceAction::Record(_), .. }) => {
                Extensions::from_names([extension::RECORD])
            }
            Request::TaskAcquire(data) if data.resumed => {
                Extensions::from_names([extension::RESUMED])
            }
            Request::TaskSuspend(data) if data.resumed || data.again => {
                Extensions::from_names([extension::RESUMED])
            }
            _ => Extensions::none(),
        }
    }

    /// The request as a server reads it that offers only these extensions: fields that it does not
    /// know are ignored.
    ///
    /// # Errors
    /// When the kind itself is not known there.
    pub fn limited_to(mut self, extensions: Extensions) -> Result<Self, Invalid> {
        if extensions.contains(self.uses()) {
            return Ok(self);
        }
        match &mut self {
            Request::TaskAcquire(data) => data.resumed = false,
            Request::TaskSuspend(data) => (data.resumed, data.again) = (false, false),
            Request::TaskFence(TaskFence { action, .. }) => return Err(action.unknown()),
            request => {
                return Err(Invalid(format!("the kind {:?} is unknown", request.kind().as_str())));
            }
        }
        Ok(self)
    }
}
