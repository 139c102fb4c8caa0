//! Several requests in one message: an array of envelopes, carried out in their order.

use std::fmt;

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    Envelope, Kind, Refused, Response, ResponseEnvelope, UnreadableResponse,
    envelope::{Usual, UsualResponse},
    json::Reader,
    limit,
};

/// The requests of a batch. What is wrong with one is answered in its place.
///
/// # Errors
/// As [`members`].
pub fn requests(bytes: &[u8]) -> Result<Vec<Result<Envelope, Box<Refused>>>, String> {
    let usual = str::from_utf8(bytes).ok().and_then(|text| Reader::read(text).ok());
    if let Some(UsualRequests(requests)) = usual {
        return Ok(requests);
    }
    let members = members(bytes)?;
    Ok(members.into_iter().map(|member| Envelope::from_json(member.as_bytes())).collect())
}

/// Requests all of which are written as usual, and not too many.
struct UsualRequests(Vec<Result<Envelope, Box<Refused>>>);

impl<'de> Deserialize<'de> for UsualRequests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let requests: Vec<Usual> = Vec::deserialize(deserializer)?;
        if !(1..=limit::BATCH).contains(&requests.len()) {
            return Err(D::Error::custom("none, or too many"));
        }
        Ok(UsualRequests(requests.into_iter().map(|Usual(envelope)| Ok(envelope)).collect()))
    }
}

/// The responses to requests of these kinds.
///
/// # Errors
/// When it is not one response of this protocol to each.
pub fn responses(kinds: &[Kind], bytes: &[u8]) -> Result<Vec<Response>, UnreadableResponse> {
    let usual = str::from_utf8(bytes).ok();
    if let Some(Ok(responses)) = usual.map(|text| Reader::read_with(text, UsualResponses(kinds))) {
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
struct UsualResponses<'a>(&'a [Kind]);

impl<'de> DeserializeSeed<'de> for UsualResponses<'_> {
    type Value = Vec<Response>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for UsualResponses<'_> {
    type Value = Vec<Response>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of responses")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut responses = Vec::with_capacity(self.0.len());
        for kind in self.0 {
            let answer = seq.next_element_seed(UsualResponse(*kind))?;
            responses.push(answer.ok_or_else(|| A::Error::custom("too few"))?.response);
        }
        Ok(responses)
    }
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
