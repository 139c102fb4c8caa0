use std::{collections::HashMap, sync::Arc};

use abide_machine::{Effect, Row};
use xxhash_rust::xxh3::xxh3_128;

use super::Packed;

/// What a choice comes to in a pre-state of its footprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Comes {
    /// It leaves everything as it is.
    Nothing,
    /// It leads out of the scope.
    Out,
    /// These keys, by their places, hold these images then.
    Changes(Arc<[(u8, u32)]>),
}

/// What was computed before.
pub(super) type Memo = HashMap<u128, Comes>;

/// Names a choice in a pre-state of its footprint.
pub(super) fn memo_key(choice: usize, state: &Packed, footprint: &[usize]) -> u128 {
    let mut bytes = Vec::with_capacity(4 * (footprint.len() + 2));
    bytes.extend((choice as u32).to_le_bytes());
    bytes.extend(state.time.to_le_bytes());
    footprint.iter().for_each(|slot| bytes.extend(state.rows[*slot].to_le_bytes()));
    xxh3_128(&bytes)
}

/// What a record is after an effect.
pub(super) fn image(effect: &Effect) -> Option<&Row> {
    match effect {
        Effect::Put(row) => Some(row),
        Effect::Delete(_) | Effect::Execute { .. } => None,
    }
}
