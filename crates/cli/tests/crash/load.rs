//! The load: each connection carries out its scripts until the server is gone.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use abide_client::{HttpLink, Link};
use abide_protocol::{Millis, Status};
use tokio::task::JoinHandle;

use crate::script::{Script, Step};

/// The scripts of one connection.
#[derive(Debug)]
pub struct Book {
    /// Names the scripts.
    pub name: String,
    /// How many were begun.
    pub begun: usize,
    /// The scripts that are not finished.
    pub open: Vec<Script>,
    /// The scripts that are.
    pub finished: Vec<Script>,
    pub rng: fastrand::Rng,
}

/// How many scripts a connection has open at a time.
const OPEN: usize = 4;

/// The connections at work.
pub struct Load(Vec<JoinHandle<Book>>);

impl Load {
    pub fn start(
        runtime: &tokio::runtime::Runtime,
        books: Vec<Book>,
        link: impl Fn() -> HttpLink,
    ) -> Self {
        let work = |book| runtime.spawn(work(book, link()));
        Load(books.into_iter().map(work).collect())
    }

    /// Waits until all have noticed that the server is gone.
    pub async fn stopped(self) -> Vec<Book> {
        let mut books = Vec::new();
        for handle in self.0 {
            books.push(handle.await.expect("a connection found what it must not"));
        }
        books
    }
}

pub fn now() -> Millis {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    Millis::try_from(now.as_millis()).expect("it is before the end of time")
}

async fn work(mut book: Book, link: HttpLink) -> Book {
    loop {
        while book.open.len() < OPEN {
            let root = format!("{}-{}", book.name, book.begun);
            book.begun += 1;
            book.open.push(Script::draw(root, now(), &mut book.rng));
        }
        let place = book.rng.usize(..book.open.len());
        if !step(&mut book.open[place], &link).await {
            return book;
        }
        if book.open[place].next().is_none() {
            let script = book.open.swap_remove(place);
            book.finished.push(script);
        }
    }
}

/// Takes the next step of a script. False when the server did not answer.
pub async fn step(script: &mut Script, link: &HttpLink) -> bool {
    let Some((step, request)) = script.next() else { return true };
    if step == Step::Acquire {
        // It follows a resume, which comes right after the settlement that caused it.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    script.doubt = true;
    let Ok(response) = link.call(request.clone()).await else { return false };
    if response.status == Status::Unavailable {
        // It is closing, or cannot commit: carried out or not.
        return false;
    }
    if step == Step::Acquire && response.status == Status::Conflict {
        // Not resumed yet: the same step again.
        script.doubt = false;
        return true;
    }
    assert_eq!(response.status, Status::Ok, "{script:#?}\n{request:#?}\n{response:#?}");
    script.doubt = false;
    script.done += 1;
    if step == Step::Listen && response.promise().expect("it answers with it").is_pending() {
        script.listened.insert(script.root.clone());
    }
    true
}
