//! What must hold of any payload. The fuzz target and the ordinary tests call this.

use abide_protocol::{PromiseRecord, Value};

use super::{Compress, Encrypt, Key, Layers, Part, Slot};
use crate::{core::trace::Trace, payload::Invocation, wire};

/// Bytes that a payload of a probe may have uncompressed.
const MOST: usize = 64 << 10;

/// The layers of a probe. The key is no secret: the seeds are encrypted with it.
pub(super) fn layers() -> Layers {
    let key = Key::new("probe", &[7; 32]).expect("32 bytes and a name");
    Layers::default().and(Compress::default().at_most(MOST)).and(Encrypt::new(key))
}

/// The place of the payload of a probe.
pub(super) const SLOT: Slot<'static> = Slot { promise: "probe:1", part: Part::Param };

/// Reads a payload, the JSON of a `Value`, in every way in which payloads are read.
///
/// # Panics
/// When what must hold of any does not hold.
pub fn probe(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let layers = layers();
    match layers.read(SLOT, &value) {
        Ok(Some(json)) => {
            let plain = value.headers.as_ref().is_none_or(|h| h.get("abide:codec").is_none());
            assert!(plain || json.len() <= MOST, "{} bytes", json.len());
            serde_json::from_str::<serde::de::IgnoredAny>(&json).expect("JSON");
            let again = layers.read(SLOT, &layers.write(SLOT, &json));
            assert_eq!(again.as_ref().map(Option::as_ref), Ok(Some(&json)), "it is read again");
        }
        Ok(None) => {}
        Err(why) => assert!(why.code().starts_with("codec_"), "{why:?}"),
    }
    if let Err(why) = layers.reveal(SLOT.promise, &value) {
        assert!(why.code().starts_with("codec_"), "{why:?}");
    }
    if let Some(text) = value.headers.as_ref().and_then(|headers| headers.get("abide:trace"))
        && let Some(trace) = Trace::decode(text)
    {
        assert_eq!(Trace::decode(&trace.encode()), Some(trace), "it is read again");
    }
    let mut promise: PromiseRecord = serde_json::from_value(serde_json::json!({
        "id": SLOT.promise, "state": "rejected", "param": value, "value": value, "tags": {},
        "timeoutAt": 1, "createdAt": 0, "settledAt": 0,
    }))
    .expect("a promise");
    if let Ok(Some(invocation)) = Invocation::read(&layers, &promise) {
        assert!(invocation.array().starts_with('['));
    }
    let _ = wire::record(&layers, &promise, "probe");
    for state in ["resolved", "rejected"] {
        promise.state = serde_json::from_value(state.into()).expect("a state");
        let outcome = wire::outcome(&layers, &promise).expect("it is settled");
        let _ = super::decode_outcome::<serde_json::Value, crate::Error>(&outcome, SLOT.promise);
    }
}
