//! What a connection does: scripts of requests, each on ids of its own.

mod draw;
mod expect;
mod request;
mod step;

use std::collections::BTreeSet;

use abide_protocol::{Millis, Request};

pub(crate) use self::step::{Place, ROOT, Step};
use super::model::{Entries, brief};

/// The group whose tasks wait for the end.
pub(crate) const LATE: &str = "late";

/// A sequence of requests on ids of its own, and how far it got.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// The id of the promise at the top. All others are below it.
    pub(crate) root: String,
    pub(crate) steps: Vec<Step>,
    /// How many steps were acknowledged.
    pub(crate) done: usize,
    /// How many of the next ones were sent and not answered.
    pub(crate) doubt: usize,
    /// The promises whose listener was acknowledged while they were pending.
    pub(crate) listened: BTreeSet<String>,
    /// How many bytes are added to each payload.
    pub(crate) filler: usize,
}

impl Script {
    pub(crate) fn id(&self, place: Place) -> String {
        format!("{}{place}", self.root)
    }

    /// All ids that it may create.
    pub(crate) fn ids(&self) -> impl Iterator<Item = String> {
        step::PLACES.iter().map(|place| self.id(place))
    }

    /// Whether nothing is left to do.
    pub(crate) fn is_finished(&self) -> bool {
        self.done == self.steps.len()
    }

    /// The next steps that can be sent together, at most so many: none of them waits for something
    /// that the server does by itself.
    pub(crate) fn next(&self, most: usize) -> Vec<(Step, Request)> {
        let rest = self.steps[self.done..].iter().enumerate();
        let together = rest.take(most).take_while(|(n, step)| *n == 0 || !step.waits());
        together.map(|(n, step)| (*step, self.request(self.done + n))).collect()
    }

    /// What there must be after so many steps.
    pub(crate) fn expected(&self, steps: usize) -> Entries {
        let mut entries = Entries::new();
        for step in &self.steps[..steps] {
            self.carry_out(*step, &mut entries);
        }
        entries
    }

    /// The param of the root.
    fn param(&self) -> String {
        self.filled(format!("param of {}", self.root))
    }

    /// What a promise settles with; unlike any other.
    fn value(&self, place: Place) -> String {
        self.filled(format!("value of {}", self.id(place)))
    }

    fn filled(&self, mut text: String) -> String {
        let begin = text.len();
        text.reserve(self.filler);
        while text.len() < begin + self.filler {
            text.push_str(" and so on");
        }
        text
    }

    fn brief_value(&self, place: Place) -> Option<String> {
        Some(brief(&self.value(place)))
    }

    /// The version that the task is at before a step.
    fn version(&self, step: usize) -> i64 {
        self.expected(step)[&self.root].task.expect("the step is on a task").1
    }

    /// The latest deadline that has been asked for.
    pub(crate) fn deadline(&self) -> Option<Millis> {
        self.steps[..self.done + self.doubt].iter().find_map(|step| match step {
            Step::CreateWithDeadline(at) => Some(*at),
            _ => None,
        })
    }
}
