//! The text form of a trace: short names with their values, since every child carries one, and no
//! quotes, since it travels in JSON, where each of them would be escaped. It is a JSON object where a
//! name has something in it that needs quotes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Trace;
use crate::{
    core::{
        ask::{Identity, Kind},
        delivery, limits,
        site::Site,
    },
    json,
};

/// What a trace is without its names and its long members, roughly.
const SHORT: usize = 64;

/// A trace as text; what is left out is 0, or 1 for the attempt.
#[derive(Serialize, Deserialize)]
struct Text<'a> {
    #[serde(rename = "k")]
    kind: Kind,
    #[serde(rename = "f", borrow)]
    func: Cow<'a, str>,
    #[serde(rename = "a", borrow)]
    fingerprint: Cow<'a, str>,
    #[serde(rename = "s", borrow)]
    site: Cow<'a, str>,
    #[serde(rename = "o", default)]
    occurrence: u32,
    #[serde(rename = "t")]
    turn: u64,
    #[serde(rename = "d", borrow, default)]
    deliveries: Cow<'a, str>,
    #[serde(rename = "b", default)]
    base: u32,
    #[serde(rename = "n", default = "one")]
    attempt: u32,
}

fn one() -> u32 {
    1
}

/// Whether a name can stand between semicolons as it is, and in JSON.
fn is_plain(name: &str) -> bool {
    !name.bytes().any(|byte| matches!(byte, b';' | b'"' | b'\\' | ..b' '))
}

/// Writes a trace.
pub(super) fn write(trace: &Trace) -> String {
    let Identity { kind, func, fingerprint } = &trace.identity;
    let file = trace.site.file();
    if !is_plain(func) || !is_plain(file) {
        return as_json(trace);
    }
    let mut text = String::with_capacity(SHORT + func.len() + file.len());
    text.push_str("k=");
    text.push_str(kind.name());
    text.push_str(";f=");
    text.push_str(func);
    text.push_str(";a=");
    json::push_hex(&mut text, *fingerprint);
    text.push_str(";s=");
    text.push_str(file);
    if let Some((line, column)) = trace.site.place() {
        text.push(':');
        json::push_number(&mut text, line.into());
        text.push(':');
        json::push_number(&mut text, column.into());
    }
    let mut number = |name: &str, number: u64| {
        text.push_str(name);
        json::push_number(&mut text, number);
    };
    if trace.occurrence > 0 {
        number(";o=", trace.occurrence.into());
    }
    number(";t=", trace.turn);
    if trace.base > 0 {
        number(";b=", trace.base.into());
    }
    if trace.attempt != 1 {
        number(";n=", trace.attempt.into());
    }
    if !trace.deliveries.is_empty() {
        text.push_str(";d=");
        delivery::push(&mut text, &trace.deliveries);
    }
    text
}

fn as_json(trace: &Trace) -> String {
    let Identity { kind, func, fingerprint } = &trace.identity;
    let mut hex = String::new();
    json::push_hex(&mut hex, *fingerprint);
    let text = Text {
        kind: *kind,
        func: (&**func).into(),
        fingerprint: hex.into(),
        site: trace.site.to_string().into(),
        occurrence: trace.occurrence,
        turn: trace.turn,
        deliveries: delivery::encode(&trace.deliveries).into(),
        base: trace.base,
        attempt: trace.attempt,
    };
    serde_json::to_string(&text).expect("plain members")
}

/// Reads a trace.
pub(super) fn read(text: &str) -> Option<Trace> {
    let text = match text.strip_prefix("k=") {
        Some(rest) => short(rest)?,
        None => serde_json::from_str(text).ok()?,
    };
    Some(Trace {
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

/// Reads the short form, behind the name of its first value.
fn short(text: &str) -> Option<Text<'_>> {
    let mut rest = Rest(Some(text));
    let kind = Kind::named(rest.value()?)?;
    let func = rest.named("f=")?.into();
    let fingerprint = rest.named("a=")?.into();
    let site = rest.named("s=")?.into();
    let occurrence = rest.named("o=").map_or(Some(0), number)?;
    let turn = number(rest.named("t=")?)?;
    let base = rest.named("b=").map_or(Some(0), number)?;
    let attempt = rest.named("n=").map_or(Some(1), number)?;
    let deliveries = rest.named("d=").unwrap_or_default().into();
    rest.0.is_none().then_some(Text {
        kind,
        func,
        fingerprint,
        site,
        occurrence,
        turn,
        deliveries,
        base,
        attempt,
    })
}

fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.parse().ok()
}

/// What is still to be read, if there is anything.
struct Rest<'a>(Option<&'a str>);

impl<'a> Rest<'a> {
    /// The next value.
    fn value(&mut self) -> Option<&'a str> {
        let (value, rest) = match self.0?.split_once(';') {
            Some((value, rest)) => (value, Some(rest)),
            None => (self.0?, None),
        };
        self.0 = rest;
        Some(value)
    }

    /// The next value, if it has this name.
    fn named(&mut self, name: &str) -> Option<&'a str> {
        self.0 = Some(self.0?.strip_prefix(name)?);
        self.value()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    const KINDS: [Kind; 9] = [
        Kind::Call,
        Kind::Step,
        Kind::Remote,
        Kind::Detached,
        Kind::Timer,
        Kind::Promise,
        Kind::Marker,
        Kind::Save,
        Kind::Retry,
    ];

    prop_compose! {
        fn traces()(
            (kind, func, fingerprint) in (prop::sample::select(&KINDS[..]), ".*", any::<u64>()),
            (site, occurrence, turn) in (".*", 0u32..3, any::<u64>()),
            deliveries in prop::collection::vec(any::<u32>(), 0..5),
            (base, attempt) in (0u32..3, 0u32..3),
        ) -> Trace {
            let identity = Identity { kind, func: func.into(), fingerprint };
            let (site, deliveries) = (Site::recorded(site), Arc::from(deliveries));
            Trace { identity, site, occurrence, turn, deliveries, base, attempt }
        }
    }

    proptest! {
        #[test]
        fn a_trace_survives_its_text(trace in traces()) {
            let (text, json) = (write(&trace), as_json(&trace));
            let expected = Some(trace);
            prop_assert_eq!(&read(&text), &expected);
            prop_assert_eq!(&read(&json), &expected);
        }

        #[test]
        fn what_is_damaged_is_refused_or_a_trace(trace in traces(), at: prop::sample::Index) {
            let mut text = write(&trace);
            let (at, _) = text.char_indices().nth(at.index(text.chars().count())).unwrap();
            text.remove(at);
            if let Some(trace) = read(&text) {
                prop_assert_eq!(read(&write(&trace)), Some(trace));
            }
        }
    }

    #[test]
    fn what_every_child_carries_needs_no_escapes() {
        let identity = Identity { kind: Kind::Call, func: "charge".into(), fingerprint: 7 };
        let (site, deliveries) = (Site::recorded("src/main.rs:10:5"), Arc::from([3, 1]));
        let trace =
            Trace { identity, site, occurrence: 2, turn: 12, deliveries, base: 0, attempt: 1 };
        let text = write(&trace);
        assert!(
            text.starts_with("k=call;f=charge;a=0000000000000007;s=src/main.rs:10:5;o=2;t=12;d="),
            "{text}"
        );
        assert_eq!(serde_json::to_string(&text).unwrap().len(), text.len() + 2);
    }
}
