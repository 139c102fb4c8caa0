use abide_protocol::Message;
use tokio::{sync::mpsc, task::AbortHandle};

/// The messages of one member of a group, from [`Link::connect`](crate::Link::connect).
pub struct Messages {
    source: Source,
}

enum Source {
    Channel {
        messages: mpsc::Receiver<Message>,
        _reader: Option<Reader>,
    },
    #[cfg(feature = "node")]
    Node(abide_node::Subscription),
}

/// The task that fills the channel; it ends with the messages.
struct Reader(AbortHandle);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Messages {
    /// Messages out of a channel, for a link of one's own.
    pub fn from_channel(messages: mpsc::Receiver<Message>) -> Self {
        Messages { source: Source::Channel { messages, _reader: None } }
    }

    pub(crate) fn from_reader(messages: mpsc::Receiver<Message>, reader: AbortHandle) -> Self {
        Messages { source: Source::Channel { messages, _reader: Some(Reader(reader)) } }
    }

    #[cfg(feature = "node")]
    pub(crate) fn from_node(subscription: abide_node::Subscription) -> Self {
        Messages { source: Source::Node(subscription) }
    }

    /// The next message; `None` when there will be no more because the engine was closed.
    ///
    /// It is cancel safe: a message is lost to nobody when the future is dropped.
    pub async fn next(&mut self) -> Option<Message> {
        match &mut self.source {
            Source::Channel { messages, .. } => messages.recv().await,
            #[cfg(feature = "node")]
            Source::Node(subscription) => subscription.next().await,
        }
    }
}
