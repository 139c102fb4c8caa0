//! `POST /batch` and `GET /extensions`, as a client of them.

use std::sync::Arc;

use abide_protocol::{Extensions, Kind, Response, UnreadableResponse, batch};
use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::Full;
use tokio::sync::oneshot;

use crate::{
    LinkError,
    http_link::Shared,
    lanes::{Group, MESSAGE_BYTES, MESSAGE_REQUESTS},
};

/// A request as it travels.
pub(crate) struct Item {
    pub(crate) kind: Kind,
    pub(crate) envelope: Vec<u8>,
}

/// Requests that belong together, and who waits for their answers.
pub(crate) struct Waiting {
    items: Vec<Item>,
    answer: oneshot::Sender<Result<Answered, LinkError>>,
}

/// What came of a group.
#[derive(Clone, Debug)]
pub(crate) enum Answered {
    /// The answers, in order.
    Each(Vec<Response>),
    /// The server does not serve `/batch`: nothing was carried out.
    NotServed,
    /// The server refused the message as a whole: nothing was carried out.
    Refused,
}

impl Shared {
    /// Sends requests in order, in as few messages as they fit into.
    pub(crate) async fn send_all(
        self: &Arc<Self>,
        items: Vec<Item>,
    ) -> Result<Answered, LinkError> {
        let mut answers = Vec::with_capacity(items.len());
        for group in divide(items) {
            match self.send(group).await? {
                Answered::Each(more) => answers.extend(more),
                // What came before is as good as not carried out: it is harmless to repeat.
                other => return Ok(other),
            }
        }
        Ok(Answered::Each(answers))
    }

    /// Sends a group that fits into one message, with others if there is a crowd.
    async fn send(self: &Arc<Self>, items: Vec<Item>) -> Result<Answered, LinkError> {
        let (answer, answered) = oneshot::channel();
        let (requests, bytes) = (items.len(), size(&items));
        let group = Group { content: Waiting { items, answer }, requests, bytes };
        let message = self.lanes().push(group);
        if let Some(message) = message {
            tokio::spawn(carry(self.clone(), message));
        }
        answered.await.unwrap_or_else(|_| Err(self.interrupted("the runtime is ending".into())))
    }

    async fn exchange_all(&self, message: &[Waiting]) -> Result<Answered, LinkError> {
        let items = || message.iter().flat_map(|group| &group.items);
        let length: usize = items().map(|item| item.envelope.len() + 1).sum();
        let mut body = Vec::with_capacity(length + 1);
        for item in items() {
            body.push(if body.is_empty() { b'[' } else { b',' });
            body.extend_from_slice(&item.envelope);
        }
        body.push(b']');
        let (status, body) = self.exchange_in_time(self.post(&self.batches, body)).await?;
        match status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                return Ok(Answered::NotServed);
            }
            status if status.is_server_error() => {
                return Err(self.interrupted(format!("HTTP status {status}")));
            }
            _ => return Ok(Answered::Refused),
        }
        let kinds: Vec<Kind> = items().map(|item| item.kind).collect();
        let unreadable = |UnreadableResponse(reason)| {
            let url = self.url.clone();
            LinkError::Unreadable { url, reason }
        };
        batch::responses(&kinds, &body).map(Answered::Each).map_err(unreadable)
    }

    /// Asks which extensions the server offers, and notes it.
    pub(crate) async fn negotiate(&self) -> Result<Extensions, LinkError> {
        let request = self.request(Method::GET, "/extensions").body(Full::new(Bytes::new()));
        let request = request.map_err(|error| self.unusable(&error))?;
        let (status, body) = self.exchange_in_time(request).await?;
        if status.is_server_error() {
            return Err(self.interrupted(format!("HTTP status {status}")));
        }
        // Whatever else answers is a server that has not heard of extensions.
        let names =
            (status == StatusCode::OK).then(|| serde_json::from_slice::<Vec<String>>(&body));
        let offered = match names {
            Some(Ok(names)) => Extensions::from_names(names),
            _ => Extensions::none(),
        };
        if self.set_extensions(offered) != offered {
            tracing::debug!(url = self.url, ?offered, "the server's extensions");
        }
        Ok(offered)
    }
}

/// Sends a message, and after it whatever has gathered in its lane.
async fn carry(shared: Arc<Shared>, message: Vec<Waiting>) {
    let mut next = Some(message);
    while let Some(message) = next {
        let answered = shared.exchange_all(&message).await;
        let mut answers = match answered {
            Ok(Answered::Each(answers)) => Ok(answers.into_iter()),
            other => Err(other),
        };
        for Waiting { items, answer } in message {
            let share = match &mut answers {
                Ok(answers) => Ok(Answered::Each(answers.by_ref().take(items.len()).collect())),
                Err(other) => other.clone(),
            };
            // Whoever has stopped waiting needs no answer.
            let _ = answer.send(share);
        }
        next = shared.lanes().done();
    }
}

fn size(items: &[Item]) -> usize {
    items.iter().map(|item| item.envelope.len() + 1).sum()
}

/// Divides a group that is too large for one message.
fn divide(items: Vec<Item>) -> Vec<Vec<Item>> {
    let mut groups: Vec<Vec<Item>> = Vec::new();
    let mut bytes = 0;
    for item in items {
        bytes += item.envelope.len() + 1;
        match groups.last_mut() {
            Some(group) if group.len() < MESSAGE_REQUESTS && bytes <= MESSAGE_BYTES => {
                group.push(item);
            }
            _ => {
                bytes = item.envelope.len() + 1;
                groups.push(vec![item]);
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_divided_where_a_message_is_full() {
        let item = |bytes: usize| Item { kind: Kind::PromiseGet, envelope: vec![b' '; bytes - 1] };
        let sizes = |items: Vec<Item>| divide(items).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(Vec::new()), [0; 0]);
        assert_eq!(sizes((0..2_500).map(|_| item(10)).collect()), [1_024, 1_024, 452]);
        let half = MESSAGE_BYTES / 2;
        let large = [half, half, half, 2 * MESSAGE_BYTES, 1, 1];
        assert_eq!(
            sizes(large.into_iter().map(|bytes| item(bytes.max(2))).collect()),
            [2, 1, 1, 2]
        );
    }
}
