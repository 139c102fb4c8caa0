//! What was promised to whom, and whether it was kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use abide_node_shuttle::{Config, Node};
use abide_protocol::{Message, PromiseState, Request, Response, Status};
use shuttle::future::block_on;

use super::{callers, ears::MEMBERS, store::Disk};

/// What was acknowledged.
#[derive(Default)]
pub(super) struct Book {
    /// By promise: what its caller knows of it.
    pub(super) promises: BTreeMap<String, Known>,
    /// The promises whose listeners have taken the message.
    pub(super) heard: BTreeSet<String>,
}

/// What was acknowledged about a promise.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) created: bool,
    pub(super) listened: bool,
    pub(super) settled: bool,
}

/// A book that threads share. Its lock is never held while another thread may go on.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<Mutex<Book>>);

impl Shared {
    pub(super) fn with<T>(&self, with: impl FnOnce(&mut Book) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes the answer to a request about a promise.
    pub(super) fn answered(&self, request: &Request, response: &Response) {
        let done = matches!(response.status, Status::Ok);
        let known = |status| matches!(status, Status::Ok | Status::Unavailable);
        self.with(|book| match request {
            Request::PromiseCreate(create) => {
                assert!(known(response.status), "{response:?}");
                book.promises.entry(create.id.to_string()).or_default().created |= done;
            }
            Request::PromiseRegisterListener(listen) => {
                let promise = book.promises.entry(listen.awaited.to_string()).or_default();
                assert!(known(response.status) || !promise.created, "{response:?}");
                promise.listened |= done;
            }
            Request::PromiseSettle(settle) => {
                let promise = book.promises.entry(settle.id.to_string()).or_default();
                assert!(known(response.status) || !promise.created, "{response:?}");
                promise.settled |= done;
            }
            Request::PromiseGet(get) => {
                let promise = book.promises.get(get.id.as_str()).copied().unwrap_or_default();
                seen(&get.id, promise, response);
            }
            _ => {}
        });
    }
}

/// Whether a read tells all that was acknowledged before it was asked for.
fn seen(id: &str, known: Known, response: &Response) {
    match response.status {
        Status::Unavailable => {}
        Status::NotFound => assert!(!known.created, "{id} was acknowledged and is not there"),
        _ => {
            let state = response.promise().expect("a promise").state;
            let settled = state != PromiseState::Pending;
            assert!(settled || !known.settled, "{id} was settled and is pending");
        }
    }
}

/// Opens what is left on the disk once more, and holds it to the book.
pub(super) fn kept(disk: &Arc<Disk>, book: &Shared) {
    let (promises, heard) = book.with(|book| (book.promises.clone(), book.heard.clone()));
    // This one behaves.
    let again = disk.healed();
    let opener = move || again.open();
    let node = block_on(Node::open_with(opener, Config::default())).expect("it can be opened");
    for (id, known) in &promises {
        let response = block_on(node.call(callers::get(id)));
        assert!(response.status != Status::Unavailable, "{response:?}");
        seen(id, *known, &response);
    }
    let mut members: Vec<_> = MEMBERS.iter().map(|member| node.connect("g", member)).collect();
    let mut pushes = node.pushes();
    // What is offered at once is there when the next call is answered.
    block_on(node.call(callers::get("nothing")));
    let mut waiting = heard;
    for member in &mut members {
        while let Some(message) = member.try_next() {
            if let Message::Unblock { promise } = message {
                waiting.insert(promise.id.to_string());
            }
        }
    }
    let closing = shuttle::thread::spawn(move || block_on(node.close()));
    while let Some(push) = block_on(pushes.next()) {
        if let Message::Unblock { promise } = &push.message {
            waiting.insert(promise.id.to_string());
        }
        push.taken();
    }
    closing.join().expect("it closes");
    for (id, known) in &promises {
        let told = !(known.listened && known.settled) || waiting.contains(id);
        assert!(told, "{id} was settled and its listener never told");
    }
}
