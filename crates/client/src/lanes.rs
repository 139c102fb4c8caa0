//! Groups of requests that share messages.

use std::collections::VecDeque;

use abide_protocol::limit;

/// How many messages are on their way at one time. While all are, what is to be sent gathers, and
/// goes in the next ones: the busier the server, the larger the messages.
///
/// A message is carried out as a whole, by one thread after the other, so that a few large ones leave
/// threads without work. Hence there are several, and each takes no more than its share.
pub(crate) const LANES: usize = 8;

/// How many groups go together even if that is more than their share.
const FEW: usize = 4;

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
    /// How many groups are on their way.
    carried: usize,
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
        Lanes { busy: 0, carried: 0, waiting: VecDeque::new() }
    }
}

impl<G> Lanes<G> {
    /// Takes a lane if one is free and nothing waits; whoever has taken it sends a group.
    pub(crate) fn take(&mut self) -> bool {
        let free = self.busy < LANES && self.waiting.is_empty();
        self.busy += usize::from(free);
        self.carried += usize::from(free);
        free
    }

    /// Adds a group to those that wait for a lane, because there is none to take.
    pub(crate) fn wait(&mut self, group: Group<G>) {
        self.waiting.push_back(group);
    }

    /// A message of so many groups was answered, or lost. Gives the next one to send in its lane.
    pub(crate) fn done(&mut self, groups: usize) -> Option<Vec<G>> {
        self.carried -= groups;
        let next = self.gather();
        self.busy -= usize::from(next.is_none());
        self.carried += next.as_ref().map_or(0, Vec::len);
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

    /// As many of the waiting groups as fit in one message, and no more than a [few](FEW) or its share
    /// of all that wait or are on their way; the first of them in any case.
    fn gather(&mut self) -> Option<Vec<G>> {
        let share = (self.carried + self.waiting.len()).div_ceil(LANES).max(FEW);
        let first = self.waiting.pop_front()?;
        let (mut requests, mut bytes) = (first.requests, first.bytes);
        let mut message = vec![first.content];
        while let Some(next) = self.waiting.front().filter(|_| message.len() < share) {
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
        assert!((0..LANES).all(|_| lanes.take()));
        for waiting in 0..2 * LANES {
            assert!(!lanes.take());
            lanes.wait(group(waiting, 2, 10));
        }
        assert_eq!(lanes.done(1), Some(vec![0, 1, 2, 3]));
        assert_eq!(lanes.done(1), Some(vec![4, 5, 6, 7]));
    }

    #[test]
    fn what_waits_is_shared_out_among_the_lanes() {
        let mut lanes = Lanes::default();
        assert!((0..LANES).all(|_| lanes.take()));
        (0..100 * LANES).for_each(|waiting| lanes.wait(group(waiting, 1, 1)));
        let mut under_way = vec![1; LANES];
        // Whoever was answered asks again.
        for round in 0..100 * LANES {
            let answered = under_way[round % LANES];
            (0..answered).for_each(|_| lanes.wait(group(0, 1, 1)));
            under_way[round % LANES] = lanes.done(answered).map_or(0, |next| next.len());
        }
        assert!(under_way.iter().all(|groups| (100..=102).contains(groups)), "{under_way:?}");
    }

    #[test]
    fn a_group_that_is_too_large_goes_alone() {
        let mut lanes = Lanes::default();
        assert!((0..LANES).all(|_| lanes.take()));
        for (content, bytes) in [(1, 1), (2, 2 * MESSAGE_BYTES), (3, 1)] {
            lanes.wait(group(content, 1, bytes));
        }
        assert_eq!(lanes.done(1), Some(vec![1]));
        assert_eq!(lanes.done(1), Some(vec![2]));
        assert_eq!(lanes.done(1), Some(vec![3]));
    }

    /// What happens next.
    #[derive(Clone, Debug)]
    enum Step {
        /// A group of so many requests and bytes comes.
        Comes(usize, usize),
        /// Whoever has carried a message asks for the next one.
        Done,
    }

    proptest! {
        /// Any interleaving of groups that come and messages that are answered.
        #[test]
        fn every_group_goes_once_in_order_within_the_limits(
            steps in prop::collection::vec(
                prop_oneof![
                    (1..2 * MESSAGE_REQUESTS, 1..2 * MESSAGE_BYTES)
                        .prop_map(|(requests, bytes)| Step::Comes(requests, bytes)),
                    (1..20_usize, 1..2_000_usize)
                        .prop_map(|(requests, bytes)| Step::Comes(requests, bytes)),
                    Just(Step::Done),
                ],
                0..200,
            ),
        ) {
            let mut lanes = Lanes::default();
            let (mut sizes, mut sent, mut under_way) =
                (Vec::new(), Vec::new(), VecDeque::<usize>::new());
            let steps = steps.into_iter().chain(std::iter::repeat_n(Step::Done, 300));
            for step in steps {
                let message = match step {
                    Step::Comes(requests, bytes) => {
                        sizes.push((requests, bytes));
                        let last = sizes.len() - 1;
                        let free = lanes.take();
                        // What comes waits only for a lane.
                        prop_assert_eq!(free, under_way.len() < LANES && sent.len() == last);
                        if free {
                            Some(vec![last])
                        } else {
                            lanes.wait(group(last, requests, bytes));
                            None
                        }
                    }
                    Step::Done => under_way.pop_front().and_then(|groups| lanes.done(groups)),
                };
                let Some(message) = message else { continue };
                under_way.push_back(message.len());
                prop_assert!(under_way.len() <= LANES);
                let requests: usize = message.iter().map(|group| sizes[*group].0).sum();
                let bytes: usize = message.iter().map(|group| sizes[*group].1).sum();
                let fits = requests <= MESSAGE_REQUESTS && bytes <= MESSAGE_BYTES;
                prop_assert!(fits || message.len() == 1);
                sent.extend(message);
            }
            prop_assert_eq!((under_way.len(), lanes.busy(), lanes.carried), (0, 0, 0));
            prop_assert!(sent.iter().copied().eq(0..sizes.len()), "{:?}", sent);
        }
    }
}
