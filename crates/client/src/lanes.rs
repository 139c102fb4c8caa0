//! Groups of requests that share messages.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use abide_protocol::limit;

/// How many messages are on their way at one time. While all are, what is to be sent gathers, and
/// goes together in the next one: the busier the server, the larger the messages.
pub(crate) const LANES: usize = 4;

/// Requests in one message: what a server takes.
pub(crate) const MESSAGE_REQUESTS: usize = limit::BATCH;

/// Bytes of requests in one message, unless a single request is larger: a quarter of what a server
/// takes by default.
pub(crate) const MESSAGE_BYTES: usize = 1 << 20;

/// How long an invitation keeps others from the free lanes: about as long as a commit takes. Those who
/// are invited may have much to do first.
pub(crate) const INVITATION: Duration = Duration::from_millis(1);

/// Decides which groups go together, and when. It performs no I/O: whoever takes a lane sends a
/// group in it, and then carries what [`done`](Lanes::done) gives.
///
/// Whoever has carried the answers of a crowd [invites](Lanes::invite) it to the next message, since
/// those who have an answer mostly ask again at once: the first of them would have a lane each, and
/// all others wait for one.
///
/// The order between two groups of which one was answered before the other came is kept; so is the
/// order within a group, which is never divided.
#[derive(Debug)]
pub(crate) struct Lanes<G> {
    busy: usize,
    /// How many lanes are taken by those who wait for what comes, and since when.
    inviting: usize,
    since: Option<Instant>,
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
        Lanes { busy: 0, inviting: 0, since: None, waiting: VecDeque::new() }
    }
}

impl<G> Lanes<G> {
    /// Takes a lane if one is free, nobody invites and nothing waits; whoever has taken it sends a
    /// group.
    pub(crate) fn take(&mut self) -> bool {
        let free = self.busy < LANES && self.inviting == 0 && self.waiting.is_empty();
        self.busy += usize::from(free);
        free
    }

    /// Adds a group to those that wait for a lane, because there is none to take.
    pub(crate) fn wait(&mut self, group: Group<G>) {
        self.waiting.push_back(group);
    }

    /// A message was answered. Until its lane is [done](Self::done), whatever comes waits, to go in it.
    pub(crate) fn invite(&mut self, now: Instant) {
        if self.inviting == 0 {
            self.since = Some(now);
        }
        self.inviting += 1;
    }

    /// Takes a free lane for what waits, if it has waited for an invitation for too long: what is to be
    /// sent in it.
    pub(crate) fn overdue(&mut self, now: Instant) -> Option<Vec<G>> {
        let invited = self.since.filter(|_| self.inviting > 0)?;
        if self.busy == LANES || now.saturating_duration_since(invited) < INVITATION {
            return None;
        }
        let message = self.gather()?;
        self.busy += 1;
        Some(message)
    }

    /// A message was answered, or lost, and its lane no longer invites if it has. Gives the next one
    /// to send in it.
    pub(crate) fn done(&mut self, invited: bool) -> Option<Vec<G>> {
        self.inviting -= usize::from(invited);
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
        assert_eq!(lanes.done(false), Some(vec![10, 11, 12, 13, 14]));
        assert_eq!(lanes.done(false), None);
        assert!(lanes.take());
        assert!(!lanes.take());
    }

    #[test]
    fn who_is_invited_takes_no_other_lane() {
        let mut lanes = Lanes::default();
        assert!(lanes.take());
        let now = Instant::now();
        lanes.invite(now);
        for waiting in 1..4 {
            assert!(!lanes.take());
            lanes.wait(group(waiting, 1, 1));
            assert_eq!(lanes.overdue(now + INVITATION / 2), None);
        }
        assert_eq!(lanes.done(true), Some(vec![1, 2, 3]));
        assert!(lanes.take(), "the invitation is over");
    }

    #[test]
    fn nobody_waits_for_long_for_those_who_are_invited() {
        let mut lanes = Lanes::default();
        let now = Instant::now();
        assert!(lanes.take());
        lanes.invite(now);
        lanes.wait(group(1, 1, 1));
        lanes.wait(group(2, 1, 1));
        assert_eq!(lanes.overdue(now + INVITATION), Some(vec![1, 2]));
        assert_eq!((lanes.busy(), lanes.overdue(now + INVITATION)), (2, None));
        assert_eq!(lanes.done(true), None);
    }

    #[test]
    fn a_group_that_is_too_large_goes_alone() {
        let mut lanes = Lanes::default();
        assert!((0..LANES).all(|_| lanes.take()));
        for (content, bytes) in [(1, 1), (2, 2 * MESSAGE_BYTES), (3, 1)] {
            lanes.wait(group(content, 1, bytes));
        }
        assert_eq!(lanes.done(false), Some(vec![1]));
        assert_eq!(lanes.done(false), Some(vec![2]));
        assert_eq!(lanes.done(false), Some(vec![3]));
    }

    /// What happens next.
    #[derive(Clone, Debug)]
    enum Step {
        /// A group of so many requests and bytes comes, late or not for those who are invited.
        Comes(usize, usize, bool),
        /// Whoever has carried a message invites to the next one.
        Invites,
        /// Whoever invites, or else whoever has carried a message, asks for the next one.
        Done,
    }

    proptest! {
        /// Any interleaving of groups that come and messages that are answered.
        #[test]
        fn every_group_goes_once_in_order_within_the_limits(
            steps in prop::collection::vec(
                prop_oneof![
                    (1..2 * MESSAGE_REQUESTS, 1..2 * MESSAGE_BYTES, any::<bool>())
                        .prop_map(|(requests, bytes, late)| Step::Comes(requests, bytes, late)),
                    (1..20_usize, 1..2_000_usize, any::<bool>())
                        .prop_map(|(requests, bytes, late)| Step::Comes(requests, bytes, late)),
                    Just(Step::Invites),
                    Just(Step::Done),
                ],
                0..200,
            ),
        ) {
            let mut lanes = Lanes::default();
            let (mut sizes, mut sent) = (Vec::new(), Vec::new());
            let (mut on_their_way, mut inviting, start) = (0, 0, Instant::now());
            let steps = steps.into_iter().chain(std::iter::repeat_n(Step::Done, 300));
            for step in steps {
                let message = match step {
                    Step::Comes(requests, bytes, late) => {
                        sizes.push((requests, bytes));
                        let last = sizes.len() - 1;
                        let free = lanes.take();
                        // What comes waits only for a lane.
                        let busy = on_their_way == LANES || inviting > 0;
                        prop_assert_eq!(free, !busy && sent.len() == last);
                        if free {
                            Some(vec![last])
                        } else {
                            lanes.wait(group(last, requests, bytes));
                            let message = lanes.overdue(if late { start + INVITATION } else { start });
                            let goes = late && inviting > 0 && on_their_way + inviting < LANES;
                            prop_assert_eq!(message.is_some(), goes);
                            message
                        }
                    }
                    Step::Invites if on_their_way > 0 => {
                        on_their_way -= 1;
                        inviting += 1;
                        lanes.invite(start);
                        None
                    }
                    Step::Done if inviting > 0 => {
                        inviting -= 1;
                        lanes.done(true)
                    }
                    Step::Done if on_their_way > 0 => {
                        on_their_way -= 1;
                        lanes.done(false)
                    }
                    Step::Invites | Step::Done => None,
                };
                let Some(message) = message else { continue };
                on_their_way += 1;
                prop_assert!(on_their_way + inviting <= LANES);
                let requests: usize = message.iter().map(|group| sizes[*group].0).sum();
                let bytes: usize = message.iter().map(|group| sizes[*group].1).sum();
                let fits = requests <= MESSAGE_REQUESTS && bytes <= MESSAGE_BYTES;
                prop_assert!(fits || message.len() == 1);
                sent.extend(message);
            }
            prop_assert_eq!((on_their_way, inviting), (0, 0));
            prop_assert!(sent.iter().copied().eq(0..sizes.len()), "{:?}", sent);
        }
    }
}
