use std::{
    sync::Arc,
    task::{Context, Poll},
};

use abide_engine::{Input, Receiver};
use abide_protocol::Message;

use crate::{letter::Letter, receipt::Receipt, shared::Shared, sync::mpsc};

/// The messages for a member of a group, for as long as it exists.
///
/// What waits for the member is offered to it at once. Messages come in no particular order. A message counts as taken when it is handed
/// out, unless it is asked for with its receipt; what is left when the subscription is dropped goes to other members or waits for one.
pub struct Subscription {
    shared: Arc<Shared>,
    group: Arc<str>,
    id: Arc<str>,
    number: u64,
    queue: mpsc::Receiver<Letter>,
}

impl Subscription {
    pub(crate) fn new(shared: Arc<Shared>, group: &str, id: &str) -> Self {
        let (sender, queue) = mpsc::channel(shared.config.queue.max(1));
        let (group, id): (Arc<str>, Arc<str>) = (group.into(), id.into());
        let mut number = 0;
        shared.drive(|state| {
            if state.is_open() {
                number = state.registry.join(&group, &id, sender);
                let receiver = Receiver::Member { group: group.clone(), id: id.clone() };
                state.feed(Input::Connected { receiver });
            }
        });
        Subscription { shared, group, id, number, queue }
    }

    /// The next message; `None` when the node is closed. It may be dropped while it waits without
    /// losing a message.
    pub async fn next(&mut self) -> Option<Message> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// The same for those who poll.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Message>> {
        self.queue.poll_recv(context).map(|letter| letter.map(Letter::take))
    }

    /// The next message if there is one now.
    pub fn try_next(&mut self) -> Option<Message> {
        self.queue.try_recv().ok().map(Letter::take)
    }

    /// The next message, with its receipt if it must not be lost. For those who pass it on: it
    /// counts as taken when the receipt says so, and not before.
    pub async fn next_with_receipt(&mut self) -> Option<(Message, Option<Receipt>)> {
        self.queue.recv().await.map(Letter::split)
    }

    /// The same if there is one now.
    pub fn try_next_with_receipt(&mut self) -> Option<(Message, Option<Receipt>)> {
        self.queue.try_recv().ok().map(Letter::split)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let receiver = Receiver::Member { group: self.group.clone(), id: self.id.clone() };
        self.shared.drive(|state| {
            if self.number == 0 {
                return;
            }
            state.registry.leave(&self.group, self.number);
            state.feed(Input::Disconnected { receiver });
        });
        // What is unread, and what is on its way, goes to others as its letters are dropped.
    }
}
