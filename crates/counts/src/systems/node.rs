use std::sync::Arc;

use abide_node::{Config, Inline, Receiver};
use abide_protocol::{Id, Message, Millis, Request, Response};
use abide_store::MemoryStore;

use super::System;
use crate::requests::{GROUP, NOW, PID};

/// The shard over a store in memory, by way of the record codec; each batch is durable at once.
pub(crate) struct Node(Inline);

impl Node {
    /// A member of a group is there.
    pub(crate) fn connect(&mut self, group: &str, id: &str) {
        let receiver = Receiver::Member { group: group.into(), id: id.into() };
        self.0.connect(receiver, NOW);
    }

    /// The messages that have left since this was last asked; each is taken.
    pub(crate) fn messages(&mut self) -> Vec<Message> {
        let deliveries = self.0.deliveries();
        for delivery in &deliveries {
            if let Some(number) = delivery.delivery {
                self.0.report(number, true, NOW);
            }
        }
        deliveries.into_iter().map(|delivery| delivery.message).collect()
    }

    /// Does what is due at this time.
    pub(crate) fn tick(&mut self, now: Millis) {
        self.0.tick(now);
    }
}

impl Default for Node {
    fn default() -> Self {
        let store = Arc::new(MemoryStore::new());
        let node = Inline::open(store, &Config::default(), NOW);
        let mut node = Node(node.expect("a store that nobody else has can be opened"));
        node.connect(GROUP, PID);
        node
    }
}

impl System for Node {
    fn call(&mut self, request: Request) -> Response {
        self.0.call(request, NOW)
    }

    fn offers(&mut self) -> Vec<(Id, i64)> {
        let offer = |message| match message {
            Message::Execute { id, version } => (id, version),
            other => unreachable!("no script listens, and this was sent: {other:?}"),
        };
        self.messages().into_iter().map(offer).collect()
    }
}
