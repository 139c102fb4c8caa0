use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Kind, Millis, Request, Response, Status, VERSION,
    json::{ROOM, Read, Reader, Unfit, field, readable},
    object::Object,
    usual::{begin, end_head, read_parts, write_answer},
};

/// What accompanies a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Echoed in the answer, so that a client can tell its requests apart.
    pub corr_id: String,
    /// The token of the caller.
    pub auth: Option<String>,
    /// The time at which a debug server carries the request out.
    pub debug_time: Option<Millis>,
}

/// A request as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What accompanies it.
    pub head: Head,
    /// The request.
    pub request: Request,
}

/// Why an envelope was refused, with as much of it as could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The kind as written, or `unknown`.
    pub kind: String,
    /// The correlation id as written, or `0`.
    pub corr_id: String,
    /// The refusal.
    pub response: Response,
}

#[derive(Deserialize)]
struct InEnvelope<'a> {
    kind: Option<String>,
    #[serde(borrow)]
    head: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InHead {
    corr_id: Option<String>,
    version: Option<String>,
    auth: Option<String>,
    #[serde(rename = "resonate:debug_time")]
    debug_time: Option<Millis>,
}

/// The head of a request that is written as usual.
struct UsualHead<'a> {
    corr_id: String,
    version: &'a str,
    auth: Option<String>,
    debug_time: Option<Millis>,
}

readable!(UsualHead<'de> {
    corr_id: "corrId",
    version: "version",
    auth: "auth" optional,
    debug_time: "resonate:debug_time" optional,
});

/// A request that is written as usual.
impl<'de> Read<'de> for Envelope {
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        read_parts(reader, UsualHead::read, |kind, head, reader| {
            let head = head.filter(|head| head.version == VERSION).ok_or(Unfit)?;
            let kind = kind.and_then(Kind::parse).ok_or(Unfit)?;
            let UsualHead { corr_id, auth, debug_time, .. } = head;
            let request = Request::read(kind, reader)?;
            Ok(Envelope { head: Head { corr_id, auth, debug_time }, request })
        })
    }
}

impl Envelope {
    /// Reads a request.
    ///
    /// # Errors
    /// With the refusal to send back when it is not JSON or not a request of this protocol.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Box<Refused>> {
        Self::read_bytes(bytes).map_err(|message| {
            let (kind, corr_id) = best_effort(bytes);
            Box::new(Refused {
                kind,
                corr_id,
                response: Response::error(Status::BadRequest, message),
            })
        })
    }

    fn read_bytes(bytes: &[u8]) -> Result<Self, String> {
        let usual = str::from_utf8(bytes).ok();
        let usual = usual.and_then(|text| Reader::read_with(text, Self::read).ok());
        usual.map_or_else(|| Self::read_any(bytes), Ok)
    }

    /// Reads what is not written as usual, or says why it cannot be read.
    fn read_any(bytes: &[u8]) -> Result<Self, String> {
        if !starts_object(bytes) {
            return Err("the body must be a JSON object with kind, head and data".into());
        }
        let envelope: InEnvelope = serde_json::from_slice(bytes)
            .map_err(|error| format!("the envelope cannot be read: {error}"))?;
        let kind = envelope.kind.ok_or("kind is missing")?;
        let head = envelope.head.ok_or("head is missing")?.get();
        let data = envelope.data.ok_or("data is missing")?.get();
        if kind.is_empty() {
            return Err("kind must not be empty".into());
        }
        if !starts_object(head.as_bytes()) {
            return Err("head must be an object".into());
        }
        if !starts_object(data.as_bytes()) {
            return Err("data must be an object".into());
        }
        let head: InHead =
            serde_json::from_str(head).map_err(|error| format!("head cannot be read: {error}"))?;
        let corr_id = head.corr_id.ok_or("head.corrId is missing")?;
        let version = head.version.ok_or("head.version is missing")?;
        if version != VERSION {
            return Err(format!("the version {version:?} is not served: use {VERSION:?}"));
        }
        let kind = Kind::parse(&kind).ok_or_else(|| format!("the kind {kind:?} is unknown"))?;
        let request = Request::from_data(kind, data)
            .map_err(|error| format!("the data of {kind} cannot be read: {error}"))?;
        let head = Head { corr_id, auth: head.auth, debug_time: head.debug_time };
        Ok(Envelope { head, request })
    }

    /// The request as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        self.request.to_json(&self.head)
    }
}

impl Request {
    /// The request as JSON, with what accompanies it.
    pub fn to_json(&self, head: &Head) -> Vec<u8> {
        let mut out = Vec::with_capacity(ROOM);
        self.append_json(head, &mut out);
        out
    }

    /// Appends the same to what is there.
    pub fn append_json(&self, head: &Head, out: &mut Vec<u8>) {
        begin(self.kind().as_str(), &head.corr_id, out);
        end_head(out, |out| {
            field(",\"auth\":", &head.auth, out);
            field(",\"resonate:debug_time\":", &head.debug_time, out);
        });
        self.append_data(out);
        out.push(b'}');
    }
}

fn starts_object(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// As much of an envelope as can be read, each part by itself: a flaw in one does not hide
/// another.
#[derive(Default, Deserialize)]
struct Glimpse<'a> {
    #[serde(borrow)]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    head: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GlimpseHead<'a> {
    #[serde(borrow)]
    corr_id: Option<&'a RawValue>,
}

fn best_effort(bytes: &[u8]) -> (String, String) {
    let text = |raw: &RawValue| serde_json::from_str::<String>(raw.get()).ok();
    let Glimpse { kind, head } = serde_json::from_slice(bytes)
        .map_or_else(|_| Glimpse::default(), |Object(glimpse)| glimpse);
    let head = head.and_then(|head| serde_json::from_str(head.get()).ok());
    let GlimpseHead { corr_id } = head.map_or_else(GlimpseHead::default, |Object(head)| head);
    (
        kind.and_then(text).filter(|kind| !kind.is_empty()).unwrap_or_else(|| "unknown".into()),
        corr_id.and_then(text).unwrap_or_else(|| "0".into()),
    )
}

impl Refused {
    /// The refusal as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        self.response.to_json(&self.kind, &self.corr_id)
    }
}

impl Response {
    /// The response as JSON, with the kind and the correlation id of its request.
    pub fn to_json(&self, kind: &str, corr_id: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(ROOM);
        self.append_json(kind, corr_id, &mut out);
        out
    }

    /// Appends the same to what is there.
    pub fn append_json(&self, kind: &str, corr_id: &str, out: &mut Vec<u8>) {
        write_answer(kind, corr_id, self, out);
    }
}

/// A response as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseEnvelope {
    /// The correlation id of the request.
    pub corr_id: String,
    /// The response.
    pub response: Response,
}

/// Why a response cannot be read: the server speaks something else, or something is in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableResponse(pub String);

impl fmt::Display for UnreadableResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the response cannot be read: {}", self.0)
    }
}

impl std::error::Error for UnreadableResponse {}

#[derive(Deserialize)]
struct InResponse<'a> {
    head: InResponseHead,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InResponseHead {
    corr_id: String,
    status: u16,
}

readable!(InResponseHead { corr_id: "corrId", status: "status" });

impl ResponseEnvelope {
    /// Reads the response to a request of this kind.
    ///
    /// # Errors
    /// When it is not a response of this protocol to such a request.
    pub fn from_json(kind: Kind, bytes: &[u8]) -> Result<Self, UnreadableResponse> {
        let usual = str::from_utf8(bytes).ok();
        let read = |text| Reader::read_with(text, |reader| Self::read(kind, reader)).ok();
        usual.and_then(read).map_or_else(|| Self::read_any(kind, bytes), Ok)
    }

    /// Reads the response to a request of this kind, if it is written as usual.
    pub(crate) fn read(kind: Kind, reader: &mut Reader<'_>) -> Result<Self, Unfit> {
        read_parts(reader, InResponseHead::read, |_, head, reader| {
            let InResponseHead { corr_id, status } = head.ok_or(Unfit)?;
            let response = Response::read(kind, status, reader)?;
            Ok(ResponseEnvelope { corr_id, response })
        })
    }

    /// Reads what is not written as usual, or says why it cannot be read.
    fn read_any(kind: Kind, bytes: &[u8]) -> Result<Self, UnreadableResponse> {
        let envelope: InResponse =
            serde_json::from_slice(bytes).map_err(|error| UnreadableResponse(error.to_string()))?;
        let InResponse { head, data } = envelope;
        let response =
            Response::from_data(kind, head.status, data.get()).map_err(UnreadableResponse)?;
        Ok(ResponseEnvelope { corr_id: head.corr_id, response })
    }
}
