//! The text form of a trace: a JSON object with short names, since every child carries one. It is
//! written by hand, and read so if it is as it was written here: each step writes one, and each
//! replayed step reads one.

use std::{borrow::Cow, io::Write};

use serde::Deserialize;

use super::Trace;
use crate::core::{
    ask::{Identity, Kind},
    delivery, limits,
    site::Site,
};

/// What a trace is without its names and its long members, roughly.
const SHORT: usize = 96;

/// A trace as text; what is left out is 0, or 1 for the attempt.
#[derive(Deserialize)]
pub(super) struct Text<'a> {
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

/// Writes a trace.
pub(super) fn write(trace: &Trace) -> String {
    let long = trace.identity.func.len() + trace.site.file().len();
    let mut text = Vec::with_capacity(SHORT + long);
    write_into(&mut text, trace).expect("memory takes everything");
    String::from_utf8(text).expect("JSON is text")
}

fn write_into(text: &mut Vec<u8>, trace: &Trace) -> std::io::Result<()> {
    let Identity { kind, func, fingerprint } = &trace.identity;
    write!(text, r#"{{"k":"{}","f":"#, kind.name())?;
    serde_json::to_writer(&mut *text, &**func)?;
    write!(text, r#","a":"{fingerprint:016x}","s":"#)?;
    serde_json::to_writer(&mut *text, trace.site.file())?;
    if let Some((line, column)) = trace.site.place() {
        text.pop();
        write!(text, r#":{line}:{column}""#)?;
    }
    if trace.occurrence > 0 {
        write!(text, r#","o":{}"#, trace.occurrence)?;
    }
    write!(text, r#","t":{}"#, trace.turn)?;
    if !trace.deliveries.is_empty() {
        write!(text, r#","d":"{}""#, delivery::encode(&trace.deliveries))?;
    }
    if trace.base > 0 {
        write!(text, r#","b":{}"#, trace.base)?;
    }
    if trace.attempt != 1 {
        write!(text, r#","n":{}"#, trace.attempt)?;
    }
    text.write_all(b"}")
}

/// Reads a trace.
pub(super) fn read(text: &str) -> Option<Trace> {
    let text = as_written(text).or_else(|| serde_json::from_str(text).ok())?;
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

/// Reads what [`write`] wrote, unless something in it is escaped.
fn as_written(text: &str) -> Option<Text<'_>> {
    let mut rest = Rest(text);
    rest.skip(r#"{"k":"#)?;
    let kind = Kind::named(rest.text()?)?;
    rest.skip(r#","f":"#)?;
    let func = rest.text()?.into();
    rest.skip(r#","a":"#)?;
    let fingerprint = rest.text()?.into();
    rest.skip(r#","s":"#)?;
    let site = rest.text()?.into();
    let occurrence = rest.skip(r#","o":"#).map_or(Some(0), |()| rest.number())?;
    rest.skip(r#","t":"#)?;
    let turn = rest.number()?;
    let deliveries = rest.skip(r#","d":"#).map_or(Some(""), |()| rest.text())?.into();
    let base = rest.skip(r#","b":"#).map_or(Some(0), |()| rest.number())?;
    let attempt = rest.skip(r#","n":"#).map_or(Some(1), |()| rest.number())?;
    (rest.0 == "}").then_some(Text {
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

/// What is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn skip(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    fn text(&mut self) -> Option<&'a str> {
        let text = self.0.strip_prefix('"')?;
        let end = text.bytes().position(|byte| byte == b'"' || byte == b'\\')?;
        let (text, rest) = text.split_at(end);
        self.0 = rest.strip_prefix('"')?;
        Some(text)
    }

    fn number<N: std::str::FromStr>(&mut self) -> Option<N> {
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (number, rest) = self.0.split_at(end);
        self.0 = rest;
        // As in JSON, none begins with a zero.
        let zeros = number.len() > 1 && number.starts_with('0');
        if zeros { None } else { number.parse().ok() }
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
            let text = write(&trace);
            let expected = Some(trace);
            prop_assert_eq!(&read(&text), &expected);
            // The same through a JSON parser, and with what only another writer would write.
            let json: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
            prop_assert_eq!(&read(&json.to_string()), &expected);
            prop_assert_eq!(&read(&format!(" {text}")), &expected);
        }

        #[test]
        fn one_way_of_reading_agrees_with_the_other(trace in traces(), at: prop::sample::Index) {
            // A byte is missing: whatever is still read by hand is read so by a JSON parser.
            let mut text = write(&trace);
            let (at, _) = text.char_indices().nth(at.index(text.chars().count())).unwrap();
            text.remove(at);
            if let Some(by_hand) = as_written(&text) {
                let json: Text<'_> = serde_json::from_str(&text).expect("it is JSON");
                prop_assert_eq!((by_hand.func, by_hand.site), (json.func, json.site));
                prop_assert_eq!((by_hand.turn, by_hand.base), (json.turn, json.base));
            }
        }
    }
}
