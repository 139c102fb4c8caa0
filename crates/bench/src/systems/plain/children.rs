use std::{net::SocketAddr, sync::Arc};

use tokio::sync::{
    Mutex,
    mpsc::{self, UnboundedReceiver, UnboundedSender},
};

use super::{connection::Connection, envelopes};
use crate::Fault;

/// How many children are executed at one time.
const AT_A_TIME: usize = 64;

/// Executes the tasks of remote calls, which do nothing.
pub(crate) struct Children {
    offers: UnboundedSender<(String, i64)>,
}

impl Children {
    pub(super) async fn open(address: SocketAddr) -> Result<Self, Fault> {
        let (offers, taken) = mpsc::unbounded_channel();
        let taken = Arc::new(Mutex::new(taken));
        for _ in 0..AT_A_TIME {
            let connection = Connection::open(address).await?;
            tokio::spawn(execute(connection, taken.clone()));
        }
        Ok(Children { offers })
    }

    /// What is offered waits here for a free connection: as much as is in flight, no more.
    pub(super) fn execute(&self, id: String, version: i64) {
        // The executors end after this.
        let _ = self.offers.send((id, version));
    }
}

async fn execute(mut connection: Connection, offers: Arc<Mutex<UnboundedReceiver<(String, i64)>>>) {
    loop {
        let offer = offers.lock().await.recv().await;
        let Some((id, version)) = offer else { return };
        let done = async {
            // A conflict: it was offered twice, and somebody has it.
            if connection.ask(&envelopes::acquire(&id, version)).await? == 409 {
                return Ok(());
            }
            connection.post(&envelopes::fulfill(&id, version + 1)).await
        };
        if let Err(error) = done.await {
            eprintln!("{id} is not executed: {error}");
        }
    }
}
