use std::collections::{BTreeMap, VecDeque};

use crate::io::{Batch, Output};

/// Holds what is to leave the shard until the batch that justifies it is durable.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Gate {
    held: BTreeMap<Batch, Vec<Output>>,
}

impl Gate {
    /// Holds an output until this batch is durable.
    pub(crate) fn hold(&mut self, batch: Batch, output: Output) {
        self.held.entry(batch).or_default().push(output);
    }

    /// Lets out what waits for the batches up to this one, oldest first.
    pub(crate) fn release(&mut self, durable: Batch, outputs: &mut VecDeque<Output>) {
        while let Some(first) = self.held.first_entry() {
            if *first.key() > durable && !fault!(GateOpen) {
                return;
            }
            outputs.extend(first.remove());
        }
    }
}

#[cfg(feature = "testing")]
impl Gate {
    pub(crate) fn name_batches(&mut self, renamed: &crate::testing::Renamed) {
        let held = std::mem::take(&mut self.held).into_iter();
        self.held = held.map(|(batch, outputs)| (renamed.batch(batch), outputs)).collect();
    }
}
