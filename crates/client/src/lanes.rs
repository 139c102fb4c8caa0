//! Groups of requests that share messages.

use std::collections::VecDeque;

use abide_protocol::limit;

/// How many messages are on their way at one time. While all are, what is to be sent gathers, and
/// goes together in the next one: the busier the server, the larger the messages.
pub(crate) const LANES: usize = 4;

/// Requests in one message: what a server takes.
pub(crate) const MESSAGE_REQUESTS: usize = limit::BATCH;

/// Bytes of requests in one message, unless a single request is larger: a quarter of what a server
/// takes by default.
pub(crate) const MESSAGE_BYTES: usize = 1 << 20;

/// Decides which groups go together, and when. It performs no I/O: whoever takes a lane sends a
/// group in it, and then carries what [`done`](Lanes::done) gives.
///
/// The order between two groups of which one was answered before the other came is kept; so is the
/// order within a group, which is never divided.
#[derive(Debug)]
pub(crate) struct Lanes<G> {
    busy: usize,
    waiting: VecDeque<Group<G>>,
}

/// One group, with what it weighs.
#[derive(Debug)]
pub(crate) struct Group<G> {
    /// What goes to the server.
    pub(crate) content: G,
    /// The number of its requests.
    pub(crate) requests: usize,
    /// Their bytes.
    pub(crate) bytes: usize,
}

impl<G> Default for Lanes<G> {
    fn default() -> Self {
        Lanes { busy: 0, waiting: VecDeque::new() }
    }
}

impl<G> Lanes<G> {
    /// Takes a lane if one is free: nothing waits then, and whoever has taken it sends a group.
    pub(crate) fn take(&mut self) -> bool {
        let free = self.busy < LANES;
        self.busy += usize::from(free);
        free
    }

    /// Adds a group to those that wait for a lane, because none is free.
    pub(crate) fn wait(&mut self, group: Group<G>) {
        self.waiting.push_back(group);
    }

    /// A message was answered, or lost. Gives the next one to send in its lane.
    pub(crate) fn done(&mut self) -> Option<Vec<G>> {
        let next = self.gather();
        self.busy -= usize::from(next.is_none());
        next
    }

    /// How many lanes are taken.
    #[cfg(test)]
    pub(crate) fn busy(&self) -> usize {
        self.busy
    }

    /// How many groups wait for one.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// As many of the waiting groups as fit in one message, the first of them in any case.
    fn gather(&mut self) -> Option<Vec<G>> {
        let first = self.waiting.pop_front()?;
        let (mut requests, mut bytes) = (first.requests, first.bytes);
        let mut message = vec![first.content];
        while let Some(next) = self.waiting.front() {
            requests += next.requests;
            bytes += next.bytes;
            if requests > MESSAGE_REQUESTS || bytes > MESSAGE_BYTES {
                break;
            }
            message.extend(self.waiting.pop_front().map(|group| group.content));
        }
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn group(content: usize, requests: usize, bytes: usize) -> Group<usize> {
        Group { content, requests, bytes }
    }

    #[test]
    fn a_free_lane_is_used_at_once_and_what_waits_goes_together() {
        let mut lanes = Lanes::default();
        for _ in 0..LANES {
            assert!(lanes.take());
        }
        for waiting in 10..15 {
            assert!(!lanes.take());
            lanes.wait(group(waiting, 2, 10));
        }
        assert_eq!(lanes.done(), Some(vec![10, 11, 12, 13, 14]));
        assert_eq!(lanes.done(), None);
        assert!(lanes.take());
        assert!(!lanes.take());
    }

    #[test]
    fn a_group_that_is_too_large_goes_alone() {
        let mut lanes = Lanes::default();
        assert!((0..LANES).all(|_| lanes.take()));
        for (content, bytes) in [(1, 1), (2, 2 * MESSAGE_BYTES), (3, 1)] {
            lanes.wait(group(content, 1, bytes));
        }
        assert_eq!(lanes.done(), Some(vec![1]));
        assert_eq!(lanes.done(), Some(vec![2]));
        assert_eq!(lanes.done(), Some(vec![3]));
    }

    proptest! {
        /// Any interleaving of groups that come and messages that are answered.
        #[test]
        fn every_group_goes_once_in_order_within_the_limits(
            steps in prop::collection::vec(
                prop_oneof![
                    (1..2 * MESSAGE_REQUESTS, 1..2 * MESSAGE_BYTES).prop_map(Some),
                    (1..20_usize, 1..2_000_usize).prop_map(Some),
                    Just(None),
                ],
                0..200,
            ),
        ) {
            let mut lanes = Lanes::default();
            let (mut sizes, mut sent, mut on_their_way) = (Vec::new(), Vec::new(), 0);
            let steps = steps.into_iter().chain(std::iter::repeat_n(None, 300));
            for step in steps {
                let message = match step {
                    Some((requests, bytes)) => {
                        sizes.push((requests, bytes));
                        let last = sizes.len() - 1;
                        let free = lanes.take();
                        // What comes waits only for a lane.
                        prop_assert_eq!(free, on_their_way < LANES);
                        if !free {
                            lanes.wait(group(last, requests, bytes));
                        }
                        free.then(|| vec![last])
                    }
                    None if on_their_way == 0 => None,
                    None => {
                        on_their_way -= 1;
                        lanes.done()
                    }
                };
                let Some(message) = message else { continue };
                on_their_way += 1;
                prop_assert!(on_their_way <= LANES);
                let requests: usize = message.iter().map(|group| sizes[*group].0).sum();
                let bytes: usize = message.iter().map(|group| sizes[*group].1).sum();
                let fits = requests <= MESSAGE_REQUESTS && bytes <= MESSAGE_BYTES;
                prop_assert!(fits || message.len() == 1);
                sent.extend(message);
            }
            prop_assert_eq!(on_their_way, 0);
            prop_assert!(sent.iter().copied().eq(0..sizes.len()), "{:?}", sent);
        }
    }
}
