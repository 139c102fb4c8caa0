use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use abide_protocol::Message;
use tokio::{sync::oneshot, task::JoinHandle};

use super::{children::Children, stream::Stream};
use crate::Fault;

/// One worker with one stream, as a process of an SDK has it. It hands each task to the lane that
/// waits for it; tasks of children, for which none waits, are executed at once.
pub(crate) struct Mailbox {
    group: String,
    waiting: Arc<Mutex<HashMap<String, oneshot::Sender<i64>>>>,
    reader: JoinHandle<()>,
}

impl Mailbox {
    pub(super) async fn open(address: SocketAddr, group: String) -> Result<Arc<Self>, Fault> {
        let mut stream = Stream::open(address, &group, "worker").await?;
        let children = Children::open(address).await?;
        let waiting: Arc<Mutex<HashMap<String, oneshot::Sender<i64>>>> = Arc::default();
        let lanes = waiting.clone();
        let reader = tokio::spawn(async move {
            // The stream ends with the server; what it has not brought by then nobody waits for.
            while let Ok(message) = stream.next().await {
                let Message::Execute { id, version } = message else { continue };
                let lane = lanes.lock().unwrap_or_else(PoisonError::into_inner).remove(&*id);
                match lane {
                    Some(lane) => drop(lane.send(version)),
                    None if id.contains(':') => children.execute(id.to_string(), version),
                    None => {}
                }
            }
        });
        Ok(Arc::new(Mailbox { group, waiting, reader }))
    }

    /// The address of whoever reads this mailbox.
    pub(super) fn target(&self) -> String {
        format!("poll://any@{}", self.group)
    }

    /// Waits for the next offer of a task, which gives its version. Ask before that can come.
    pub(super) fn offer(&self, id: &str) -> oneshot::Receiver<i64> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.insert(id.to_owned(), sender);
        receiver
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.reader.abort();
    }
}
