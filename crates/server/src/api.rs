//! `POST /`: one envelope in, one envelope out.

use std::time::Instant;

use abide_protocol::{Envelope, Kind, Millis, Refused, Request, Response, Status};
use http::StatusCode;

use crate::{app::App, payload};

/// A request that has been read.
pub(crate) struct Asked {
    /// It, with its time, or why it is not carried out.
    pub(crate) admitted: Result<(Request, Option<Millis>), Response>,
    pub(crate) about: About,
}

/// What an answer says of its request.
pub(crate) struct About {
    kind: Kind,
    corr_id: String,
    started: Instant,
}

/// Reads a request. `bearer` says whether the token in the headers admits it.
pub(crate) fn read(
    app: &App,
    bearer: bool,
    bytes: &[u8],
    started: Instant,
) -> Result<Asked, Box<Refused>> {
    let mut envelope = Envelope::from_json(bytes).inspect_err(|refused| {
        app.metrics.unreadable.add(1);
        tracing::debug!(kind = refused.kind, why = refused.response.message(), "unreadable");
    })?;
    let kind = envelope.request.kind();
    let corr_id = std::mem::take(&mut envelope.head.corr_id);
    let about = About { kind, corr_id, started };
    Ok(Asked { admitted: admit(app, bearer, envelope), about })
}

impl About {
    /// Appends the answer, and counts it.
    pub(crate) fn write(self, app: &App, response: &Response, out: &mut Vec<u8>) -> StatusCode {
        let About { kind, corr_id, started } = self;
        record(app, kind, response, started);
        response.append_json(kind.as_str(), &corr_id, out);
        status(response.status)
    }
}

/// The status of an HTTP answer is that of the response in it.
pub(crate) fn status(status: Status) -> StatusCode {
    StatusCode::from_u16(status.code()).expect("a status of the protocol")
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

/// A request with its time, if whoever sent it may; the error is the refusal.
#[allow(clippy::result_large_err, reason = "a refusal is a response, and moved once")]
pub(crate) fn admit(
    app: &App,
    bearer: bool,
    envelope: Envelope,
) -> Result<(Request, Option<Millis>), Response> {
    let Envelope { head, request } = envelope;
    if !bearer && !app.token.admits(head.auth.as_deref()) {
        return Err(Response::error(Status::Unauthorized, "the token is missing or wrong"));
    }
    if let Err(text) = payload::check(&request, app.limits.payload_bytes) {
        return Err(Response::error(Status::BadRequest, text));
    }
    Ok((request, head.debug_time))
}
