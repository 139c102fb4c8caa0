//! Throughput: creating, creating and settling, and the life cycle of a task.

use std::{cell::RefCell, collections::HashMap, io, rc::Rc};

use abide_protocol::Message;
use tokio::sync::oneshot;

use crate::{
    Fault,
    arguments::Arguments,
    connection::Connection,
    envelopes,
    load::{self, Slot},
    process::Server,
    report,
    stream::Stream,
};

pub(crate) async fn run(arguments: &Arguments) -> Result<(), Fault> {
    report::heading();
    if arguments.runs("get") {
        sweep(arguments, "get", async |_| Ok(|connection| Get { connection, id: String::new() }))
            .await?;
    }
    if arguments.runs("create") {
        sweep(arguments, "create", async |_| Ok(|connection| Create { connection })).await?;
    }
    if arguments.runs("settle") {
        let slot = async |_: &_| Ok(|connection| CreateAndSettle { connection });
        sweep(arguments, "create + settle", slot).await?;
    }
    if arguments.runs("life") {
        sweep(arguments, "life cycle", async |server| {
            let worker = Worker::open(server).await?;
            Ok(move |connection| LifeCycle { connection, waiting: worker.waiting.clone() })
        })
        .await?;
    }
    println!();
    Ok(())
}

/// Measures an operation with each number in flight, each time over an empty store.
async fn sweep<S: Slot + 'static, F: FnMut(Connection) -> S>(
    arguments: &Arguments,
    name: &str,
    slot: impl AsyncFn(&Server) -> Result<F, Fault>,
) -> Result<(), Fault> {
    for &in_flight in &arguments.in_flight {
        let server = Server::start(arguments).await?;
        let mut slot = slot(&server).await?;
        let mut slots = Vec::new();
        for _ in 0..in_flight {
            slots.push(slot(Connection::open(server.address).await?));
        }
        report::row(name, load::run(&server, slots, arguments.time).await?);
        server.stop().await?;
    }
    Ok(())
}

struct Get {
    connection: Connection,
    id: String,
}

impl Slot for Get {
    async fn operate(&mut self, id: &str) -> io::Result<()> {
        // Created once by each slot; what is measured is reading it.
        if self.id.is_empty() {
            self.connection.post(&envelopes::create(id)).await?;
            self.id = id.to_owned();
        }
        self.connection.post(&envelopes::get(&self.id)).await.map(drop)
    }
}

struct Create {
    connection: Connection,
}

impl Slot for Create {
    async fn operate(&mut self, id: &str) -> io::Result<()> {
        self.connection.post(&envelopes::create(id)).await.map(drop)
    }
}

struct CreateAndSettle {
    connection: Connection,
}

impl Slot for CreateAndSettle {
    async fn operate(&mut self, id: &str) -> io::Result<()> {
        self.connection.post(&envelopes::create(id)).await?;
        self.connection.post(&envelopes::settle(id)).await.map(drop)
    }
}

/// Who waits for the delivery of which task.
type Waiting = Rc<RefCell<HashMap<String, oneshot::Sender<i64>>>>;

/// One worker with one stream; it hands each task to the slot that waits for it.
struct Worker {
    waiting: Waiting,
}

impl Worker {
    async fn open(server: &Server) -> io::Result<Self> {
        let mut stream = Stream::open(server.address, "bench", "worker").await?;
        let waiting = Waiting::default();
        let slots = waiting.clone();
        tokio::task::spawn_local(async move {
            // The stream ends with the server; what it has not brought by then nobody waits for.
            while let Ok(message) = stream.next().await {
                let Message::Execute { id, version } = message else { continue };
                if let Some(slot) = slots.borrow_mut().remove(&*id) {
                    let _ = slot.send(version);
                }
            }
        });
        Ok(Worker { waiting })
    }
}

struct LifeCycle {
    connection: Connection,
    waiting: Waiting,
}

impl Slot for LifeCycle {
    async fn operate(&mut self, id: &str) -> io::Result<()> {
        let (sender, offered) = oneshot::channel();
        self.waiting.borrow_mut().insert(id.to_owned(), sender);
        self.connection.post(&envelopes::create_for(id, "poll://any@bench")).await?;
        let version = offered.await.map_err(io::Error::other)?;
        self.connection.post(&envelopes::acquire(id, version)).await?;
        self.connection.post(&envelopes::fulfill(id, version + 1)).await.map(drop)
    }
}
