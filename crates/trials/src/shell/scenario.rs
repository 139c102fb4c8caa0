//! What happens in one schedule.

use std::sync::{Arc, atomic::Ordering};

use abide_node_shuttle::{
    Config, Limits, Node,
    sync::{pass, set_now, thread},
};
use abide_protocol::{Message, Millis, tag};
use shuttle::{
    future::block_on,
    rand::{Rng, thread_rng},
};

use super::{
    callers::{self, create, insist, listen, settle, targeted},
    ears,
    rules::{self, Shared},
    store::Disk,
};

/// When it begins, in Unix milliseconds.
const START: Millis = 1_000_000;

/// Chooses one and runs it.
pub(super) fn run() {
    set_now(START);
    match thread_rng().gen_range(0..9) {
        0 => once(),
        1 => handover(),
        2 => alarm(),
        3 => failure(),
        4 => abandoned(),
        _ => storm(),
    }
}

fn open(disk: &Arc<Disk>) -> Node {
    let opener = disk.clone();
    let limits = match thread_rng().gen_range(0..2) {
        0 => Limits::default(),
        _ => Limits {
            in_flight: 2,
            batch_steps: 1,
            cache_bytes: 0,
            window: 2,
            page: 1,
            ..Limits::default()
        },
    };
    let queue = thread_rng().gen_range(1..4);
    let config = Config { limits, queue, ..Config::default() };
    let node = block_on(Node::open_with(move || opener.open(), config));
    node.expect("the first time never fails")
}

/// Closes a node, which must then have let go of its store.
fn close(node: &Node, disk: &Disk) {
    block_on(node.close());
    assert_eq!(disk.held.load(Ordering::SeqCst), 0, "it is closed and holds its store");
    assert!(!node.is_ready());
}

/// The shard was dropped for no other reason than a failure of its store.
fn sound(disk: &Disk) {
    let (opened, failed) = (disk.opened.load(Ordering::SeqCst), disk.failed.load(Ordering::SeqCst));
    assert!(opened <= 1 + failed, "opened {opened} times after {failed} failures");
}

/// Everything at once: callers, members, whoever posts, failures, time, and the end at any time.
fn storm() {
    let disk = Disk::new([0, 0, 1, 3][thread_rng().gen_range(0..4)]);
    let (node, book) = (open(&disk), Shared::default());
    let mut threads = Vec::new();
    for number in 0..thread_rng().gen_range(1..4) {
        let (node, book) = (node.clone(), book.clone());
        threads.push(thread::spawn(move || callers::run(number, &node, &book)));
    }
    for name in &ears::MEMBERS[..thread_rng().gen_range(0..=ears::MEMBERS.len())] {
        let (node, book) = (node.clone(), book.clone());
        threads.push(thread::spawn(move || ears::member(name, &node, &book)));
    }
    for _ in 0..thread_rng().gen_range(0..3) {
        let (node, book) = (node.clone(), book.clone());
        threads.push(thread::spawn(move || ears::poster(&node, &book)));
    }
    threads.push(thread::spawn(|| {
        for _ in 0..thread_rng().gen_range(0..4) {
            thread::yield_now();
            pass([1, 100, 6_000][thread_rng().gen_range(0..3)]);
        }
    }));
    for _ in 0..thread_rng().gen_range(1..3) {
        let (node, disk) = (node.clone(), disk.clone());
        threads.push(thread::spawn(move || {
            for _ in 0..thread_rng().gen_range(0..40) {
                thread::yield_now();
            }
            close(&node, &disk);
        }));
    }
    drop(node);
    threads.into_iter().for_each(|thread| thread.join().expect("it ends"));
    sound(&disk);
    rules::kept(&disk, &book);
}

/// While nothing fails and nothing is late, a member is told of each task once.
fn once() {
    let disk = Disk::new(0);
    let (node, book) = (open(&disk), Shared::default());
    let (listening, posting) = (node.clone(), thread_rng().gen_range(1..5));
    let reader = thread::spawn(move || {
        let mut member = listening.connect("g", "m0");
        drop(listening);
        let mut ids = Vec::new();
        while let Some(message) = block_on(member.next()) {
            let Message::Execute { id, .. } = message else { panic!("nobody listens") };
            ids.push(id);
        }
        ids
    });
    for number in 0..posting {
        callers::call(&node, &book, targeted(&format!("t{number}"), "poll://uni@g/m0"));
    }
    match thread_rng().gen_range(0..2) {
        0 => close(&node, &disk),
        // The last handle closes it as well.
        _ => drop(node),
    }
    let mut read = reader.join().expect("it ends");
    read.sort();
    assert!(read.is_sorted_by(|one, next| one < next), "told twice: {read:?}");
}

/// What one connection leaves unread is for the next one to read, without anything else happening.
fn handover() {
    let disk = Disk::new(0);
    let (node, book) = (open(&disk), Shared::default());
    let first = node.connect("g", "m0");
    let leaving = thread::spawn(move || {
        for _ in 0..thread_rng().gen_range(0..60) {
            thread::yield_now();
        }
        drop(first);
    });
    let mut second = node.connect("g", "m0");
    let calling = node.clone();
    let caller = thread::spawn(move || {
        callers::call(&calling, &book, targeted("t", "poll://any@g"));
    });
    // It comes here at once, or when the first one has gone.
    let message = block_on(second.next()).expect("the node is open");
    assert!(matches!(message, Message::Execute { .. }), "{message:?}");
    drop(second);
    caller.join().expect("it ends");
    leaving.join().expect("it ends");
    close(&node, &disk);
}

/// What a caller has caused before it went away is done, without anything else happening.
fn abandoned() {
    let disk = Disk::new(0);
    let node = open(&disk);
    let mut member = node.connect("g", "m0");
    callers::leave(&node, targeted("t", "poll://any@g"), 1);
    assert!(block_on(member.next()).is_some(), "the node is open");
    close(&node, &disk);
}

/// A timer rings when its time has come, whatever the timer's thread was doing.
fn alarm() {
    let disk = Disk::new(0);
    let (node, book) = (open(&disk), Shared::default());
    let mut member = node.connect("g", "m0");
    let passing = thread::spawn(|| {
        for _ in 0..thread_rng().gen_range(0..3) {
            pass(10);
            thread::yield_now();
        }
    });
    for (id, span) in [("later", 50_000), ("soon", 50)] {
        insist(&node, &book, create(id, START + span, &[(tag::TIMER, "true")]));
        insist(&node, &book, listen(id, "poll://uni@g/m0"));
    }
    passing.join().expect("it ends");
    for (id, span) in [("soon", 60), ("later", 50_000)] {
        pass(span);
        match block_on(member.next()) {
            Some(Message::Unblock { promise }) => assert_eq!(promise.id.as_str(), id),
            other => panic!("{other:?}"),
        }
    }
    close(&node, &disk);
}

/// Who stays connected through failures of the store hears what happens after them.
fn failure() {
    let disk = Disk::new(thread_rng().gen_range(1..4));
    let (node, book) = (open(&disk), Shared::default());
    let mut member = node.connect("g", "m1");
    let (calling, kept) = (node.clone(), book.clone());
    let caller = thread::spawn(move || {
        insist(&calling, &kept, create("p", callers::FAR, &[]));
        insist(&calling, &kept, listen("p", "poll://uni@g/m1"));
        insist(&calling, &kept, settle("p"));
    });
    let message = block_on(member.next()).expect("the node is open");
    ears::hear(&message, &book);
    caller.join().expect("it ends");
    close(&node, &disk);
    assert!(
        block_on(member.next()).is_none_or(|message| matches!(message, Message::Unblock { .. }))
    );
    sound(&disk);
    rules::kept(&disk, &book);
}
