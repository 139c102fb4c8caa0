use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use abide_faults::{Fault, Layer};

use super::{Caught, Checker, Finding, Known, Report};

/// How many times fewer seeds the control gets.
const CONTROL: u64 = 10;

/// Which bugs are given to whom.
pub struct Plan {
    /// The bugs.
    pub faults: Vec<Fault>,
    /// The checkers, in the order in which they are asked.
    pub checkers: Vec<Checker>,
    /// Multiplies how many seeds each checker gets.
    pub effort: u64,
    /// How many threads share the bugs.
    pub threads: usize,
    /// What is known to catch them and is tried first, so that the others need not be.
    pub known: Known,
}

impl Plan {
    /// Gives each bug to the checkers until one of them objects; before that, no bug, to which
    /// nobody may object.
    pub fn carry_out(&self) -> Report {
        let began = Instant::now();
        let next = AtomicUsize::new(0);
        let findings = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                scope.spawn(|| {
                    while let Some(fault) = self.faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let finding = Finding { fault: *fault, caught: self.hunt(*fault) };
                        eprintln!("{}", finding.line());
                        let mut findings = findings.lock().unwrap_or_else(PoisonError::into_inner);
                        findings.push(finding);
                    }
                });
            }
        });
        let mut findings = findings.into_inner().unwrap_or_else(PoisonError::into_inner);
        findings.sort_by_key(|finding| finding.fault);
        Report { findings, took: began.elapsed() }
    }

    fn hunt(&self, fault: Fault) -> Option<Caught> {
        if let Some(caught) = self.known.caught(fault, &self.checkers) {
            return Some(caught);
        }
        let mut able = self.checkers.iter().filter(|checker| checker.runs(fault));
        able.find_map(|checker| {
            // What whole campaigns do not object to need not be tried as long.
            let few = if fault.layer() == Layer::Nowhere { CONTROL } else { 1 };
            (0..checker.seeds * self.effort / few).find_map(|seed| {
                let said = checker.objects(Some(fault), seed)?;
                Some(Caught { checker: checker.name, seed, said, known: false })
            })
        })
    }
}
