//! Making random programs.

use super::{
    program::{Call, Loop, Node, What},
    random::Random,
};

/// How deeply functions are nested.
const DEPTH: u32 = 3;

/// Makes a program of about `size` nodes, in which save points may be `misplaced`: made while
/// something else is open.
pub(crate) fn program(random: &Random, size: usize, misplaced: bool) -> Node {
    Generator { random, sites: 0, steps: 0, spawning: true, misplaced }.node(size, DEPTH)
}

struct Generator<'a> {
    random: &'a Random,
    sites: u32,
    steps: u64,
    /// Whether calls may be spawned that nobody awaits.
    spawning: bool,
    /// Whether save points may be made while something else is open.
    misplaced: bool,
}

impl Generator<'_> {
    /// One in eight calls shares its line with the one before, as calls of one helper do.
    fn site(&mut self) -> u32 {
        if !self.random.one_in(8) {
            self.sites += 1;
        }
        self.sites
    }

    fn call(&mut self, size: usize, depth: u32) -> Call {
        let site = self.site();
        // Few different arguments, so that equal calls meet.
        let arg = if self.random.one_in(3) { self.random.below(2) } else { 10 + site as usize };
        let arg = arg as u64;
        let what = match self.random.below(12) {
            0..=3 => What::Leaf(arg),
            4..=5 => What::Remote(arg),
            6 => What::Sleep(arg),
            7 if self.random.one_in(2) => {
                What::Flaky { arg, until: 2 + self.random.below(2) as u32 }
            }
            7 => What::Fail { arg, permanent: self.random.one_in(2) },
            8 => {
                // A step has a name of its own.
                self.steps += 1;
                What::Step(1000 + self.steps)
            }
            _ if depth > 0 && size > 0 => {
                let size = 1 + self.random.below(size.min(8));
                // The program is an argument: other programs, other arguments.
                let arg = self.random.next();
                if self.random.one_in(3) {
                    What::Loop(arg, self.looped(size, depth - 1).into())
                } else {
                    let spawning = std::mem::replace(&mut self.spawning, true);
                    let node = self.node(size, depth - 1);
                    self.spawning = spawning;
                    What::Nested(arg, node.into())
                }
            }
            _ => What::Leaf(arg),
        };
        Call { what, site, cancel: self.random.one_in(3) }
    }

    fn looped(&mut self, size: usize, depth: u32) -> Loop {
        // What is spawned and not awaited would be open at the save point.
        let spawning = std::mem::replace(&mut self.spawning, false);
        let mut round = self.node(size.min(4), depth);
        let (site, rest) = (self.site(), Box::new(Node::Yield));
        let at_once = |what| Call { what, site, cancel: true };
        if self.random.one_in(4) {
            let call = at_once(What::Detached(20 + u64::from(site)));
            round = Node::Seq(vec![round, Node::Spawn { call, rest, awaited: false }]);
        } else if self.random.one_in(4) {
            let call = at_once(What::Remote(20 + u64::from(site)));
            round = Node::Seq(vec![round, Node::Cancel { call, rest }]);
        }
        self.spawning = true;
        let rest = self.node(size.min(3), depth);
        self.spawning = spawning;
        Loop {
            times: 1 + self.random.below(6) as u32,
            round,
            every: 1 + self.random.below(2) as u32,
            among_others: self.random.one_in(12) && self.misplaced,
            rest,
        }
    }

    /// A call that exists at once: in a loop, two of them may live in one turn.
    fn call_at_once(&mut self, size: usize, depth: u32) -> Call {
        let mut call = self.call(size, depth);
        call.what = match call.what {
            What::Step(arg) => What::Leaf(arg),
            What::Remote(arg) | What::Sleep(arg) if self.random.one_in(2) => What::Detached(arg),
            what => what,
        };
        call
    }

    fn boxed(&mut self, size: usize, depth: u32) -> Box<Node> {
        Box::new(self.node(size, depth))
    }

    fn pair(&mut self, size: usize, depth: u32) -> Box<[Node; 2]> {
        Box::new([self.node(size, depth), self.node(size, depth)])
    }

    fn calls(&mut self, size: usize, depth: u32) -> [Call; 2] {
        let one = self.call(size, depth);
        let mut other = self.call(size, depth);
        if self.random.one_in(4) {
            other.what = one.what.clone();
            if self.random.one_in(2) {
                other.site = one.site;
            }
            if matches!(one.what, What::Step(_)) {
                other.what = What::Leaf(5);
            }
        }
        [one, other]
    }

    fn node(&mut self, size: usize, depth: u32) -> Node {
        if size <= 1 {
            return Node::Call(self.call(size, depth));
        }
        let half = size / 2;
        let biased = self.random.one_in(2);
        match self.random.below(21) {
            0..=3 => {
                let n = 2 + self.random.below(2);
                Node::Seq((0..n).map(|_| self.node(size / n, depth)).collect())
            }
            4 => Node::Join(self.boxed(half, depth), self.boxed(half, depth)),
            5 => Node::TryJoin(self.boxed(half, depth), self.boxed(half, depth)),
            6 => {
                let n = 2 + self.random.below(3);
                let trying = self.random.one_in(2);
                let all = (0..n).map(|_| self.node(size / n, depth)).collect();
                Node::JoinAll { all, trying }
            }
            7..=8 => Node::Select {
                calls: self.calls(half, depth),
                then: self.pair(half, depth),
                biased,
            },
            9 => Node::SelectBlocks { blocks: self.pair(half, depth), biased },
            10 => Node::Repeat(1 + self.random.below(3) as u32, self.boxed(half.min(4), depth)),
            11 => Node::Pinned {
                pinned: self.call(half, depth),
                times: 1 + self.random.below(3) as u32,
                body: self.boxed(half.min(3), depth),
            },
            12 => Node::PolledOnce {
                calls: self.calls(half, depth),
                between: self.boxed(half.min(3), depth),
                then: self.pair(half.min(3), depth),
            },
            13..=14 => {
                let n = 1 + self.random.below(3);
                Node::Unordered {
                    calls: (0..n).map(|_| self.call(half, depth)).collect(),
                    then: (0..n).map(|_| self.node(half / n, depth)).collect(),
                }
            }
            15 if !self.spawning => Node::Attempt(1 + self.random.below(3) as u32),
            15 => {
                let call = self.call_at_once(half, depth);
                let awaited = self.random.one_in(2);
                Node::Spawn { call, rest: self.boxed(half, depth), awaited }
            }
            16 => Node::Dropped { call: self.call(half, depth), polled: self.random.one_in(2) },
            17 => Node::Lock(self.boxed(half, depth), self.boxed(half, depth)),
            18 => {
                let third = size / 3;
                Node::Channel(
                    self.boxed(third, depth),
                    self.boxed(third, depth),
                    self.boxed(third, depth),
                )
            }
            19 if self.spawning => {
                let call = self.call_at_once(half, depth);
                Node::Cancel { call, rest: self.boxed(half, depth) }
            }
            _ if self.random.one_in(3) => Node::Yield,
            _ => Node::If { value: self.boxed(half, depth), then: self.pair(half, depth) },
        }
    }
}
