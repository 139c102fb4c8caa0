//! The threads on which connections are served.

use std::{
    io,
    num::NonZero,
    sync::Arc,
    thread::{self, available_parallelism},
};

use abide_node::Node;
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

use crate::intake::Intake;

/// The most event loops. One shard decides everything, and they only read and write HTTP: four keep
/// a shard busy.
const EVENT_LOOPS: usize = 4;

/// Threads with an event loop each. A connection stays on one of them, so that no thread takes work
/// from another.
///
/// What is still being served when this is dropped is cut off.
pub(crate) struct EventLoops(Vec<EventLoop>);

struct EventLoop {
    handle: Handle,
    /// Where its connections hand in what they ask for.
    intake: Intake,
    /// Shared with each connection that is served.
    serving: Arc<()>,
    /// The thread ends when this is dropped.
    _open: oneshot::Sender<()>,
}

impl EventLoops {
    /// One for two cores, and no more than keep a shard busy: what two of them share, the shard above
    /// all, moves from core to core, and the thread that syncs needs a core, too.
    ///
    /// # Errors
    /// When the system has no thread or no file left.
    pub(crate) fn start(node: &Node) -> io::Result<Self> {
        let cores = available_parallelism().map_or(1, NonZero::get);
        let loops = (0..(cores / 2).clamp(1, EVENT_LOOPS)).map(|_| EventLoop::start(node.clone()));
        loops.collect::<io::Result<_>>().map(EventLoops)
    }

    /// Serves a connection on the thread that serves the fewest.
    pub(crate) fn serve<C>(&self, connection: impl FnOnce(Intake) -> C)
    where
        C: Future<Output = ()> + Send + 'static,
    {
        let fewest = self.0.iter().min_by_key(|event_loop| Arc::strong_count(&event_loop.serving));
        let Some(EventLoop { handle, intake, serving, .. }) = fewest else { return };
        let (connection, serving) = (connection(intake.clone()), serving.clone());
        handle.spawn(async move {
            connection.await;
            drop(serving);
        });
    }
}

impl EventLoop {
    fn start(node: Node) -> io::Result<Self> {
        let (open, closed) = oneshot::channel();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let intake = Intake::start(node, &handle);
        let thread = thread::Builder::new().name("abide-serve".into());
        thread.spawn(move || runtime.block_on(closed))?;
        Ok(EventLoop { handle, intake, serving: Arc::new(()), _open: open })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Mutex, mpsc},
        thread::ThreadId,
    };

    use abide_node::Config;
    use abide_store::MemoryStore;

    use super::*;

    async fn loops(count: usize) -> EventLoops {
        let node = Node::open(Arc::new(MemoryStore::new()), Config::default()).await.unwrap();
        EventLoops((0..count).map(|_| EventLoop::start(node.clone()).unwrap()).collect())
    }

    /// Each thread serves as many as the others.
    #[tokio::test]
    async fn connections_are_shared_out() {
        let loops = loops(3).await;
        let (sender, threads) = mpsc::channel();
        for _ in 0..6 {
            let sender = sender.clone();
            loops.serve(|_| async move {
                sender.send(thread::current().id()).unwrap();
                std::future::pending().await
            });
        }
        let mut threads: Vec<ThreadId> = threads.iter().take(6).collect();
        threads.sort_by_key(|thread| format!("{thread:?}"));
        assert!(threads.chunks(2).all(|pair| pair[0] == pair[1]), "{threads:?}");
        threads.dedup();
        assert_eq!(threads.len(), 3);
    }

    #[tokio::test]
    async fn what_is_served_when_they_go_is_cut_off() {
        struct Told(mpsc::Sender<()>);
        impl Drop for Told {
            fn drop(&mut self) {
                self.0.send(()).unwrap();
            }
        }
        let (sender, cut_off) = mpsc::channel();
        let loops = loops(2).await;
        let told = Mutex::new(Told(sender));
        loops.serve(|_| async move {
            let _told = told;
            std::future::pending().await
        });
        drop(loops);
        cut_off.recv().unwrap();
    }
}
