//! Making random programs.

use crate::node::{Loop, Node, Wait};

/// How deeply functions are nested.
const DEPTH: u32 = 3;

/// How long a wait is: two of so many are hardly ever closer to each other than what goes wrong
/// takes, and all together end before tokio's timers lose count, after two years.
const MINUTES: std::ops::Range<u64> = 60..90_000;

/// Makes a program of about `size` waits, with or without calls to another group.
pub(crate) fn program(seed: u64, size: usize, groups: bool) -> Node {
    Generator { random: fastrand::Rng::with_seed(seed), groups, spawning: true }.node(size, DEPTH)
}

struct Generator {
    random: fastrand::Rng,
    groups: bool,
    /// Whether something may be begun that is not awaited at once.
    spawning: bool,
}

impl Generator {
    fn minutes(&mut self) -> u64 {
        self.random.u64(MINUTES)
    }

    /// Whether something is executed in the other group.
    fn elsewhere(&mut self) -> bool {
        self.groups && self.random.bool()
    }

    /// A wait that takes minutes.
    fn slow(&mut self) -> Wait {
        let (n, minutes) = (self.random.u64(..100), self.minutes());
        match self.random.u8(..9) {
            8 => Wait::Flaky { until: self.random.u32(2..=3), minutes },
            0 | 1 => Wait::Sleep(minutes),
            2 | 3 => Wait::Slow(n, minutes),
            4 | 5 => Wait::Remote(n, minutes, self.elsewhere()),
            6 => Wait::Timeout { minutes, limit: self.minutes() },
            _ => Wait::Fail(n, minutes),
        }
    }

    /// The same for what is not polled meanwhile. An ordinary timeout does not strike then, if what
    /// it guards was done by the time that somebody looks; a durable one does.
    fn unwatched(&mut self) -> Wait {
        match self.slow() {
            Wait::Timeout { minutes, .. } => Wait::Slow(4, minutes),
            wait => wait,
        }
    }

    fn wait(&mut self, size: usize, depth: u32) -> Wait {
        match self.random.u8(..5) {
            0 if depth > 0 && size > 1 => self.nested(size, depth - 1),
            4 if depth > 0 && size > 1 => self.looped(size, depth - 1),
            1 => Wait::Leaf(self.random.u64(..4)),
            _ => self.slow(),
        }
    }

    fn nested(&mut self, size: usize, depth: u32) -> Wait {
        let spawning = std::mem::replace(&mut self.spawning, true);
        let node = Box::new(self.node(size, depth));
        self.spawning = spawning;
        Wait::Nested(node, self.elsewhere())
    }

    fn looped(&mut self, size: usize, depth: u32) -> Wait {
        // What is begun and dropped would be open at the save point.
        let spawning = std::mem::replace(&mut self.spawning, false);
        let round = self.node(size.min(4), depth);
        self.spawning = spawning;
        let times = self.random.u32(1..=4);
        let fails = self.random.bool().then(|| (self.random.u32(1..=times), self.minutes()));
        let looped = Loop { round, times, every: self.random.u32(1..=2), fails };
        Wait::Loop(Box::new(looped), self.elsewhere())
    }

    fn pair(&mut self, size: usize, depth: u32) -> Box<[Node; 2]> {
        Box::new([self.node(size / 2, depth), self.node(size / 2, depth)])
    }

    fn three(&mut self, size: usize, depth: u32) -> Box<[Node; 3]> {
        Box::new([(); 3].map(|()| self.node(size / 3, depth)))
    }

    fn some(&mut self, size: usize, depth: u32) -> Vec<Node> {
        let many = self.random.usize(2..=4);
        (0..many).map(|_| self.node(size / many, depth)).collect()
    }

    fn node(&mut self, size: usize, depth: u32) -> Node {
        if size <= 1 {
            return Node::Wait(self.wait(size, depth));
        }
        match self.random.u8(..18) {
            0..=2 => Node::Seq(self.some(size, depth)),
            3 => Node::Join(self.pair(size, depth)),
            4 => Node::TryJoin(self.pair(size, depth)),
            5 => Node::JoinAll(self.some(size, depth)),
            6 => Node::TryJoinAll(self.some(size, depth)),
            7 | 8 => Node::Select([self.slow(), self.slow()], self.pair(size - 1, depth)),
            9 => Node::SelectRandomly([self.slow(), self.slow()], self.pair(size - 1, depth)),
            10 => {
                let waits = (0..=size.min(6)).map(|_| self.slow()).collect();
                Node::Buffered(self.random.usize(1..=3), waits)
            }
            11 => {
                let many = self.random.usize(1..=3);
                let each = (0..many)
                    .map(|_| (self.unwatched(), self.node((size / many).saturating_sub(1), depth)));
                Node::Unordered(each.collect())
            }
            12 => {
                let (pinned, minutes) = (self.slow(), self.minutes());
                Node::Pinned { pinned, minutes, times: self.random.u32(1..=3) }
            }
            13 if self.spawning => {
                Node::Spawn(self.wait(size / 2, depth), Box::new(self.node(size / 2, depth)))
            }
            14 => Node::Lock([self.slow(), self.slow()], self.pair(size, depth)),
            15 => Node::Channel(self.three(size, depth)),
            16 => Node::If(self.three(size, depth)),
            _ if self.random.bool() => Node::Wait(self.looped(size - 1, depth.saturating_sub(1))),
            _ => Node::Wait(self.nested(size - 1, depth.saturating_sub(1))),
        }
    }
}
