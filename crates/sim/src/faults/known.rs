//! What is known to catch each bug, so that it need not be hunted for with every change.

use std::{collections::BTreeMap, fmt::Write};

use abide_faults::Fault;

use super::{Caught, Checker, Report};

/// Where that is written down, as seen from the root of the repository.
pub const FILE: &str = "crates/sim/src/faults/known.txt";

/// A line for each bug: its name, the checker and the seed.
const TEXT: &str = include_str!("known.txt");

/// The checker and the seed that have caught each bug.
#[derive(Clone, Debug, Default)]
pub struct Known(BTreeMap<&'static str, (&'static str, u64)>);

impl Known {
    /// What is written down. A line that says something else is as good as none: the bug is hunted
    /// for then.
    pub fn read() -> Self {
        let catch = |line: &'static str| {
            let mut words = line.split_whitespace();
            Some((words.next()?, (words.next()?, words.next()?.parse().ok()?)))
        };
        Known(TEXT.lines().filter_map(catch).collect())
    }

    /// Whether a bug is caught as it was then.
    pub(super) fn caught(&self, fault: Fault, checkers: &[Checker]) -> Option<Caught> {
        let (name, seed) = *self.0.get(fault.name())?;
        let checker = checkers.iter().find(|it| it.name == name && it.runs(fault))?;
        let said = checker.objects(Some(fault), seed)?;
        Some(Caught { checker: checker.name, seed, said, known: true })
    }
}

impl Report {
    /// What is to be written down of it.
    pub fn known(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            if let Some(Caught { checker, seed, .. }) = &finding.caught {
                let _ = writeln!(text, "{} {checker} {seed}", finding.fault.name());
            }
        }
        text
    }

    /// How many bugs were caught otherwise than is written down.
    pub fn unknown(&self) -> usize {
        let caught = self.findings.iter().filter_map(|finding| finding.caught.as_ref());
        caught.filter(|caught| !caught.known).count()
    }
}
