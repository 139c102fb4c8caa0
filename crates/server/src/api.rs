//! `POST /`: one envelope in, one envelope out.

use std::time::{Duration, Instant};

use abide_protocol::{Envelope, Kind, Millis, Request, Response, Status};
use bytes::Bytes;
use http::HeaderMap;
use hyper::body::Incoming;
use tokio::time::timeout;

use crate::{
    app::App,
    body::{self, Unread},
    payload,
    reply::{self, Whole},
};

/// How long a request's body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Answers what is posted.
pub(crate) async fn answer(app: &App, request: http::Request<Incoming>) -> http::Response<Whole> {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let bytes = match read(app, body).await {
        Ok(bytes) => bytes,
        Err(answer) => return answer,
    };
    let mut envelope = match Envelope::from_json(&bytes) {
        Ok(envelope) => envelope,
        Err(refused) => {
            app.metrics.unreadable.add(1);
            tracing::debug!(kind = refused.kind, why = refused.response.message(), "unreadable");
            return reply::protocol(&refused.kind, &refused.corr_id, &refused.response);
        }
    };
    // The record keeps copies of what it needs; the text need not live while the call waits.
    drop(bytes);
    let kind = envelope.request.kind();
    let corr_id = std::mem::take(&mut envelope.head.corr_id);
    let response = match admit(app, &parts.headers, envelope) {
        Ok((request, debug_time)) => app.node.call_at(request, debug_time).await,
        Err(response) => response,
    };
    record(app, kind, &response, started);
    reply::protocol(kind.as_str(), &corr_id, &response)
}

/// Reads a body; the error is the refusal.
pub(crate) async fn read(app: &App, body: Incoming) -> Result<Bytes, http::Response<Whole>> {
    let limit = app.limits.request_bytes;
    let why = match timeout(BODY_TIMEOUT, body::read(body, limit)).await {
        Ok(Ok(bytes)) => return Ok(bytes),
        Ok(Err(Unread::TooLong)) => format!("the request is larger than {limit} bytes"),
        Ok(Err(Unread::Broken)) => "the body did not arrive whole".into(),
        Err(_) => format!("the body did not arrive within {BODY_TIMEOUT:?}"),
    };
    Err(refuse(app, why))
}

/// Counts an answered request.
pub(crate) fn record(app: &App, kind: Kind, response: &Response, started: Instant) {
    let elapsed = started.elapsed();
    app.metrics.requests.record(kind, response.status, elapsed);
    tracing::debug!(
        kind = kind.as_str(),
        status = response.status.code(),
        micros = elapsed.as_micros() as u64,
        why = response.message(),
        "request"
    );
}

/// Refuses what is no request of the protocol.
pub(crate) fn refuse(app: &App, text: String) -> http::Response<Whole> {
    app.metrics.unreadable.add(1);
    tracing::debug!(why = text, "unreadable");
    reply::error(&Response::error(Status::BadRequest, text))
}

/// A request with its time, if whoever sent it may; the error is the refusal.
#[allow(clippy::result_large_err, reason = "a refusal is a response, and moved once")]
pub(crate) fn admit(
    app: &App,
    headers: &HeaderMap,
    envelope: Envelope,
) -> Result<(Request, Option<Millis>), Response> {
    let Envelope { head, request } = envelope;
    if !app.token.admits(head.auth.as_deref(), headers) {
        return Err(Response::error(Status::Unauthorized, "the token is missing or wrong"));
    }
    if let Err(text) = payload::check(&request, app.limits.payload_bytes) {
        return Err(Response::error(Status::BadRequest, text));
    }
    Ok((request, head.debug_time))
}
