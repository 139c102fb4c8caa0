//! What a record says about the turn it was written in.

mod text;

use std::sync::Arc;

use super::{ask::Identity, site::Site};

/// The header of a child's `param` that holds its trace.
pub(crate) const HEADER: &str = "abide:trace";

/// The trace of a creation: what was asked for, when, and after which deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    /// What was asked for.
    pub(crate) identity: Identity,
    /// Where.
    pub(crate) site: Site,
    /// The how-manieth equal call from that site in the turn.
    pub(crate) occurrence: u32,
    /// The turn.
    pub(crate) turn: u64,
    /// The deliveries since the last turn that wrote a creation: those of turns
    /// `turn - n + 1` to `turn`.
    pub(crate) deliveries: Arc<[u32]>,
    /// The number of the record that the turn counts from: the last save point or failed attempt
    /// before it; 0 if there is none.
    pub(crate) base: u32,
    /// The attempt that goes on from this record, of a save point or a failed attempt. It is 1 on
    /// all others.
    pub(crate) attempt: u32,
}

impl Trace {
    /// The header's value.
    pub(crate) fn encode(&self) -> String {
        text::write(self)
    }

    /// Reads the header; `None` if it is not a trace.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        text::read(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ask::Kind;

    #[test]
    fn a_trace_survives_its_text() {
        let trace = Trace {
            identity: Identity { kind: Kind::Call, func: "charge \"it\"".into(), fingerprint: 7 },
            site: Site::recorded("src/main.rs:10:5"),
            occurrence: 2,
            turn: 12,
            deliveries: Arc::from([3, 1, 2]),
            base: 40,
            attempt: 3,
        };
        assert_eq!(Trace::decode(&trace.encode()), Some(trace));
        assert_eq!(Trace::decode("{}"), None);
        assert_eq!(Trace::decode("abide"), None);
    }
}
