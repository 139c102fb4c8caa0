//! What is known of an execution: its records as they were seen, and what was done.

use std::{collections::BTreeMap, sync::Arc};

use abide_protocol::{Id, PromiseRecord, tag};

use crate::{
    codec::Layers,
    core::{
        ask::Kind,
        outcome::Outcome,
        proof::left::{Left, Started, Stored},
    },
    payload::Invocation,
    wire,
};

/// The story of one execution.
#[derive(Debug, Default)]
pub(super) struct Tale {
    /// Every promise that anybody was told of, as it was told last.
    seen: BTreeMap<Id, Arc<PromiseRecord>>,
    pub(super) started: Vec<Started>,
}

impl Tale {
    pub(super) fn saw(&mut self, promise: &Arc<PromiseRecord>) {
        let known = self.seen.get(&promise.id);
        // What is told late may be older than what is known.
        if known.is_none_or(|known| known.is_pending()) {
            self.seen.insert(promise.id.clone(), promise.clone());
        }
    }

    /// What the execution has left behind, given the promises that are there now.
    pub(super) fn left<'a>(
        &mut self,
        root: &'a Id,
        promises: &[Arc<PromiseRecord>],
    ) -> Result<Left<'a>, String> {
        promises.iter().for_each(|promise| self.saw(promise));
        let is_there = |id: &Id| promises.iter().any(|promise| promise.id == *id);
        let mut records = BTreeMap::new();
        for promise in self.seen.values().filter(|promise| promise.id != *root) {
            let mut stored = stored(promise)?;
            if promise.is_pending() {
                // Only what is settled is reclaimed. If nobody was told how it ended, nobody
                // awaited it any more.
                let reclaimed = !is_there(&promise.id);
                stored.outcome = reclaimed.then_some(Outcome::Canceled(None));
            }
            records.insert(promise.id.to_string(), stored);
        }
        let result = self.seen.get(root).and_then(|root| wire::outcome(&Layers::default(), root));
        Ok(Left { root, records, result, started: self.started.clone() })
    }
}

fn stored(promise: &PromiseRecord) -> Result<Stored, String> {
    let id = &promise.id;
    let parent = promise.tags.get(tag::PARENT).unwrap_or_default().to_owned();
    let layers = Layers::default();
    let record = wire::record(&layers, promise, &parent).map_err(|why| format!("{id}: {why}"))?;
    let record = record.ok_or_else(|| format!("{id} is no child of {parent:?}"))?;
    let trace = record.trace.ok_or_else(|| format!("{id} has no trace"))?;
    let args = match trace.identity.kind {
        // What a step does, its name says.
        Kind::Step => Some("[0]".into()),
        _ => Invocation::read(&layers, promise).ok().flatten().map(|call| call.array()),
    };
    Ok(Stored {
        parent,
        args: args.unwrap_or_default().to_string(),
        trace,
        outcome: record.outcome,
        settled_at: record.settled_at,
        canceled: record.canceled,
    })
}
