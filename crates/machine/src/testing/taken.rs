use std::collections::BTreeMap;

use abide_protocol::Millis;

use crate::{Key, Outcome, Row, Step};

/// A step as a driver of the machine has taken it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The step.
    pub step: Step,
    /// Its time.
    pub now: Millis,
    /// What it has read, with what it found there.
    pub read: BTreeMap<Key, Option<Row>>,
    /// What it came to.
    pub outcome: Outcome,
}
