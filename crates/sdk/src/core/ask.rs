//! What a durable call asks for.

use std::{collections::BTreeMap, fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use super::{outcome::End, site::Site};
use crate::retry::Retry;

/// The kind of a child. Calls of different kinds are never mistaken for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A durable function, executed here.
    Call,
    /// A named closure, executed here.
    Step,
    /// A function, executed by some process of a group.
    Remote,
    /// A function that outlives its caller, executed by some process of a group.
    Detached,
    /// A durable timer.
    Timer,
    /// A promise that somebody outside settles.
    Promise,
    /// An empty record that only carries deliveries.
    Marker,
    /// A save point: its record carries the state of the function.
    Save,
    /// A failed attempt: its record is a timer that fires when the next one is due.
    Retry,
}

impl Kind {
    /// The name that it has in records, which must never change.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Step => "step",
            Self::Remote => "remote",
            Self::Detached => "detached",
            Self::Timer => "timer",
            Self::Promise => "promise",
            Self::Marker => "marker",
            Self::Save => "save",
            Self::Retry => "retry",
        }
    }

    /// The kind of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "call" => Self::Call,
            "step" => Self::Step,
            "remote" => Self::Remote,
            "detached" => Self::Detached,
            "timer" => Self::Timer,
            "promise" => Self::Promise,
            "marker" => Self::Marker,
            "save" => Self::Save,
            "retry" => Self::Retry,
            _ => return None,
        })
    }

    /// Whether the body runs within this execution.
    pub(crate) fn is_local(self) -> bool {
        matches!(self, Self::Call | Self::Step)
    }

    /// Whether a call is more than its arguments, so that it needs a name of its own (rule 9).
    pub(crate) fn needs_a_name(self) -> bool {
        matches!(self, Self::Step | Self::Promise)
    }

    /// Whether the function begins anew at such a record: its later records count turns from it.
    pub(crate) fn is_base(self) -> bool {
        matches!(self, Self::Save | Self::Retry)
    }

    /// Whether somebody else settles it, or time does.
    pub(crate) fn is_elsewhere(self) -> bool {
        !self.is_local() && !matches!(self, Self::Marker | Self::Save)
    }

    /// Whether its scope does not end before it, once it is spawned.
    pub(crate) fn holds_its_scope(self) -> bool {
        matches!(self, Self::Call | Self::Step | Self::Remote)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call => "call",
            Self::Step => "step",
            Self::Remote => "remote call",
            Self::Detached => "detached call",
            Self::Timer => "timer",
            Self::Promise => "promise",
            Self::Marker => "marker",
            Self::Save => "save point",
            Self::Retry => "retry",
        })
    }
}

/// A running body.
pub(crate) type Running = Pin<Box<dyn Future<Output = End> + Send>>;

/// Starts a body. It is called once per attempt and once per replay.
pub(crate) type Body = Arc<dyn Fn() -> Running + Send + Sync>;

/// When a promise times out, or a timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deadline {
    /// This long after its creation.
    After(Duration),
    /// At this time, in milliseconds of the Unix epoch.
    At(i64),
}

/// What the caller chose for one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The address that executes it, for remote and detached calls; without one the group of the
    /// caller does.
    pub(crate) target: Option<String>,
    /// When it times out; a child never outlives its parent's deadline.
    pub(crate) deadline: Option<Deadline>,
    /// How a failed attempt is retried.
    pub(crate) retry: Option<Retry>,
    /// Whether that is the caller's choice, and not the function's own.
    pub(crate) retry_chosen: bool,
    /// Tags of the promise.
    pub(crate) tags: BTreeMap<String, String>,
    /// The version of the function.
    pub(crate) version: Option<u32>,
    /// The id that the caller gave it.
    pub(crate) id: Option<Arc<str>>,
    /// Whether the call is canceled, durably, when its handle is dropped.
    pub(crate) cancel_on_drop: bool,
}

/// One durable call, as asked for.
pub(crate) struct Ask {
    /// What it is.
    pub(crate) kind: Kind,
    /// The function, or the name.
    pub(crate) func: Arc<str>,
    /// The arguments: a JSON array.
    pub(crate) args: Arc<str>,
    /// A fingerprint of the arguments.
    pub(crate) fingerprint: u64,
    /// Where it was asked for.
    pub(crate) site: Site,
    /// What the caller chose.
    pub(crate) options: Options,
    /// The body, for what is executed here.
    pub(crate) body: Option<Body>,
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{} at {}", self.kind, self.func, self.args, self.site)
    }
}

/// What makes two calls of one turn interchangeable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    pub(crate) kind: Kind,
    pub(crate) func: Arc<str>,
    pub(crate) fingerprint: u64,
}

impl Ask {
    /// What makes it interchangeable with another.
    pub(crate) fn identity(&self) -> Identity {
        Identity { kind: self.kind, func: self.func.clone(), fingerprint: self.fingerprint }
    }
}
