use abide_faults::{Fault, Layer};

use super::panics;

/// Somebody who may catch a bug.
#[derive(Clone, Copy)]
pub struct Checker {
    /// Its name.
    pub name: &'static str,
    /// What it checks.
    pub about: &'static str,
    /// The layers that it runs: a bug elsewhere is not even there.
    pub layers: &'static [Layer],
    /// How many seeds it gets before it has missed a bug.
    pub seeds: u64,
    /// Tests what a seed decides. It panics, or says what is wrong: the first line is the rule that
    /// is broken.
    pub check: fn(seed: u64) -> Result<(), String>,
}

impl Checker {
    /// Whether it can have to do with this bug. Nobody may object to what is no bug.
    pub fn runs(&self, fault: Fault) -> bool {
        fault.layer() == Layer::Nowhere || self.layers.contains(&fault.layer())
    }

    /// What it says to a seed with this bug, if it objects.
    pub fn objects(&self, fault: Option<Fault>, seed: u64) -> Option<String> {
        let checked = || panics::caught(|| (self.check)(seed));
        abide_faults::with(fault, checked).err()
    }
}
