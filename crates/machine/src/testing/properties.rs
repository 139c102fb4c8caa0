//! What must hold, whatever happens. A state property holds of every state that a step leaves
//! behind; a step property holds of every step.

mod cascade;
mod effects;
mod promises;
mod reclaim;
mod resumed;
mod state;
mod tasks;

use std::collections::BTreeSet;

use abide_protocol::Millis;

use super::Model;
use crate::{Key, Outcome, Step};

/// One step, seen from outside.
#[derive(Clone, Copy)]
pub struct Transition<'a> {
    /// The state before it.
    pub before: &'a Model,
    /// The step.
    pub step: &'a Step,
    /// Its time.
    pub now: Millis,
    /// The keys it has read.
    pub read: &'a BTreeSet<Key>,
    /// What it came to.
    pub outcome: &'a Outcome,
    /// The state after it.
    pub after: &'a Model,
}

/// What must hold of every transition.
#[derive(Clone, Copy)]
pub struct Property {
    /// What it says, in a sentence.
    pub name: &'static str,
    /// Finds out whether it holds.
    pub check: fn(&Transition) -> Result<(), String>,
}

/// Every property.
pub const CATALOGUE: &[&[Property]] = &[
    state::CATALOGUE,
    promises::CATALOGUE,
    tasks::CATALOGUE,
    effects::CATALOGUE,
    cascade::CATALOGUE,
    reclaim::CATALOGUE,
    resumed::CATALOGUE,
];

impl Transition<'_> {
    /// Checks every property of the catalogue.
    ///
    /// # Panics
    /// When one does not hold, with the transition.
    pub fn check(&self) {
        for property in CATALOGUE.iter().copied().flatten() {
            if let Err(why) = (property.check)(self) {
                panic!(
                    "broken: {}\nbecause: {why}\nstep at {}: {:#?}\noutcome: {:#?}\nbefore: {:#?}",
                    property.name,
                    self.now,
                    self.step,
                    self.outcome,
                    self.before.rows(),
                );
            }
        }
    }
}

/// `Ok` if the condition holds, else the reason.
fn holds(condition: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(why()) }
}
