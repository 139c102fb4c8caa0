use std::collections::BTreeMap;

use abide_machine::{Effect, Key, Row};

/// The records that there are, by key.
pub(super) type Rows = BTreeMap<Key, Row>;

/// The records after the effects.
pub(super) fn applied(rows: &Rows, effects: &[Effect]) -> Rows {
    let mut rows = rows.clone();
    for effect in effects {
        match effect {
            Effect::Put(row) => {
                rows.insert(row.key(), row.clone());
            }
            Effect::Delete(key) => {
                rows.remove(key);
            }
            Effect::Execute { .. } => {}
        }
    }
    rows
}
