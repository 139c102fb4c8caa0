use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// How long the workflows of [`Job::Timer`] and [`Job::Late`] are suspended.
pub const SUSPENSION: Duration = Duration::from_millis(10);

/// What one operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Job {
    /// Creates a durable promise that nobody executes.
    Create,
    /// Creates a durable promise and settles it.
    Settle,
    /// The life of a task: it is created with its promise, acquired and fulfilled.
    Life,
    /// A workflow of so many local durable steps, one after the other.
    Steps {
        /// How many.
        steps: u32,
    },
    /// A workflow that calls one function that is an execution of its own, and awaits it.
    Remote,
    /// A workflow that makes so many remote calls at once and awaits them all.
    Fanout {
        /// How many.
        calls: u32,
    },
    /// A workflow that is suspended for 10 ms ([`SUSPENSION`]); the latency is what the whole
    /// workflow takes beyond them.
    Timer,
    /// A workflow that sleeps until a moment [`SUSPENSION`] later; the latency is from that moment
    /// until it goes on.
    Late,
    /// A workflow that waits for an external promise; the latency is from its resolution, by
    /// somebody else, to the workflow's end.
    Signal,
    /// A task is created for a worker that waits; the latency is from the request to its arrival.
    Delivery,
    /// A workflow of so many steps, all recorded but the last, is taken up again.
    Replay {
        /// How many.
        steps: u32,
        /// What there is to go on from.
        from: Resume,
    },
    /// No load: the figures are how the system starts, ends, and what it takes when it is idle.
    Start,
    /// So many executions sleep at once. No load: the figures are the memory they take.
    Sleepers {
        /// How many.
        count: u64,
    },
    /// So many promises are pending. No load: the figures are memory, recovery and start-up.
    Pending {
        /// How many.
        count: u64,
    },
    /// As [`Job::Settle`], with so many promises in the store already.
    Stored {
        /// How many.
        count: u64,
    },
    /// So many promises, or steps with and without save points, are recorded. No load: the figures
    /// are the size of the store.
    Growth {
        /// How many.
        count: u64,
    },
}

/// What a replay goes on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resume {
    /// The records of a store that was just opened.
    Cold,
    /// The suspended execution in the worker's memory.
    Warm,
    /// The last save point.
    Saved,
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Job::Create => f.write_str("create"),
            Job::Settle => f.write_str("settle"),
            Job::Life => f.write_str("life"),
            Job::Steps { steps } => write!(f, "steps-{steps}"),
            Job::Remote => f.write_str("remote"),
            Job::Fanout { calls } => write!(f, "fanout-{calls}"),
            Job::Timer => f.write_str("timer"),
            Job::Late => f.write_str("late"),
            Job::Signal => f.write_str("signal"),
            Job::Delivery => f.write_str("delivery"),
            Job::Start => f.write_str("start"),
            Job::Replay { steps, from: Resume::Cold } => write!(f, "replay-{steps}-cold"),
            Job::Replay { steps, from: Resume::Warm } => write!(f, "replay-{steps}-warm"),
            Job::Replay { steps, from: Resume::Saved } => write!(f, "replay-{steps}-saved"),
            Job::Sleepers { count } => write!(f, "sleepers-{count}"),
            Job::Pending { count } => write!(f, "pending-{count}"),
            Job::Stored { count } => write!(f, "stored-{count}"),
            Job::Growth { count } => write!(f, "growth-{count}"),
        }
    }
}

/// A job, and under which load and for how long it is measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// What one operation is.
    pub job: Job,
    /// How many operations are in flight at one time, at most.
    pub concurrency: usize,
    /// For how long it is measured.
    pub seconds: f64,
    /// How many operations are due a second; absent, each begins when another has ended.
    #[serde(default)]
    pub rate: Option<f64>,
    /// For how many seconds the load runs before it is measured.
    #[serde(default)]
    pub warmup: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_lines_of_json() {
        let text = r#"{"job":{"kind":"steps","steps":10},"concurrency":64,"seconds":5.0,"rate":null,"warmup":1.0}"#;
        let order: Order = serde_json::from_str(text).unwrap();
        let job = Job::Steps { steps: 10 };
        assert_eq!(order, Order { job, concurrency: 64, seconds: 5.0, rate: None, warmup: 1.0 });
        assert_eq!(serde_json::to_string(&order).unwrap(), text);
        let text = r#"{"job":{"kind":"replay","steps":1000,"from":"cold"},"concurrency":1,"seconds":1,"rate":20}"#;
        let order: Order = serde_json::from_str(text).unwrap();
        assert_eq!(order.job.to_string(), "replay-1000-cold");
        assert_eq!((order.rate, order.warmup), (Some(20.0), 0.0));
    }
}
