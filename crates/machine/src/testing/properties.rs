//! What must hold, whatever happens. A state property holds of every state that a step leaves
//! behind; a step property holds of every step.

mod cascade;
mod effects;
mod promises;
mod reclaim;
mod resumed;
mod state;
mod tasks;

use std::fmt;

use super::{Cases, Transition};

/// What must hold of every transition.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// What it says, in a sentence.
    pub name: &'static str,
    /// What it is about.
    pub area: Area,
    check: fn(&Transition) -> Result<(), String>,
}

/// What a property is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Promises.
    Promise,
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Area::Promise => "promise",
        })
    }
}

/// Every property, in groups.
const CATALOGUE: &[&[Property]] = &[
    effects::CATALOGUE,
    state::CATALOGUE,
    promises::CATALOGUE,
    tasks::CATALOGUE,
    cascade::CATALOGUE,
    reclaim::CATALOGUE,
    resumed::CATALOGUE,
];

/// Every property.
pub fn catalogue() -> impl Iterator<Item = &'static Property> {
    CATALOGUE.iter().copied().flatten()
}

impl Property {
    pub(super) fn check(&self, at: &Transition, cases: &mut Cases) {
        match (self.check)(at) {
            Ok(()) => cases.check(true, String::new),
            Err(why) => cases.fail(why),
        }
    }
}

/// `Ok` if the condition holds, else the reason.
fn holds(condition: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(why()) }
}
