use std::{collections::BTreeMap, rc::Rc};

use abide_machine::testing::Follower;
use abide_node::{
    Pushes, Subscription,
    testing::{Answer, Batches, Manual},
};
use abide_protocol::{Millis, Response};

/// The longest sleep of a node's timer: the real one looks at the clock again after it.
const LONGEST_SLEEP: Millis = 60_000;

/// A process with a node, from its start to its end.
pub(crate) struct Host {
    /// Gone when the process is.
    pub(crate) node: Option<Rc<Manual>>,
    /// How far its clock is ahead of the time.
    pub(crate) offset: Millis,
    /// Nobody reaches it any more, but it does not know.
    pub(crate) isolated: bool,
    pub(crate) pushes: Option<Pushes>,
    pub(crate) streams: BTreeMap<u64, Subscription>,
    pub(crate) calls: Vec<Accepted>,
    /// What is being written.
    pub(crate) writing: Option<Batches>,
    /// When its timer rings next.
    pub(crate) ring: Option<Millis>,
    pub(crate) reopening: bool,
    /// How long it waits before it opens its store again.
    pub(crate) patience: Millis,
    /// The model beside its shard.
    pub(crate) follower: Follower,
}

/// A call that was taken in.
pub(crate) struct Accepted {
    pub(crate) call: u64,
    pub(crate) answers: Vec<Slot>,
}

/// The answer to one request of a call.
pub(crate) enum Slot {
    Ready(Response),
    Waits(Answer),
}

impl Host {
    pub(crate) fn new(node: Rc<Manual>, offset: Millis, follower: Follower) -> Self {
        Host {
            pushes: Some(node.pushes()),
            node: Some(node),
            offset,
            isolated: false,
            streams: BTreeMap::new(),
            calls: Vec::new(),
            writing: None,
            ring: None,
            reopening: false,
            patience: 0,
            follower,
        }
    }

    /// Takes out the calls that are answered whole.
    pub(crate) fn answered(&mut self) -> Vec<(u64, Vec<Response>)> {
        let mut answered = Vec::new();
        self.calls.retain_mut(|accepted| {
            for slot in &mut accepted.answers {
                if let Slot::Waits(answer) = slot
                    && let Some(response) = answer.take()
                {
                    *slot = Slot::Ready(response);
                }
            }
            let whole = accepted.answers.iter().all(|slot| matches!(slot, Slot::Ready(_)));
            if whole {
                let answers = std::mem::take(&mut accepted.answers).into_iter();
                let responses = answers.filter_map(|slot| match slot {
                    Slot::Ready(response) => Some(response),
                    Slot::Waits(_) => None,
                });
                answered.push((accepted.call, responses.collect()));
            }
            !whole
        });
        answered
    }

    /// When its timer is to ring, unless it is set to already.
    pub(crate) fn arm(&mut self, now: Millis) -> Option<Millis> {
        let alarm = self.node.as_ref()?.alarm()?;
        let ring = now + (alarm - (now + self.offset)).clamp(0, LONGEST_SLEEP);
        if self.ring.is_some_and(|set| set <= ring) {
            return None;
        }
        self.ring = Some(ring);
        self.ring
    }

    /// Ends as a crash does.
    pub(crate) fn kill(&mut self) {
        let Some(node) = self.node.take() else { return };
        node.kill();
        self.pushes = None;
        self.streams.clear();
        self.calls.clear();
        self.writing = None;
        self.ring = None;
    }
}
