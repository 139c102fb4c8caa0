//! Threads that listen.

use abide_node_shuttle::{Node, Subscription, sync::thread};
use abide_protocol::Message;
use shuttle::{
    future::block_on,
    rand::{Rng, thread_rng},
};

use super::rules::Shared;

/// The members of the group.
pub(super) const MEMBERS: &[&str] = &["m0", "m1"];

/// Where messages go.
pub(super) const ADDRESSES: &[&str] =
    &["poll://any@g", "poll://any@g/m0", "poll://uni@g/m1", "http://hook/"];

/// Connects a few times and takes what comes, for a while or until the node is closed.
pub(super) fn member(name: &str, node: &Node, book: &Shared) {
    for _ in 0..thread_rng().gen_range(1..4) {
        let mut subscription = node.connect("g", name);
        match thread_rng().gen_range(0..3) {
            0 => glance(&mut subscription, book),
            1 => {}
            _ => {
                to_the_end(&mut subscription, book);
                return;
            }
        }
    }
}

/// Looks a few times whether there is something.
fn glance(subscription: &mut Subscription, book: &Shared) {
    for _ in 0..thread_rng().gen_range(0..4) {
        if let Some(message) = subscription.try_next() {
            hear(&message, book);
        }
        thread::yield_now();
    }
}

/// Takes everything; some of it only after it has come twice.
fn to_the_end(subscription: &mut Subscription, book: &Shared) {
    while let Some((message, receipt)) = block_on(subscription.next_with_receipt()) {
        let refused = receipt.is_some() && thread_rng().gen_range(0..4) == 0;
        if !refused {
            hear(&message, book);
            if let Some(receipt) = receipt {
                receipt.taken();
            }
        }
    }
    assert!(block_on(subscription.next()).is_none(), "a stream that has ended goes on");
    assert!(subscription.try_next().is_none(), "a stream that has ended goes on");
}

/// Posts what is to be posted, until the node is closed or somebody else does.
pub(super) fn poster(node: &Node, book: &Shared) {
    let mut pushes = node.pushes();
    while let Some(push) = block_on(pushes.next()) {
        match thread_rng().gen_range(0..4) {
            0 => push.refused(),
            _ => {
                hear(&push.message, book);
                push.taken();
            }
        }
    }
}

pub(super) fn hear(message: &Message, book: &Shared) {
    if let Message::Unblock { promise } = message {
        book.with(|book| book.heard.insert(promise.id.to_string()));
    }
}
