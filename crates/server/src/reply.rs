//! Responses as they leave.

use abide_protocol::{Response, VERSION};
use axum::{body::Body, response::Response as HttpResponse};
use http::{HeaderValue, StatusCode, header};

/// A body of JSON. Clients take a 404 without this type for a server of another protocol.
pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A response of the protocol; the HTTP status is its own.
pub(crate) fn protocol(kind: &str, corr_id: &str, response: &Response) -> HttpResponse {
    let status = StatusCode::from_u16(response.status.code()).expect("a status of the protocol");
    json(status, response.to_json(kind, corr_id))
}

/// A refusal.
pub(crate) fn error(kind: &str, corr_id: &str, response: Response) -> HttpResponse {
    protocol(kind, corr_id, &response)
}

/// A refusal with a status that the protocol does not have, in the protocol's form.
pub(crate) fn plain_error(status: StatusCode, text: &str) -> HttpResponse {
    let body = serde_json::json!({
        "kind": "unknown",
        "head": { "corrId": "0", "status": status.as_u16(), "version": VERSION },
        "data": text,
    });
    json(status, body.to_string().into_bytes())
}
