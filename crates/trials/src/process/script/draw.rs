//! Which scripts there are.

use std::collections::BTreeSet;

use abide_protocol::Millis;

use super::{ROOT, Script, Step};

impl Script {
    /// A script drawn at random, with payloads of about this size.
    pub(crate) fn draw(root: String, now: Millis, filler: usize, rng: &mut fastrand::Rng) -> Self {
        use Step::*;
        let steps = match rng.u8(0..11) {
            0 => vec![Create, Settle],
            1 => vec![Create, Listen(ROOT), Settle],
            2 => vec![CreateWithDeadline(now + rng.i64(20..150)), Listen(ROOT)],
            3 => vec![CreateAcquired, CreateChild(":1"), SettleChild(":1"), Fulfill],
            4 => vec![
                CreateWithTask,
                Acquire,
                CreateChild(":1"),
                Listen(ROOT),
                Suspend(&[":1"]),
                SettleChildFromOutside(":1"),
                Acquire,
                Fulfill,
            ],
            5 => vec![CreateAcquired, Listen(ROOT), Release, Acquire, Settle],
            6 => vec![CreateAcquired, Halt, Continue, Acquire, Fulfill],
            7 => vec![
                CreateAcquired,
                CreateChild(":1"),
                CreateChild(":2"),
                Listen(":2"),
                Suspend(&[":1", ":2"]),
                SettleChildFromOutside(":2"),
                AcquireResumed(":2"),
                SuspendAgain,
                SettleChildFromOutside(":1"),
                AcquireResumed(":1"),
                Fulfill,
            ],
            8 => vec![
                CreateAcquired,
                CreateChild(":1"),
                CreateChild(":1.1"),
                SettleChild(":1.1"),
                SettleChild(":1"),
                CreateChild(":2"),
                SettleChild(":2"),
                Reclaim(&[":1", ":2"]),
                CreateChild(":3"),
                Reclaim(&[":3"]),
                SettleChild(":3"),
                Fulfill,
            ],
            9 => vec![
                Create,
                CreateOwned { place: ":1", owner: ROOT },
                CreateOwned { place: ":2", owner: ROOT },
                CreateOwned { place: ":1.1", owner: ":1" },
                Listen(":1.1"),
                Listen(":2"),
                Cancel,
            ],
            _ => vec![CreateWithTask],
        };
        Script { root, steps, done: 0, doubt: 0, listened: BTreeSet::new(), filler }
    }
}
