use abide_faults::Fault;

use super::panics;

/// Somebody who may catch a bug.
#[derive(Clone, Copy)]
pub struct Checker {
    /// Its name.
    pub name: &'static str,
    /// How many seeds it gets before it has missed a bug.
    pub seeds: u64,
    /// Tests what a seed decides. It panics, or says what is wrong: the first line is the rule that
    /// is broken.
    pub check: fn(seed: u64) -> Result<(), String>,
}

impl Checker {
    /// What it says to a seed with this bug, if it objects.
    pub fn objects(&self, fault: Option<Fault>, seed: u64) -> Option<String> {
        let checked = || panics::caught(|| (self.check)(seed));
        abide_faults::with(fault, checked).err()
    }
}
