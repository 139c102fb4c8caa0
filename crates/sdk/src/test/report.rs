//! What a world tells when it is over.

use std::{collections::BTreeMap, fmt, ops::AddAssign, time::Duration};

use abide_protocol::{Body, PromiseSearch, PromiseState, Request, Tags, limit};

use super::{describe, sim::State};
use crate::clock;

/// What all runs of a [`World`](super::World) came to, together.
///
/// ```
/// # use abide::test::World;
/// let report = World::new().seeds(0..3).run(|_| async { Ok(()) });
/// assert_eq!((report.runs, report.crashes), (3, 0));
/// println!("{report}");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// How often the program was run from its beginning to its end.
    pub runs: u64,
    /// Crashes of processes.
    pub crashes: u64,
    /// Times that a process was frozen.
    pub freezes: u64,
    /// Requests and messages that were lost or late.
    pub lost: u64,
    /// Requests that were carried out.
    pub requests: u64,
    /// Those of them that change something.
    pub writes: u64,
    /// The time that has passed in the world.
    pub virtual_time: Duration,
    /// The time that has really passed.
    pub real_time: Duration,
}

impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.crashes += other.crashes;
        self.freezes += other.freezes;
        self.lost += other.lost;
        self.requests += other.requests;
        self.writes += other.writes;
        self.virtual_time += other.virtual_time;
        self.real_time += other.real_time;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runs, crashes, freezes, lost, requests, writes, virtual_time, real_time } = self;
        write!(
            f,
            "{runs} runs with {crashes} crashes, {freezes} freezes and {lost} losses: {requests} \
             requests, {writes} of them writes, in {virtual_time:.0?} of virtual and \
             {real_time:.1?} of real time"
        )
    }
}

/// One run that has ended, for [`World::check`](super::World::check).
///
/// ```standalone_crate
/// # use abide::{prelude::*, test::{World, note}};
/// #[durable]
/// async fn greet_once() -> Result<()> {
///     note("greeted");
///     Ok(())
/// }
///
/// World::seed(7)
///     .traces()
///     .check(|run| {
///         assert_eq!((run.seed, run.noted("greeted")), (7, 1));
///         assert_eq!(run.notes().next(), Some(("greet/1", "greeted", 1)));
///         let record = &run.records[0];
///         assert_eq!((record.id.as_str(), record.state.as_str()), ("greet/1", "resolved"));
///         assert_eq!(record.call.as_deref(), Some("greet_once()"));
///         println!("{}", run.trace());
///     })
///     .run(|abide| async move { abide.run("greet/1", greet_once()).await });
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// What everything followed from.
    pub seed: u64,
    /// Crashes of processes.
    pub crashes: u64,
    /// Times that a process was frozen.
    pub freezes: u64,
    /// Requests that change something.
    pub writes: u64,
    /// The time that has passed in the world.
    pub virtual_time: Duration,
    /// Every promise that is left, by id.
    pub records: Vec<Record>,
    pub(super) notes: BTreeMap<(String, String), u64>,
    pub(super) requests: u64,
    pub(super) lost: u64,
    pub(super) trace: String,
}

/// A promise as it is left at the end of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Record {
    /// Its id.
    pub id: String,
    /// The function and its arguments, if it stands for a call: `charge(3)`.
    pub call: Option<String>,
    /// `pending`, `resolved`, `rejected`, `rejected_canceled` or `rejected_timedout`.
    pub state: String,
    /// What it was settled with, as JSON.
    pub value: Option<String>,
}

impl Run {
    /// What it adds to the report.
    pub(super) fn report(&self, real_time: Duration) -> Report {
        Report {
            runs: 1,
            crashes: self.crashes,
            freezes: self.freezes,
            lost: self.lost,
            requests: self.requests,
            writes: self.writes,
            virtual_time: self.virtual_time,
            real_time,
        }
    }

    /// The promises that are settled, in order; without their ids if these do not matter.
    pub(super) fn settled(&self, ids: bool) -> Vec<Record> {
        let mut settled: Vec<_> =
            self.records.iter().filter(|record| record.state != "pending").cloned().collect();
        if !ids {
            settled.iter_mut().for_each(|record| record.id.clear());
            settled.sort_unstable();
        }
        settled
    }

    /// How often something was [noted](super::note), by all functions together.
    pub fn noted(&self, what: &str) -> u64 {
        self.notes.iter().filter(|((_, noted), _)| noted == what).map(|(_, count)| count).sum()
    }

    /// What has happened, one line for each request, message and fault; empty unless
    /// [`World::traces`](super::World::traces) asks for it.
    pub fn trace(&self) -> &str {
        &self.trace
    }

    /// What was noted, and how often, by the id of the function that noted it.
    pub fn notes(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.notes.iter().map(|((id, what), count)| (id.as_str(), what.as_str(), *count))
    }
}

impl State {
    /// The run, as it is now.
    pub(super) fn run(&mut self, began: abide_protocol::Millis) -> Run {
        let passed = u64::try_from(clock::now() - began).unwrap_or(0);
        Run {
            seed: self.plan.seed,
            crashes: self.counts.crashes,
            freezes: self.counts.freezes,
            writes: self.counts.writes,
            virtual_time: Duration::from_millis(passed),
            records: self.records(),
            notes: self.notes.counts.clone(),
            requests: self.counts.requests,
            lost: self.counts.lost,
            trace: String::new(),
        }
    }

    fn records(&mut self) -> Vec<Record> {
        let mut records = Vec::new();
        let mut cursor = None;
        loop {
            let search = PromiseSearch {
                state: None,
                tags: Tags::default(),
                limit: Some(limit::PAGE),
                cursor: cursor.take(),
            };
            let found = self.node.call(Request::PromiseSearch(search), clock::now());
            let Body::Promises { promises, cursor: next } = found.body else { return records };
            records.extend(promises.iter().map(|promise| Record {
                id: promise.id.to_string(),
                call: describe::call(&promise.param).map(|(func, args)| format!("{func}({args})")),
                state: state(promise.state).to_owned(),
                value: describe::text(&promise.value),
            }));
            match next {
                Some(next) => cursor = Some(next),
                None => return records,
            }
        }
    }
}

fn state(state: PromiseState) -> &'static str {
    match state {
        PromiseState::Pending => "pending",
        PromiseState::Resolved => "resolved",
        PromiseState::Rejected => "rejected",
        PromiseState::RejectedCanceled => "rejected_canceled",
        PromiseState::RejectedTimedout => "rejected_timedout",
    }
}
