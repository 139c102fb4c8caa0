//! What the workflows of all systems do.

use abide_bench::driver::{Fault, Job, Unsupported};

/// What one operation is, where it is one that the systems have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// So many steps, one after the other; the number of each is its result, and their sum the
    /// workflow's.
    Steps(u64),
    /// One call of another function, which answers [`ASKED`] with the number after it.
    Remote,
    /// So many calls at once, with the numbers from 0 on; the workflow returns the sum of the
    /// answers.
    Fanout(u64),
    /// Sleeps for [`SUSPENSION`](abide_bench::driver::SUSPENSION).
    Timer,
    /// Waits for a signal, and returns the [`VALUE`] that comes with it.
    Signal,
}

/// What a single call asks.
pub const ASKED: u64 = 41;

/// What a signal brings.
pub const VALUE: u64 = 7;

impl Workload {
    /// The workload of a job.
    ///
    /// # Errors
    /// That a system of workflows has nothing of the kind.
    pub fn of(job: &Job) -> Result<Self, Fault> {
        match *job {
            Job::Steps { steps } => Ok(Workload::Steps(steps.into())),
            Job::Remote => Ok(Workload::Remote),
            Job::Fanout { calls } => Ok(Workload::Fanout(calls.into())),
            Job::Timer => Ok(Workload::Timer),
            Job::Signal => Ok(Workload::Signal),
            Job::Create | Job::Settle | Job::Life | Job::Delivery => Err(Unsupported::because(
                "it has workflows, and no promises or tasks of their own to create from outside",
            )),
            _ => Err(Unsupported::because("its driver does not measure this")),
        }
    }

    /// Checks what the workflow has returned.
    ///
    /// # Errors
    /// When it is not what the workflow must return.
    pub fn check(self, result: u64) -> Result<(), Fault> {
        let expected = self.result();
        if result == expected {
            return Ok(());
        }
        Err(format!("a workflow returned {result}, not {expected}").into())
    }

    fn result(self) -> u64 {
        match self {
            Workload::Steps(count) => count * count.saturating_sub(1) / 2,
            Workload::Remote => ASKED + 1,
            Workload::Fanout(count) => count * (count + 1) / 2,
            Workload::Timer => 0,
            Workload::Signal => VALUE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_are_what_the_workflows_add_up_to() {
        for count in [0, 1, 2, 10, 1000] {
            let sum = (0..count).sum();
            assert!(Workload::Steps(count).check(sum).is_ok());
            assert!(Workload::Steps(count).check(sum + 1).is_err());
            assert!(Workload::Fanout(count).check(sum + count).is_ok());
        }
    }

    #[test]
    fn what_no_workflow_does_is_unsupported() {
        for job in [Job::Create, Job::Settle, Job::Life, Job::Growth { count: 1 }] {
            assert!(Workload::of(&job).unwrap_err().is::<Unsupported>(), "{job}");
        }
        assert_eq!(Workload::of(&Job::Steps { steps: 3 }).unwrap(), Workload::Steps(3));
    }
}
