//! What the record of a canceled child says about the turn that dropped it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{delivery, limits};

/// The trace of a cancellation. It travels with the settlement, in the child's `value`, under the
/// header that a creation's trace has in the child's `param`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cancellation {
    /// The turn.
    pub(crate) turn: u64,
    /// The deliveries since the last turn that wrote a creation, as a creation carries them.
    pub(crate) deliveries: Arc<[u32]>,
}

#[derive(Serialize, Deserialize)]
struct Text {
    #[serde(rename = "t")]
    turn: u64,
    #[serde(rename = "d", default, skip_serializing_if = "String::is_empty")]
    deliveries: String,
}

impl Cancellation {
    /// The header's value.
    pub(crate) fn encode(&self) -> String {
        let text = Text { turn: self.turn, deliveries: delivery::encode(&self.deliveries) };
        serde_json::to_string(&text).expect("two plain members")
    }

    /// Reads the header; `None` if it is not the trace of a cancellation.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let text: Text = serde_json::from_str(text).ok()?;
        let deliveries = delivery::decode(&text.deliveries, limits::DELIVERIES_PER_RECORD)?.into();
        Some(Self { turn: text.turn, deliveries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancellation_survives_its_text() {
        for deliveries in [vec![], vec![3, 1, 2]] {
            let cancellation = Cancellation { turn: 12, deliveries: deliveries.into() };
            assert_eq!(Cancellation::decode(&cancellation.encode()), Some(cancellation));
        }
        assert_eq!(Cancellation::decode("{}"), None);
        assert_eq!(Cancellation::decode("abide"), None);
    }
}
