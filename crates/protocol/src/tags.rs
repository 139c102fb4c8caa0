use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Millis;

/// The names of the tags that mean something to the protocol.
pub mod tag {
    /// The address that executes the promise; it gives the promise a task.
    pub const TARGET: &str = "resonate:target";
    /// `"true"` makes the deadline's verdict `resolved`.
    pub const TIMER: &str = "resonate:timer";
    /// `"true"` says that somebody outside settles the promise.
    pub const EXTERNAL: &str = "resonate:external";
    /// `global` or `local`.
    pub const SCOPE: &str = "resonate:scope";
    /// The time of the first dispatch, in Unix milliseconds.
    pub const DELAY: &str = "resonate:delay";
    /// The root of the execution tree.
    pub const ORIGIN: &str = "resonate:origin";
    /// The promise whose task executes this one.
    pub const BRANCH: &str = "resonate:branch";
    /// The promise of the caller.
    pub const PARENT: &str = "resonate:parent";
    /// Lineage of the older id dialect: accepted and ignored.
    pub const PREFIX: &str = "resonate:prefix";
    /// The promise that owns this one: if it is canceled, so is this one. An extension, and an
    /// ordinary tag where it is not offered. It means something only on a promise whose id extends
    /// the owner's.
    pub const OWNER: &str = "abide:owner";
    /// The schedule that created the promise; set by the server.
    pub const SCHEDULE: &str = "resonate:schedule";
}

/// The tags of a promise or a schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(pub BTreeMap<String, String>);

impl Tags {
    /// The value of a tag.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether the deadline resolves the promise instead of rejecting it.
    pub fn is_timer(&self) -> bool {
        self.get(tag::TIMER) == Some("true")
    }

    /// The address as written, timer or not.
    pub fn address(&self) -> Option<&str> {
        self.get(tag::TARGET)
    }

    /// The address that executes the promise. A timer has none, even where an address is written:
    /// a timer with a target is a pure timer.
    pub fn target(&self) -> Option<&str> {
        if self.is_timer() { None } else { self.address() }
    }

    /// The time of the first dispatch, if it is delayed and well-formed.
    pub fn delay(&self) -> Option<Millis> {
        self.get(tag::DELAY).and_then(|text| text.parse().ok())
    }

    /// The branch whose acquisition preloads this promise.
    pub fn branch(&self) -> Option<&str> {
        self.get(tag::BRANCH)
    }

    /// The owner whose cancellation cancels this promise too.
    pub fn owner(&self) -> Option<&str> {
        self.get(tag::OWNER)
    }

    /// Whether the server acts on the deadline by itself, even if nobody waits.
    pub fn arms_deadline(&self) -> bool {
        self.address().is_some()
            || self.is_timer()
            || self.get(tag::EXTERNAL) == Some("true")
            || self.get(tag::SCOPE) == Some("global")
    }

    /// Whether every one of `wanted` is here with the same value.
    pub fn contains(&self, wanted: &Tags) -> bool {
        wanted.0.iter().all(|(name, value)| self.get(name) == Some(value))
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Tags {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(pairs: T) -> Self {
        Tags(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}
