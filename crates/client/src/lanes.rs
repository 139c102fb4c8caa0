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

/// Decides which groups go together, and when. It performs no I/O: whoever pushes a group or
/// completes a message carries what that gives.
///
/// The order between two groups of which one was answered before the other was pushed is kept; so
/// is the order within a group, which is never divided.
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
    /// Adds a group. If a lane is free, gives the message to send now.
    pub(crate) fn push(&mut self, group: Group<G>) -> Option<Vec<G>> {
        self.waiting.push_back(group);
        if self.busy == LANES {
            return None;
        }
        self.busy += 1;
        self.gather()
    }

    /// A message was answered, or lost. Gives the next one to send in its lane.
    pub(crate) fn done(&mut self) -> Option<Vec<G>> {
        let next = self.gather();
        self.busy -= usize::from(next.is_none());
        next
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
        for lane in 0..LANES {
            assert_eq!(lanes.push(group(lane, 1, 10)), Some(vec![lane]));
        }
        for waiting in 10..15 {
            assert_eq!(lanes.push(group(waiting, 2, 10)), None);
        }
        assert_eq!(lanes.done(), Some(vec![10, 11, 12, 13, 14]));
        assert_eq!(lanes.done(), None);
        assert_eq!(lanes.push(group(20, 1, 10)), Some(vec![20]));
    }

    #[test]
    fn a_group_that_is_too_large_goes_alone() {
        let mut lanes = Lanes::default();
        (0..LANES).for_each(|lane| drop(lanes.push(group(lane, 1, 1))));
        for (content, bytes) in [(1, 1), (2, 2 * MESSAGE_BYTES), (3, 1)] {
            assert_eq!(lanes.push(group(content, 1, bytes)), None);
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
                        let message = lanes.push(group(sizes.len() - 1, requests, bytes));
                        // What is pushed waits only for a lane.
                        prop_assert_eq!(message.is_some(), on_their_way < LANES);
                        message
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
