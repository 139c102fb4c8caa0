//! `GET /poll/{group}/{id}`: the stream of one member's messages.

use std::{convert::Infallible, sync::Arc, time::Duration};

use abide_node::{Receipt, Subscription};
use abide_protocol::{Message, Response, Status, limit};
use axum::{
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    response::Response as HttpResponse,
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, header};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use crate::{app::App, ascii, metrics::Held, reply};

/// A comment goes out when nothing else did for this long, so that both ends notice a dead
/// connection and nothing in between takes it for idle.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a stream lasts for a client that gives up on a whole response after 300 s, whatever
/// still comes: it is ended cleanly before, and the client connects again.
const SHORT_STREAM: Duration = Duration::from_secs(240);

/// How much shorter a short stream may be, so that workers started together do not return
/// together.
const SHORT_STREAM_JITTER: Duration = Duration::from_secs(40);

/// The most messages in one write.
const MAX_BURST: usize = 64;

/// No further message is added to a write of this size.
const MAX_BURST_BYTES: usize = 64 << 10;

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> HttpResponse {
    let refuse = |status, text: &str| reply::error(&Response::error(status, text)).map(Body::new);
    if !app.token.bears(headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes)) {
        return refuse(Status::Unauthorized, "the token is missing or wrong");
    }
    let Ok(Path((group, id))) = path else {
        return refuse(Status::BadRequest, "the group and the id must be UTF-8");
    };
    for (name, text) in [("the group", &group), ("the id", &id)] {
        if text.is_empty() {
            return refuse(Status::BadRequest, &format!("{name} must not be empty"));
        }
        if text.contains('\0') {
            let text = format!("{name} must not hold a NUL character");
            return refuse(Status::BadRequest, &text);
        }
        if text.len() > limit::TEXT_BYTES {
            let text = format!("{name} is longer than {} bytes", limit::TEXT_BYTES);
            return refuse(Status::BadRequest, &text);
        }
    }
    tracing::debug!(group, id, "a member connects");
    let feed = Feed {
        // Subscribing comes before the answer: a client that sees the answer is connected.
        subscription: app.node.connect(&group, &id),
        ends: lifetime(&headers).map(|lifetime| Instant::now() + lifetime),
        closing: app.closing.clone(),
        _held: app.metrics.members.hold(),
        app,
        opened: false,
        written: Vec::new(),
    };
    let body = stream::unfold(feed, |mut feed| async {
        let bytes = feed.next().await?;
        Some((Ok::<_, Infallible>(bytes), feed))
    });
    let mut response = HttpResponse::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // A buffering proxy would hold messages back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// How long the client's stream may last, if it may not last for ever.
fn lifetime(headers: &HeaderMap) -> Option<Duration> {
    let agent = headers.get(header::USER_AGENT)?.to_str().ok()?;
    agent
        .to_ascii_lowercase()
        .contains("aiohttp")
        .then(|| SHORT_STREAM - SHORT_STREAM_JITTER.mul_f64(fastrand::f64()))
}

/// What one connected member is sent.
struct Feed {
    subscription: Subscription,
    ends: Option<Instant>,
    closing: watch::Receiver<bool>,
    app: Arc<App>,
    opened: bool,
    /// The receipts of what was handed to the connection last.
    written: Vec<Receipt>,
    _held: Held,
}

impl Feed {
    /// The next bytes of the stream; `None` ends it.
    async fn next(&mut self) -> Option<Bytes> {
        if !std::mem::replace(&mut self.opened, true) {
            return Some(Bytes::from_static(b":\n\n"));
        }
        if !self.written.is_empty() {
            // The connection asks for more before it has written what it got; it writes when it
            // has to wait. Had the message been reported as taken before that, a server killed in
            // between would have lost it.
            tokio::task::yield_now().await;
            self.written.drain(..).for_each(Receipt::taken);
        }
        let message = tokio::select! {
            biased;
            _ = self.closing.wait_for(|closing| *closing) => return None,
            () = until(self.ends) => return None,
            message = timeout(KEEP_ALIVE, self.subscription.next_with_receipt()) => message,
        };
        let Ok(message) = message else { return Some(Bytes::from_static(b":\n\n")) };
        let mut burst = String::new();
        self.write(&mut burst, message?);
        // What else is ready shares the write.
        for _ in 1..MAX_BURST {
            if burst.len() >= MAX_BURST_BYTES {
                break;
            }
            let Some(message) = self.subscription.try_next_with_receipt() else { break };
            self.write(&mut burst, message);
        }
        Some(Bytes::from(burst))
    }

    fn write(&mut self, burst: &mut String, (message, receipt): (Message, Option<Receipt>)) {
        self.app.metrics.streamed.count(&message);
        self.written.extend(receipt);
        burst.push_str("data: ");
        burst.push_str(&ascii::escape(message.to_json(&self.app.url)));
        burst.push_str("\n\n");
    }
}

async fn until(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_client_that_would_break_the_stream_itself_has_it_ended_before() {
        let lifetime = |agent| {
            lifetime(&HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_static(agent))]))
        };
        for agent in ["Python/3.12 aiohttp/3.9.5", "AIOHTTP"] {
            let lifetime = lifetime(agent).expect("it is ended");
            assert!(lifetime <= SHORT_STREAM, "{lifetime:?}");
            assert!(lifetime >= SHORT_STREAM - SHORT_STREAM_JITTER, "{lifetime:?}");
        }
        assert_eq!(lifetime("node"), None);
        assert_eq!(super::lifetime(&HeaderMap::new()), None);
    }
}
