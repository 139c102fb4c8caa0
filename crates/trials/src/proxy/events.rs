//! A stream of messages on its way to a client.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};

use super::{Count, Relay, connection::Reset, request::Body};

/// What ends an event.
const END: &[u8] = b"\n\n";

/// How long the last message before a reset has to arrive.
const LAST: Duration = Duration::from_millis(20);

struct Events {
    body: Incoming,
    relay: Arc<Relay>,
    cut: Arc<AtomicBool>,
    /// What has come of an event whose end has not.
    partial: BytesMut,
    ready: VecDeque<Step>,
}

enum Step {
    Send(Bytes),
    Cut,
}

pub(super) fn pass(body: Incoming, relay: Arc<Relay>, cut: Arc<AtomicBool>) -> Body {
    let events = Events { body, relay, cut, partial: BytesMut::new(), ready: VecDeque::new() };
    let frames = stream::unfold(Some(events), |events| async {
        let mut events = events?;
        match events.next().await {
            Ok(Some(bytes)) => Some((Ok(Frame::data(bytes)), Some(events))),
            Ok(None) => None,
            Err(reset) => {
                events.cut.store(true, Ordering::Relaxed);
                Some((Err(reset), None))
            }
        }
    });
    StreamBody::new(frames).boxed_unsync()
}

impl Events {
    async fn next(&mut self) -> Result<Option<Bytes>, Reset> {
        loop {
            match self.ready.pop_front() {
                Some(Step::Send(bytes)) => return Ok(Some(bytes)),
                Some(Step::Cut) => {
                    tokio::time::sleep(LAST).await;
                    return Err(Reset);
                }
                None => {}
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    self.partial.extend_from_slice(&data);
                    self.split();
                }
                // The server has gone away.
                Some(Err(_)) => return Err(Reset),
                None => return Ok(None),
            }
        }
    }

    fn split(&mut self) {
        while let Some(at) = self.partial.windows(END.len()).position(|bytes| bytes == END) {
            let event = self.partial.split_to(at + END.len()).freeze();
            if event.starts_with(b"data:") {
                self.message(event);
            } else {
                self.ready.push_back(Step::Send(event));
            }
        }
    }

    fn message(&mut self, event: Bytes) {
        let (relay, faults) = (&self.relay, &self.relay.faults);
        relay.tally.add(Count::Message);
        let execute = event.windows(9).any(|bytes| bytes == b"\"execute\"");
        if execute && relay.happens(faults.lose) {
            relay.tally.add(Count::Lost);
            return;
        }
        self.ready.push_back(Step::Send(event.clone()));
        if relay.happens(faults.repeat) {
            relay.tally.add(Count::Repeat);
            self.ready.push_back(Step::Send(event));
        }
        if relay.happens(faults.cut) {
            relay.tally.add(Count::Cut);
            self.ready.push_back(Step::Cut);
        }
    }
}
