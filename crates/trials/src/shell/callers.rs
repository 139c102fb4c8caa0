//! Threads that call.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
};

use abide_node_shuttle::{Asked, Node, sync::thread};
use abide_protocol::{
    Millis, PromiseCreate, PromiseGet, PromiseSettle, RegisterListener, Request, Response,
    SettleState, Status, Tags, tag,
};
use shuttle::{
    future::block_on,
    rand::{Rng, thread_rng},
};

use super::{ears::ADDRESSES, rules::Shared};

/// A deadline that no schedule reaches.
pub(super) const FAR: Millis = 9_000_000_000_000;

pub(super) fn create(id: &str, timeout_at: Millis, tags: &[(&str, &str)]) -> Request {
    let tags = Arc::new(tags.iter().copied().collect::<Tags>());
    Request::PromiseCreate(PromiseCreate { id: id.into(), timeout_at, param: Arc::default(), tags })
}

pub(super) fn targeted(id: &str, address: &str) -> Request {
    create(id, FAR, &[(tag::TARGET, address)])
}

pub(super) fn get(id: &str) -> Request {
    Request::PromiseGet(PromiseGet { id: id.into() })
}

pub(super) fn listen(id: &str, address: &str) -> Request {
    let (awaited, address) = (id.into(), address.into());
    Request::PromiseRegisterListener(RegisterListener { awaited, address })
}

pub(super) fn settle(id: &str) -> Request {
    let (state, value) = (SettleState::Resolved, Arc::default());
    Request::PromiseSettle(PromiseSettle { id: id.into(), state, value })
}

/// Calls once, and notes what was answered.
pub(super) fn call(node: &Node, book: &Shared, request: Request) -> Response {
    let response = block_on(node.call(request.clone()));
    book.answered(&request, &response);
    response
}

/// Calls until it is done: not for when the node may be closed.
pub(super) fn insist(node: &Node, book: &Shared, request: Request) {
    while call(node, book, request.clone()).status == Status::Unavailable {
        thread::yield_now();
    }
}

/// Does a few things to promises of its own.
pub(super) fn run(number: usize, node: &Node, book: &Shared) {
    for step in 0..thread_rng().gen_range(1..4) {
        let id = format!("c{number}-{step}");
        let address = ADDRESSES[thread_rng().gen_range(0..ADDRESSES.len())];
        match thread_rng().gen_range(0..6) {
            0 => drop(call(node, book, targeted(&id, address))),
            1 => {
                call(node, book, create(&id, FAR, &[]));
                call(node, book, get(&id));
            }
            2 => leave(node, create(&id, FAR, &[]), thread_rng().gen_range(0..3)),
            3 => together(node, book, &id, address),
            4 => each(node, book, &id),
            _ => {
                call(node, book, create(&id, FAR, &[]));
                call(node, book, listen(&id, address));
                call(node, book, settle(&id));
                call(node, book, get(&id));
            }
        }
    }
}

/// Calls, and goes away before the answer is there.
pub(super) fn leave(node: &Node, request: Request, polls: usize) {
    let mut call = pin!(node.call(request));
    for _ in 0..polls {
        if call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return;
        }
        thread::yield_now();
    }
}

/// Asks for several things at once, and waits for most of them.
fn each(node: &Node, book: &Shared, id: &str) {
    let requests = ["a", "b", "c"].map(|part| create(&format!("{id}{part}"), FAR, &[]));
    let (asked, answers): (Vec<_>, Vec<_>) =
        requests.iter().map(|request| Asked::new(request.clone(), None)).unzip();
    block_on(node.call_each(asked));
    let waits_for = thread_rng().gen_range(1..=requests.len());
    for (request, answer) in requests.iter().zip(answers).take(waits_for) {
        book.answered(request, &block_on(answer));
    }
}

/// The same as one by one, in a batch.
fn together(node: &Node, book: &Shared, id: &str, address: &str) {
    let requests = [create(id, FAR, &[]), listen(id, address), settle(id), get(id)];
    let batch = requests.iter().map(|request| (request.clone(), None)).collect();
    let answers = block_on(node.call_all(batch));
    assert_eq!(answers.len(), requests.len(), "an answer for each");
    let refused = answers.iter().position(|answer| answer.status != Status::Ok);
    for answer in &answers[refused.unwrap_or(answers.len())..] {
        assert_eq!(answer.status, Status::Unavailable, "after one is refused, all are");
    }
    for (request, answer) in requests.iter().zip(&answers) {
        book.answered(request, answer);
    }
}
