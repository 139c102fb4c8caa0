//! Changes to what was told.

use std::sync::Arc;

use abide_protocol::{Body, PromiseRecord, Response};

use crate::chance::Chance;

/// Changes one thing about what an answer tells beyond the record that was asked for.
pub(crate) fn change(response: &mut Response, chance: &mut Chance) {
    match &mut response.body {
        Body::Claim { preload, promise, .. } => {
            let own = promise.clone();
            records(preload, Some(own), chance);
        }
        Body::Preload { preload, .. } => records(preload, None, chance),
        Body::Promises { promises, cursor } => {
            records(promises, None, chance);
            if chance.below(3) == 0 {
                *cursor = None;
            }
        }
        // As if it had done what it was asked for.
        Body::Fenced { .. } => response.body = Body::Empty {},
        Body::Tasks { tasks, cursor } => {
            let again = tasks.first().cloned();
            match chance.below(3) {
                0 => tasks.extend(again),
                1 => drop(tasks.pop()),
                _ => *cursor = None,
            }
        }
        _ => {}
    }
}

fn records(
    told: &mut Vec<Arc<PromiseRecord>>,
    own: Option<Arc<PromiseRecord>>,
    chance: &mut Chance,
) {
    match chance.below(5) {
        0 => told.reverse(),
        1 => drop(told.pop()),
        2 => {
            let again: Vec<_> = told.clone();
            told.extend(again.iter().cloned());
            told.extend(again);
        }
        3 => told.extend(own),
        _ => {
            if let Some(first) = told.first_mut() {
                let created_at = first.created_at - 1;
                *first = Arc::new(PromiseRecord { created_at, ..PromiseRecord::clone(first) });
            }
        }
    }
}
