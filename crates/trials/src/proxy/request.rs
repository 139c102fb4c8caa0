use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use http::{Request, Response, Uri, header};
use http_body_util::{BodyExt, Full, Limited, combinators::UnsyncBoxBody};
use hyper::body::Incoming;

use super::{BODY_BYTES, Count, Relay, connection::Reset, events};

/// The body of an answer.
pub(super) type Body = UnsyncBoxBody<Bytes, Reset>;

/// Passes one request on, or does to it what the network does.
pub(super) async fn pass(
    asked: Request<Incoming>,
    relay: Arc<Relay>,
    cut: Arc<AtomicBool>,
) -> Result<Response<Body>, Reset> {
    relay.tally.add(Count::Request);
    let reset = || {
        cut.store(true, Ordering::Relaxed);
        Reset
    };
    let (mut parts, body) = asked.into_parts();
    let body = Limited::new(body, BODY_BYTES).collect().await.map_err(|_| reset())?.to_bytes();
    // A stream that cannot even begin is a request like any other.
    let (before, after) = match relay.happens(relay.faults.reset) {
        true => (relay.chance().bool(), true),
        false => (false, false),
    };
    if before {
        relay.tally.add(Count::ResetBefore);
        return Err(reset());
    }
    late(&relay).await;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = Uri::builder()
        .scheme("http")
        .authority(relay.server.clone())
        .path_and_query(path)
        .build()
        .map_err(|_| reset())?;
    parts.headers.remove(header::CONNECTION);
    let Ok(answer) = relay.client.request(Request::from_parts(parts, Full::new(body))).await else {
        relay.tally.add(Count::Down);
        return Err(reset());
    };
    if after {
        relay.tally.add(Count::ResetAfter);
        return Err(reset());
    }
    let (mut parts, body) = answer.into_parts();
    parts.headers.remove(header::CONNECTION);
    let is_stream = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if is_stream {
        // What is repeated or lost changes the length.
        parts.headers.remove(header::CONTENT_LENGTH);
        return Ok(Response::from_parts(parts, events::pass(body, relay, cut.clone())));
    }
    let body = body.collect().await.map_err(|_| reset())?.to_bytes();
    late(&relay).await;
    Ok(Response::from_parts(parts, Full::new(body).map_err(|never| match never {}).boxed_unsync()))
}

async fn late(relay: &Relay) {
    let delay = &relay.faults.delay;
    if relay.happens(delay.probability) {
        relay.tally.add(Count::Delay);
        let (least, most) = (delay.span.start().as_micros(), delay.span.end().as_micros());
        let micros = relay.chance().u128(least..=most.max(least));
        tokio::time::sleep(std::time::Duration::from_micros(micros as u64)).await;
    }
}
