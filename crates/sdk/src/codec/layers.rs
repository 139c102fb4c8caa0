//! The layers of a process, and payloads through them.

use std::{fmt, sync::Arc};

use abide_protocol::{Headers, Value};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::value::RawValue;

use super::{
    Codec, Part, Slot, Unreadable,
    header::{self, HEADER, Named},
    known,
};
use crate::core::outcome::Payload;

/// The header of a child's `param` that holds the fingerprint of its arguments when that is hidden.
const FINGERPRINT: &str = "abide:fingerprint";

/// The header of a `param` that was written into a schedule, for all the promises it creates.
const SCHEDULE: &str = "abide:schedule";

/// What a process adds to the payloads it writes, in order.
#[derive(Clone, Default)]
pub(crate) struct Layers(Arc<[Arc<dyn Codec>]>);

impl Layers {
    /// With one more, around those before, and instead of one of its name.
    pub(crate) fn and(&self, codec: impl Codec) -> Self {
        let name = codec.name();
        assert!(header::is_word(name), "{name:?} cannot be the name of a codec");
        let others = self.0.iter().filter(|other| other.name() != name).cloned();
        let mut layers: Vec<_> = others.collect();
        layers.push(Arc::new(codec));
        Self(layers.into())
    }

    /// Writes JSON text into a slot.
    pub(crate) fn write(&self, slot: Slot<'_>, json: &str) -> Value {
        if self.0.is_empty() {
            return Value { headers: None, data: Some(STANDARD.encode(json)) };
        }
        let (bytes, layers) = self.wrap(slot, json.as_bytes(), |_| true);
        let headers = (!layers.is_empty()).then(|| {
            let scheduled = (slot.part == Part::Schedule).then(|| (SCHEDULE, String::new()));
            Headers::from_iter([(HEADER, header::write(&layers))].into_iter().chain(scheduled))
        });
        Value { headers, data: Some(STANDARD.encode(bytes.as_deref().unwrap_or(json.as_bytes()))) }
    }

    /// Writes a payload into a slot; nothing is nothing.
    pub(crate) fn value(&self, slot: Slot<'_>, payload: &Payload) -> Arc<Value> {
        Arc::new(payload.as_deref().map_or_else(Value::default, |json| self.write(slot, json)))
    }

    /// Reads what is in a slot. Without layers, what is not base64 of JSON is taken as a text of
    /// its own, so that a value written by hand is not lost.
    pub(crate) fn read(&self, mut slot: Slot<'_>, value: &Value) -> Result<Payload, Unreadable> {
        let header = |name| value.headers.as_ref().and_then(|headers| headers.get(name));
        let text = header(HEADER);
        if slot.part == Part::Param && header(SCHEDULE).is_some() {
            slot.part = Part::Schedule;
        }
        let data = value.data.as_deref().filter(|data| !data.is_empty());
        let Some(text) = text else {
            let Some(data) = data else { return Ok(None) };
            self.allow_without(&[])?;
            let json = STANDARD.decode(data).ok().and_then(|bytes| json(bytes).ok());
            let json = json.unwrap_or_else(|| serde_json::Value::from(data).to_string());
            return Ok(Some(json.into()));
        };
        let bytes = STANDARD.decode(data.unwrap_or_default());
        let bytes = bytes.map_err(|_| Unreadable::malformed("it is not base64"))?;
        let layers = header::read(text)?;
        self.allow_without(&layers)?;
        let bytes = self.unwrap(slot, bytes, &layers)?;
        Ok(Some(json(bytes)?.into()))
    }

    /// The header that holds a fingerprint of arguments; `None` when it may be seen. What has no
    /// arguments has the fingerprint 0.
    pub(crate) fn hide(&self, promise: &str, fingerprint: u64) -> Option<(String, String)> {
        if fingerprint == 0 || self.0.is_empty() {
            return None;
        }
        let slot = Slot { promise, part: Part::Fingerprint };
        let (bytes, layers) = self.wrap(slot, &fingerprint.to_be_bytes(), Codec::hides);
        let text = format!("{}:{}", header::write(&layers), STANDARD.encode(bytes?));
        Some((FINGERPRINT.to_owned(), text))
    }

    /// The fingerprint that is hidden in the headers; `None` when none is.
    pub(crate) fn reveal(&self, promise: &str, param: &Value) -> Result<Option<u64>, Unreadable> {
        let Some(text) = param.headers.as_ref().and_then(|headers| headers.get(FINGERPRINT)) else {
            return Ok(None);
        };
        let malformed = || Unreadable::malformed(format!("its header {FINGERPRINT} is damaged"));
        let (layers, data) = text.split_once(':').ok_or_else(malformed)?;
        let bytes = STANDARD.decode(data).map_err(|_| malformed())?;
        let slot = Slot { promise, part: Part::Fingerprint };
        let bytes = self.unwrap(slot, bytes, &header::read(layers)?)?;
        Ok(Some(u64::from_be_bytes(bytes.try_into().map_err(|_| malformed())?)))
    }

    /// Adds the layers that are wanted; no bytes when none was added.
    fn wrap(
        &self,
        slot: Slot<'_>,
        bytes: &[u8],
        wanted: impl Fn(&dyn Codec) -> bool,
    ) -> (Option<Vec<u8>>, Vec<Named>) {
        let (mut wrapped, mut layers) = (None, Vec::new());
        for codec in self.0.iter().filter(|codec| wanted(&***codec)) {
            if let Some(encoded) = codec.encode(wrapped.as_deref().unwrap_or(bytes), slot) {
                wrapped = Some(encoded.bytes);
                layers.push(Named { codec: codec.name().to_owned(), params: encoded.params });
            }
        }
        (wrapped, layers)
    }

    fn unwrap(
        &self,
        slot: Slot<'_>,
        mut bytes: Vec<u8>,
        layers: &[Named],
    ) -> Result<Vec<u8>, Unreadable> {
        for layer in layers.iter().rev() {
            bytes = match self.0.iter().find(|codec| codec.name() == layer.codec) {
                Some(codec) => codec.decode(&bytes, &layer.params, slot)?,
                None => known::decode(&layer.codec, &bytes, &layer.params, slot)?,
            };
        }
        Ok(bytes)
    }

    /// Refuses a payload that lacks a layer this process insists on.
    fn allow_without(&self, layers: &[Named]) -> Result<(), Unreadable> {
        let missing = |codec: &&Arc<dyn Codec>| {
            codec.is_required() && !layers.iter().any(|layer| layer.codec == codec.name())
        };
        match self.0.iter().find(missing) {
            None => Ok(()),
            Some(codec) => {
                let name = codec.name();
                let message = format!("it is not encoded by {name}, which this process requires");
                Err(Unreadable::new("codec_plain", message))
            }
        }
    }
}

/// The bytes as JSON text, if they are that.
fn json(bytes: Vec<u8>) -> Result<String, Unreadable> {
    let text = String::from_utf8(bytes).ok();
    text.filter(|text| serde_json::from_str::<&RawValue>(text).is_ok())
        .ok_or_else(|| Unreadable::new("codec_not_json", "what comes out is not JSON"))
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|codec| codec.name())).finish()
    }
}
