//! Runs that do not end.

use std::fmt;

use abide_protocol::{Body, Millis, PromiseSearch, PromiseState, Request, Tags, TaskGet, limit};

use super::{describe, sim::State};
use crate::clock;

/// What is waited for that is named at most.
const NAMED: usize = 20;

/// A deadline that is further away than this is none.
const NEVER: Millis = 1_000 * 365 * 86_400_000;

/// Why a run was given up.
#[derive(Debug)]
pub(crate) struct Stuck {
    why: String,
    waits_for: Vec<String>,
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is stuck: {}", self.why)?;
        if self.waits_for.is_empty() {
            return write!(f, "; no promise is pending");
        }
        write!(f, ". What is pending:")?;
        self.waits_for.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

impl State {
    /// Whether it makes sense to go on.
    pub(super) fn check(&mut self, now: Millis) -> Result<(), Stuck> {
        if self.counts.requests > self.limits.steps {
            let why = format!(
                "after {} requests it has not ended (`steps` raises the limit)",
                self.limits.steps
            );
            return Err(self.stuck(why));
        }
        let commits = self.node.commits();
        if commits != self.progress.1 {
            self.progress = (now, commits);
            return Ok(());
        }
        let patience = self.limits.patience;
        let due = self.node.next_wake().is_some_and(|at| at - now < NEVER);
        if due || now - self.progress.0 <= clock::span(patience) {
            return Ok(());
        }
        let why = format!("nothing has changed for {patience:?} (`patience` raises the limit)");
        Err(self.stuck(why))
    }

    pub(super) fn stuck(&mut self, why: String) -> Stuck {
        Stuck { why, waits_for: self.pending() }
    }

    /// What has not ended.
    fn pending(&mut self) -> Vec<String> {
        let now = clock::now();
        let search = PromiseSearch {
            state: Some(PromiseState::Pending),
            tags: Tags::default(),
            limit: Some(limit::PAGE),
            cursor: None,
        };
        let found = self.node.call(Request::PromiseSearch(search), now);
        let Body::Promises { promises, .. } = found.body else { return Vec::new() };
        let mut lines = Vec::new();
        for promise in promises.iter().take(NAMED) {
            let get = Request::TaskGet(TaskGet { id: promise.id.clone() });
            let task = self.node.call(get, now);
            let state = task.task().map_or_else(String::new, |task| {
                format!(" (its task is {:?} at version {})", task.state, task.version)
            });
            lines.push(format!("{}{state}", describe::promise(promise)));
        }
        if promises.len() > NAMED {
            lines.push(format!("and {} more", promises.len() - NAMED));
        }
        lines
    }
}
