//! `POST /`: one envelope in, one envelope out.

use std::time::Instant;

use abide_protocol::{Envelope, Kind, Millis, Refused, Request, Response, Status};
use http::StatusCode;

use crate::{app::App, intake::Intake, payload};

/// A request that has been read.
pub(crate) struct Asked {
    kind: Kind,
    corr_id: String,
    /// It, with its time, or why it is not carried out.
    admitted: Result<(Request, Option<Millis>), Response>,
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
    Ok(Asked { kind, corr_id, admitted: admit(app, bearer, envelope), started })
}

impl Asked {
    /// Carries the request out and appends the answer.
    pub(crate) async fn answer(self, app: &App, intake: &Intake, out: &mut Vec<u8>) -> StatusCode {
        let Asked { kind, corr_id, admitted, started } = self;
        let response = match admitted {
            Ok((request, debug_time)) => intake.call(request, debug_time).await,
            Err(response) => response,
        };
        record(app, kind, &response, started);
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
