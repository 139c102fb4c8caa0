use std::sync::Arc;

use abide_machine::Promise;
use abide_protocol::{Id, PromiseRecord, PromiseState, Value};

use super::{
    CodecError, LINEAGE, tags,
    wire::{Reader, put_signed, put_tags, put_text, put_texts},
};

const SETTLED: u8 = 1 << 3;
const AWAITERS: u8 = 1 << 4;
const LISTENERS: u8 = 1 << 5;
const UNHEARD: u8 = 1 << 6;
const CASCADING: u8 = 1 << 7;
/// What is left of the first byte for the state.
const STATE: u8 = SETTLED - 1;

const HEADERS: u8 = 1;
const DATA: u8 = 2;

pub(super) fn encode(promise: &Promise, version: u8, out: &mut Vec<u8>) {
    let record = &promise.record;
    let flag = |bit, set| if set { bit } else { 0 };
    out.push(
        number(record.state)
            | flag(SETTLED, record.settled_at.is_some())
            | flag(AWAITERS, !promise.awaiters.is_empty())
            | flag(LISTENERS, !promise.listeners.is_empty())
            | flag(UNHEARD, has_unheard(promise))
            | flag(CASCADING, promise.cascading && !fault!(CodecDropsCascading)),
    );
    put_signed(out, record.created_at);
    put_signed(out, record.timeout_at);
    if let Some(settled) = record.settled_at {
        put_signed(out, settled);
    }
    encode_value(if fault!(CodecMixesValues) { &record.value } else { &record.param }, out);
    encode_value(&record.value, out);
    if version < LINEAGE {
        put_tags(out, &record.tags);
    } else {
        tags::encode(&record.tags, &record.id, out);
    }
    if !promise.awaiters.is_empty() {
        put_texts(out, &promise.awaiters);
    }
    if !promise.listeners.is_empty() {
        put_texts(out, &promise.listeners);
    }
    if has_unheard(promise) {
        put_texts(out, &promise.unheard);
    }
}

fn has_unheard(promise: &Promise) -> bool {
    !promise.unheard.is_empty() && !fault!(CodecDropsUnheard)
}

pub(super) fn decode(id: Id, version: u8, reader: &mut Reader<'_>) -> Result<Promise, CodecError> {
    let first = reader.u8()?;
    let has = |bit| first & bit != 0;
    let record = PromiseRecord {
        state: state_of(first & STATE)?,
        created_at: reader.signed()?,
        timeout_at: reader.signed()?,
        settled_at: if has(SETTLED) { Some(reader.signed()?) } else { None },
        param: Arc::new(decode_value(reader)?),
        value: Arc::new(decode_value(reader)?),
        tags: Arc::new(if version < LINEAGE { reader.tags()? } else { tags::decode(&id, reader)? }),
        id,
    };
    Ok(Promise {
        record: Arc::new(record),
        awaiters: if has(AWAITERS) { reader.some_texts()? } else { Default::default() },
        listeners: if has(LISTENERS) { reader.some_texts()? } else { Default::default() },
        unheard: if has(UNHEARD) { reader.some_texts()? } else { Default::default() },
        cascading: has(CASCADING),
    })
}

pub(super) fn encode_value(value: &Value, out: &mut Vec<u8>) {
    let headers = if value.headers.is_some() { HEADERS } else { 0 };
    let data = if value.data.is_some() { DATA } else { 0 };
    out.push(headers | data);
    if let Some(headers) = &value.headers {
        put_tags(out, headers);
    }
    if let Some(data) = &value.data {
        put_text(out, data);
    }
}

pub(super) fn decode_value(reader: &mut Reader<'_>) -> Result<Value, CodecError> {
    let flags = reader.u8()?;
    if flags & !(HEADERS | DATA) != 0 {
        return Err(CodecError::Malformed("a flag"));
    }
    Ok(Value {
        headers: if flags & HEADERS != 0 { Some(reader.tags()?) } else { None },
        data: if flags & DATA != 0 { Some(reader.text()?.to_owned()) } else { None },
    })
}

fn number(state: PromiseState) -> u8 {
    match state {
        PromiseState::Pending => 0,
        PromiseState::Resolved => 1,
        PromiseState::Rejected => 2,
        PromiseState::RejectedCanceled => 3,
        PromiseState::RejectedTimedout => 4,
    }
}

fn state_of(number: u8) -> Result<PromiseState, CodecError> {
    Ok(match number {
        0 => PromiseState::Pending,
        1 => PromiseState::Resolved,
        2 => PromiseState::Rejected,
        3 => PromiseState::RejectedCanceled,
        4 => PromiseState::RejectedTimedout,
        _ => return Err(CodecError::Malformed("the state")),
    })
}
