//! A page of a search holds all that lies between its two cursors.

use std::collections::BTreeMap;

use abide_protocol::{Body, Id, Request};

use super::history::{Asked, History};
use crate::actor::Broken;

/// A page is in order, and leaves out nothing that was there before it was asked for.
pub(super) const FOUND: &str = "a search finds all that is there";

pub(super) fn check(history: &History) -> Vec<Broken> {
    let mut known: BTreeMap<&Id, u64> = BTreeMap::new();
    for asked in &history.calls {
        let Some((ended, _)) = asked.ended else { continue };
        for record in asked.told() {
            let first = known.entry(&record.id).or_insert(ended);
            *first = ended.min(*first);
        }
    }
    for asked in &history.calls {
        if let Request::TaskReclaim(data) = &asked.request {
            known.retain(|id, _| !data.promises.iter().any(|name| id.is_or_extends(name)));
        }
    }
    history.calls.iter().filter_map(|asked| page(asked, &known).err()).take(1).collect()
}

fn page(asked: &Asked, known: &BTreeMap<&Id, u64>) -> Result<(), Broken> {
    let Request::PromiseSearch(search) = &asked.request else { return Ok(()) };
    let Some((_, response)) = &asked.ended else { return Ok(()) };
    let Body::Promises { promises, cursor } = &response.body else { return Ok(()) };
    let after = search.cursor.as_deref().unwrap_or("");
    let ids: Vec<&str> = promises.iter().map(|promise| &*promise.id).collect();
    let ordered = ids.windows(2).all(|pair| pair[0] < pair[1]);
    if !ordered || ids.first().is_some_and(|first| *first <= after) {
        return Err(Broken::new(FOUND, format!("out of order after {after:?}: {ids:?}")));
    }
    if search.state.is_some() || !search.tags.is_empty() {
        return Ok(());
    }
    let there = known.iter().filter(|(_, first)| **first < asked.began);
    let mut within = there
        .map(|(id, _)| &***id)
        .filter(|id| *id > after && cursor.as_deref().is_none_or(|cursor| *id <= cursor));
    match within.find(|id| ids.binary_search(id).is_err()) {
        Some(id) => {
            let why = format!("{id} is left out after {after:?}, up to {cursor:?}: {ids:?}");
            Err(Broken::new(FOUND, why))
        }
        None => Ok(()),
    }
}
