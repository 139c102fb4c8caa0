//! One member's stream of messages, taken up again whenever it ends.

use std::{sync::Arc, time::Duration};

use abide_protocol::Message;
use bytes::Bytes;
use http::{Method, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::{
    sync::mpsc::Sender,
    time::{sleep, timeout},
};

use crate::{Backoff, Events, LinkError, http_link::Shared};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long the server may take to open the stream.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// A stream on which nothing comes for this long is dead: the server sends a comment at least
/// every fifteen seconds.
const SILENCE: Duration = Duration::from_secs(60);

/// Reads until the receiver of the messages is gone.
pub(crate) async fn run(shared: Arc<Shared>, path: String, messages: Sender<Message>) {
    let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
    let mut down = false;
    loop {
        let error = match open(&shared, &path).await {
            Ok(body) => {
                if std::mem::take(&mut down) {
                    tracing::info!(url = shared.url, path, "connected again");
                    // It may be another server, or the same one with other options.
                    let _ = shared.negotiate().await;
                }
                backoff.reset();
                read(&shared, body, &messages).await
            }
            Err(error) => error,
        };
        if messages.is_closed() {
            return;
        }
        if !std::mem::replace(&mut down, true) {
            tracing::warn!(url = shared.url, path, %error, "the stream of messages is down");
        }
        sleep(backoff.pause()).await;
    }
}

async fn open(shared: &Shared, path: &str) -> Result<Incoming, LinkError> {
    let request = shared
        .request(Method::GET, path)
        .header(header::ACCEPT, "text/event-stream")
        .body(Full::new(Bytes::new()))
        .map_err(|error| shared.unusable(&error))?;
    let response = timeout(OPEN_TIMEOUT, shared.http.request(request))
        .await
        .map_err(|_| shared.interrupted(format!("no stream within {OPEN_TIMEOUT:?}")))?
        .map_err(|error| shared.failed(&error))?;
    if !response.status().is_success() {
        return Err(shared.interrupted(format!("HTTP status {}", response.status())));
    }
    Ok(response.into_body())
}

/// Passes messages on until the stream or its receiver ends; says why.
async fn read(shared: &Shared, mut body: Incoming, messages: &Sender<Message>) -> LinkError {
    let mut events = Events::default();
    loop {
        let frame = tokio::select! {
            () = messages.closed() => return shared.interrupted("nobody receives".into()),
            frame = timeout(SILENCE, body.frame()) => frame,
        };
        let data = match frame {
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            Ok(Some(Err(error))) => return shared.interrupted(error.to_string()),
            Ok(None) => return shared.interrupted("the server ended the stream".into()),
            Err(_) => return shared.interrupted(format!("nothing came for {SILENCE:?}")),
        };
        if let Err(error) = events.push(&data) {
            return shared.interrupted(error.to_string());
        }
        while let Some(event) = events.next() {
            let Some(message) = Message::from_json(&event) else {
                // A later server may send what this client does not know.
                tracing::debug!(event, "an unknown message is ignored");
                continue;
            };
            if messages.send(message).await.is_err() {
                return shared.interrupted("nobody receives".into());
            }
        }
    }
}
