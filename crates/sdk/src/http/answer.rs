//! Answers to pushed messages.

use ::http::{HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use http_body_util::Full;
use serde_json::json;

use crate::worker::Pushed;

/// How soon one may come again that was turned away, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// What is answered, with a stable code where it is a refusal.
#[derive(Debug)]
pub(super) enum Answer {
    /// It was taken, and is done with for now.
    Done,
    /// It was taken, and still runs.
    GoesOn,
    Refused(StatusCode, &'static str, String),
}

impl Answer {
    pub(super) fn refused(status: StatusCode, code: &'static str, why: impl ToString) -> Self {
        Self::Refused(status, code, why.to_string())
    }
}

impl From<Pushed> for Answer {
    fn from(pushed: Pushed) -> Self {
        let busy = StatusCode::SERVICE_UNAVAILABLE;
        match pushed {
            Pushed::Rests => Self::Done,
            Pushed::Runs => Self::GoesOn,
            Pushed::Full => Self::refused(busy, "full", "there is no room for it right now"),
            Pushed::Unreachable(error) => Self::refused(busy, "unavailable", error),
            Pushed::Unknown(why) => Self::refused(StatusCode::NOT_FOUND, "unknown_function", why),
        }
    }
}

impl From<Answer> for Response<Full<Bytes>> {
    fn from(answer: Answer) -> Self {
        let (status, body) = match answer {
            Answer::Done => (StatusCode::OK, json!({})),
            Answer::GoesOn => (StatusCode::ACCEPTED, json!({})),
            Answer::Refused(status, code, why) => {
                tracing::warn!(%status, code, "a pushed message is refused: {why}");
                (status, json!({ "code": code, "message": why }))
            }
        };
        let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}
