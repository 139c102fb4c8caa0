//! Work on many records at once.

use abide_protocol::{Body, PromiseSearch, PromiseState, Request, Tags, tag};

use super::done;
use crate::{
    requests::{NOW, external, settle},
    script::Round,
    systems::{Node, System},
};

/// The promises that are searched; every other one is settled.
const STORED: u64 = 1_000;

/// The size of a page.
const PAGE: usize = 100;

/// The timers that are due at once.
const TIMERS: u64 = 1_000;

/// One page of the pending promises with a tag.
pub(crate) fn search<S: System + Default + 'static>() -> Round {
    let mut system = S::default();
    for stored in 0..STORED {
        let id = format!("promise-{stored:06}");
        done(&system.call(external(&id, NOW + 1_000)));
        if stored % 2 == 0 {
            done(&system.call(settle(&id)));
        }
    }
    Box::new(move |_| {
        let answer = system.call(Request::PromiseSearch(PromiseSearch {
            state: Some(PromiseState::Pending),
            tags: [(tag::EXTERNAL, "true")].into_iter().collect::<Tags>(),
            limit: i64::try_from(PAGE).ok(),
            cursor: None,
        }));
        done(&answer);
        let Body::Promises { promises, .. } = answer.body else { panic!("{answer:?} is no page") };
        assert_eq!(promises.len(), PAGE, "a full page");
    })
}

/// Promises are created with a deadline, which then passes for all of them at once.
pub(crate) fn timers() -> Round {
    let mut node = Node::default();
    Box::new(move |round| {
        let due = NOW + 1_000 * (1 + i64::try_from(round).expect("rounds are few"));
        for timer in 0..TIMERS {
            done(&node.call(external(&format!("promise-{round}-{timer:06}"), due)));
        }
        node.tick(due);
    })
}
