//! Several requests in one message: an array of envelopes, carried out in their order.

use std::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{
    Envelope, Kind, Refused, Response, ResponseEnvelope, UnreadableResponse,
    json::{Read, Reader, Unfit},
    limit,
};

/// The requests of a batch. What is wrong with one is answered in its place.
///
/// # Errors
/// As [`members`].
pub fn requests(bytes: &[u8]) -> Result<Vec<Result<Envelope, Box<Refused>>>, String> {
    let usual = str::from_utf8(bytes).ok();
    if let Some(Ok(requests)) = usual.map(|text| Reader::read_with(text, usual_requests)) {
        return Ok(requests);
    }
    let members = members(bytes)?;
    Ok(members.into_iter().map(|member| Envelope::from_json(member.as_bytes())).collect())
}

/// Requests all of which are written as usual, and not too many.
fn usual_requests(reader: &mut Reader<'_>) -> Result<Vec<Result<Envelope, Box<Refused>>>, Unfit> {
    let mut requests = Vec::new();
    reader.open(b'[')?;
    while reader.more(b']')? {
        if requests.len() == limit::BATCH {
            return Err(Unfit);
        }
        requests.push(Ok(Envelope::read(reader)?));
    }
    if requests.is_empty() { Err(Unfit) } else { Ok(requests) }
}

/// The responses to requests of these kinds.
///
/// # Errors
/// When it is not one response of this protocol to each.
pub fn responses(kinds: &[Kind], bytes: &[u8]) -> Result<Vec<Response>, UnreadableResponse> {
    let usual = str::from_utf8(bytes).ok();
    let read = |text| Reader::read_with(text, |reader| usual_responses(kinds, reader));
    if let Some(Ok(responses)) = usual.map(read) {
        return Ok(responses);
    }
    let unreadable = |error: serde_json::Error| UnreadableResponse(error.to_string());
    let answers: Vec<&RawValue> = serde_json::from_slice(bytes).map_err(unreadable)?;
    if answers.len() != kinds.len() {
        let reason = format!("{} answers to {} requests", answers.len(), kinds.len());
        return Err(UnreadableResponse(reason));
    }
    let read = |(kind, answer): (&Kind, &RawValue)| {
        ResponseEnvelope::from_json(*kind, answer.get().as_bytes()).map(|answer| answer.response)
    };
    kinds.iter().zip(answers).map(read).collect()
}

/// Responses all of which are written as usual.
fn usual_responses(kinds: &[Kind], reader: &mut Reader<'_>) -> Result<Vec<Response>, Unfit> {
    let mut responses = Vec::with_capacity(kinds.len());
    reader.open(b'[')?;
    for kind in kinds {
        if !reader.more(b']')? {
            return Err(Unfit);
        }
        responses.push(ResponseEnvelope::read(*kind, reader)?.response);
    }
    if reader.more(b']')? { Err(Unfit) } else { Ok(responses) }
}

/// The members of a batch, each of them unread: what is wrong with one is answered in its place.
///
/// ```
/// use abide_protocol::batch;
/// assert_eq!(batch::members(b"[{}, 7]"), Ok(vec!["{}", "7"]));
/// assert!(batch::members(b"[]").is_err());
/// ```
///
/// # Errors
/// With the text of the 400 when it is no array, or one that holds nothing or more than
/// [`limit::BATCH`] members.
pub fn members(bytes: &[u8]) -> Result<Vec<&str>, String> {
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'[') {
        return Err("the body must be a JSON array of envelopes".into());
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let members = json.deserialize_seq(Members).and_then(|members| {
        json.end()?;
        Ok(members)
    });
    let members = members.map_err(|error| format!("the batch cannot be read: {error}"))?;
    match members.len() {
        0 => Err(format!("a batch holds 1 to {} requests, not none", limit::BATCH)),
        _ => Ok(members),
    }
}

/// Reads an array, but not beyond what a batch may hold.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<&'de str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of envelopes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = seq.next_element::<&RawValue>()? {
            if members.len() == limit::BATCH {
                let text = format!("it holds more than {} requests", limit::BATCH);
                return Err(A::Error::custom(text));
            }
            members.push(member.get());
        }
        Ok(members)
    }
}
