use std::collections::VecDeque;

use crate::io::{Batch, Output};

/// Holds what is to leave the shard until the batch that justifies it is durable.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Gate {
    /// By batch, oldest first. There are only as many as are on their way, so the place of one is
    /// found by looking at each.
    held: VecDeque<(Batch, Vec<Output>)>,
    /// The room of those that are gone.
    spare: Vec<Output>,
}

impl Gate {
    /// Holds an output until this batch is durable.
    pub(crate) fn hold(&mut self, batch: Batch, output: Output) {
        let place = self.held.partition_point(|(other, _)| *other < batch);
        if self.held.get(place).is_none_or(|(other, _)| *other != batch) {
            self.held.insert(place, (batch, std::mem::take(&mut self.spare)));
        }
        self.held[place].1.push(output);
    }

    /// Lets out what waits for the batches up to this one, oldest first.
    pub(crate) fn release(&mut self, durable: Batch, outputs: &mut VecDeque<Output>) {
        let is_open = |(batch, _): &mut (Batch, _)| *batch <= durable || fault!(GateOpen);
        while let Some((_, mut held)) = self.held.pop_front_if(is_open) {
            outputs.extend(held.drain(..));
            self.spare = held;
        }
    }
}

#[cfg(feature = "testing")]
impl Gate {
    pub(crate) fn name_batches(&mut self, renamed: &crate::testing::Renamed) {
        self.held.iter_mut().for_each(|(batch, _)| *batch = renamed.batch(*batch));
    }
}
