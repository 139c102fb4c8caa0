//! Responses as they leave.

use abide_protocol::{Response, VERSION};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::Full;

/// A body that is there as a whole.
pub(crate) type Whole = Full<Bytes>;

/// A body of JSON. Clients take a 404 without this type for a server of another protocol.
pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> http::Response<Whole> {
    let mut response = http::Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A response of the protocol; the HTTP status is its own.
pub(crate) fn protocol(kind: &str, corr_id: &str, response: &Response) -> http::Response<Whole> {
    let status = StatusCode::from_u16(response.status.code()).expect("a status of the protocol");
    json(status, response.to_json(kind, corr_id))
}

/// A refusal of what is no request of the protocol.
pub(crate) fn error(response: &Response) -> http::Response<Whole> {
    protocol("unknown", "0", response)
}

/// A refusal with a status that the protocol does not have, in the protocol's form.
pub(crate) fn plain_error(status: StatusCode, text: &str) -> http::Response<Whole> {
    let body = serde_json::json!({
        "kind": "unknown",
        "head": { "corrId": "0", "status": status.as_u16(), "version": VERSION },
        "data": text,
    });
    json(status, body.to_string().into_bytes())
}
