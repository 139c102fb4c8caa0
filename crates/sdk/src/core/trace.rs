//! What a record says about the turn it was written in.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    ask::{Identity, Kind},
    delivery, limits,
    site::Site,
};

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

/// The text form. The names are short since every child carries them.
#[derive(Serialize, Deserialize)]
struct Text<'a> {
    #[serde(rename = "k")]
    kind: Kind,
    #[serde(rename = "f")]
    func: std::borrow::Cow<'a, str>,
    #[serde(rename = "a")]
    fingerprint: String,
    #[serde(rename = "s")]
    site: std::borrow::Cow<'a, str>,
    #[serde(rename = "o", default, skip_serializing_if = "is_zero")]
    occurrence: u32,
    #[serde(rename = "t")]
    turn: u64,
    #[serde(rename = "d", default, skip_serializing_if = "String::is_empty")]
    deliveries: String,
    #[serde(rename = "b", default, skip_serializing_if = "is_zero")]
    base: u32,
    #[serde(rename = "n", default = "one", skip_serializing_if = "is_one")]
    attempt: u32,
}

fn one() -> u32 {
    1
}

fn is_one(n: &u32) -> bool {
    *n == 1
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Trace {
    /// The header's value.
    pub(crate) fn encode(&self) -> String {
        let text = Text {
            kind: self.identity.kind,
            func: (&*self.identity.func).into(),
            fingerprint: format!("{:016x}", self.identity.fingerprint),
            site: self.site.as_str().into(),
            occurrence: self.occurrence,
            turn: self.turn,
            deliveries: delivery::encode(&self.deliveries),
            base: self.base,
            attempt: self.attempt,
        };
        serde_json::to_string(&text).expect("a trace has no maps and no failing members")
    }

    /// Reads the header; `None` if it is not a trace.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let text: Text<'_> = serde_json::from_str(text).ok()?;
        Some(Self {
            identity: Identity {
                kind: text.kind,
                func: text.func.into(),
                fingerprint: u64::from_str_radix(&text.fingerprint, 16).ok()?,
            },
            site: Site::recorded(text.site.into_owned()),
            occurrence: text.occurrence,
            turn: text.turn,
            deliveries: delivery::decode(&text.deliveries, limits::DELIVERIES_PER_RECORD)?.into(),
            base: text.base,
            attempt: text.attempt,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
