//! The load: each connection carries out its scripts until the server is gone.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use abide_client::HttpLink;
use tokio::task::JoinHandle;

use super::book::Book;

/// The connections at work.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    work: Vec<JoinHandle<Book>>,
}

impl Load {
    /// Puts connections to work, within a runtime.
    pub(crate) fn start(books: Vec<Book>, link: impl Fn() -> HttpLink) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let work = books.into_iter().map(|book| {
            let (link, stop) = (link(), stop.clone());
            tokio::spawn(async move { book.work(link, &stop).await })
        });
        Load { work: work.collect(), stop }
    }

    /// Waits until all have noticed that the server is gone.
    pub(crate) async fn ended(self) -> Vec<Book> {
        let mut books = Vec::new();
        for handle in self.work {
            books.push(handle.await.expect("a connection found what it must not"));
        }
        books
    }

    /// Has all stop after what they are waiting for.
    pub(crate) async fn stop(self) -> Vec<Book> {
        self.stop.store(true, Ordering::Relaxed);
        self.ended().await
    }

    /// Whether a connection has given up: the server is gone, or says that it cannot go on.
    pub(crate) fn gave_up(&self) -> bool {
        self.work.iter().any(JoinHandle::is_finished)
    }
}
