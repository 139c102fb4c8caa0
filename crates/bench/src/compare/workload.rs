use std::{fmt, str::FromStr};

use abide_bench::driver::{Job, Resume};

/// A job and its load, written `JOB@CONCURRENCY`, or `JOB@CONCURRENCY:RATE` where operations are due
/// at a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Workload {
    pub(crate) job: Job,
    pub(crate) concurrency: usize,
    pub(crate) rate: Option<f64>,
}

/// Named sets of workloads.
pub(crate) const SETS: &[(&str, &[&str])] = &[
    (
        "load",
        &[
            "create@1",
            "create@64",
            "create@256",
            "settle@64",
            "life@1",
            "life@64",
            "life@256",
            "steps-1@64",
            "steps-10@1",
            "steps-10@64",
            "steps-10@256",
            "steps-100@64",
            "remote@1",
            "remote@64",
            "fanout-100@1",
            "fanout-1000@1",
        ],
    ),
    ("wake", &["delivery@1", "timer@1", "timer@64", "late@1", "signal@1", "signal@64"]),
    ("rate", &["life@256:200", "steps-10@256:100"]),
    (
        "replay",
        &[
            "replay-1000-cold@1",
            "replay-1000-warm@1",
            "replay-1000-saved@1",
            "replay-10000-cold@1",
            "replay-10000-warm@1",
            "replay-10000-saved@1",
            "replay-100000-cold@1",
            "replay-100000-warm@1",
            "replay-100000-saved@1",
        ],
    ),
    (
        "scale",
        &[
            "start@1",
            "pending-1000000@256",
            "sleepers-1000000@256",
            "growth-1000000@64",
            "stored-10000@64",
            "stored-10000000@64",
        ],
    ),
    (
        "smoke",
        &[
            "create@16",
            "steps-10@16",
            "steps-10@16:50",
            "remote@4",
            "fanout-100@1",
            "signal@1",
            "replay-1000-cold@1",
            "pending-1000@16",
        ],
    ),
];

/// What is measured if nothing else is said.
pub(crate) const STANDARD: &str = "load,wake,rate,replay,scale";

impl Workload {
    /// The workloads of a list of names of sets and workloads.
    pub(crate) fn list(text: &str) -> Result<Vec<Workload>, String> {
        let mut found = Vec::new();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match SETS.iter().find(|(set, _)| *set == name) {
                Some((_, workloads)) => {
                    for workload in *workloads {
                        found.push(workload.parse()?);
                    }
                }
                None => found.push(name.parse()?),
            }
        }
        Ok(found)
    }

    /// How many durable steps one operation has, if it is about steps.
    pub(crate) fn steps(&self) -> Option<u32> {
        match self.job {
            Job::Steps { steps } => Some(steps),
            _ => None,
        }
    }

    /// Whether its operations are counted, or else only its figures are of interest.
    pub(crate) fn is_load(&self) -> bool {
        !matches!(
            self.job,
            Job::Start | Job::Pending { .. } | Job::Sleepers { .. } | Job::Growth { .. }
        )
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.job, self.concurrency)?;
        self.rate.map_or(Ok(()), |rate| write!(f, ":{rate}"))
    }
}

impl FromStr for Workload {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            let sets = SETS.iter().map(|(set, _)| *set).collect::<Vec<_>>().join(", ");
            format!(
                "{text:?} is no workload: JOB@CONCURRENCY or JOB@CONCURRENCY:RATE with the jobs \
                 create, settle, life, delivery, steps-N, remote, fanout-N, timer, late, signal, \
                 replay-N-cold, replay-N-warm, replay-N-saved, start, pending-N, sleepers-N, \
                 growth-N and stored-N; or one of the sets {sets}"
            )
        };
        let (job, load) = text.split_once('@').ok_or_else(wrong)?;
        let (concurrency, rate) = match load.split_once(':') {
            None => (load, None),
            Some((concurrency, rate)) => (concurrency, Some(rate.parse().map_err(|_| wrong())?)),
        };
        let concurrency = concurrency.parse().map_err(|_| wrong())?;
        Ok(Workload { job: parse(job).ok_or_else(wrong)?, concurrency, rate })
    }
}

fn parse(text: &str) -> Option<Job> {
    let mut parts = text.split('-');
    let (name, number, more) = (parts.next()?, parts.next(), parts.next());
    let small = || number?.parse().ok();
    let count = || number?.parse().ok();
    let job = match name {
        "create" => Job::Create,
        "settle" => Job::Settle,
        "life" => Job::Life,
        "delivery" => Job::Delivery,
        "steps" => Job::Steps { steps: small()? },
        "remote" => Job::Remote,
        "fanout" => Job::Fanout { calls: small()? },
        "timer" => Job::Timer,
        "late" => Job::Late,
        "signal" => Job::Signal,
        "start" => Job::Start,
        "replay" => {
            let from = match more? {
                "cold" => Resume::Cold,
                "warm" => Resume::Warm,
                "saved" => Resume::Saved,
                _ => return None,
            };
            Job::Replay { steps: small()?, from }
        }
        "pending" => Job::Pending { count: count()? },
        "sleepers" => Job::Sleepers { count: count()? },
        "stored" => Job::Stored { count: count()? },
        "growth" => Job::Growth { count: count()? },
        _ => return None,
    };
    // What is written is all that is said.
    (job.to_string() == text).then_some(job)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (set, names) in SETS {
            let found = Workload::list(set).unwrap();
            let written: Vec<_> = found.iter().map(ToString::to_string).collect();
            assert_eq!(&written, names);
        }
        assert_eq!(Workload::list("smoke, create@3").unwrap().len(), 9);
        assert!(!Workload::list(STANDARD).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_workload_is_refused() {
        for text in [
            "create",
            "create-1@1",
            "steps@1",
            "steps-x@1",
            "replay-10@1",
            "x@1",
            "create@",
            "create@1:",
        ] {
            let error = text.parse::<Workload>().unwrap_err();
            assert!(error.contains("JOB@CONCURRENCY"), "{text}: {error}");
        }
    }
}
