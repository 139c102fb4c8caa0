//! What a test of the shard, or of whatever drives it, sees of the inside.

mod normal;

use abide_machine::{
    Outcome, Step, step_checked,
    testing::{Recorder, Taken},
};

pub use normal::Renamed;
pub(crate) use normal::ranks;

use crate::Shard;

impl Shard {
    /// Has the shard remember every step of the machine that it takes from now on.
    pub fn watch(&mut self) {
        self.watched.get_or_insert_default();
    }

    /// The steps that it has taken since it was last asked, in order; none unless it is watched.
    /// To be asked after every input and every output, or the list grows.
    ///
    /// Between [`Output::Reset`](crate::Output::Reset) and the answer to it no step is taken.
    pub fn watched(&mut self) -> Vec<Taken> {
        self.watched.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(crate) fn outcome(&mut self, step_: &Step) -> Outcome {
        let Some(watched) = &mut self.watched else {
            return step_checked(&self.cache, step_, self.clock, &self.config);
        };
        let seen = Recorder::new(&self.cache).take(step_, self.clock, &self.config);
        let outcome = seen.outcome.clone();
        watched.push(seen);
        outcome
    }
}
