//! What every program here has to stand.

use std::fmt::Debug;

use abide::{Call, test::World};
use serde::de::DeserializeOwned;

/// Seeds of the runs behind a server.
const SEEDS: std::ops::Range<u64> = 0..4;

/// A program with the result that it has to give.
pub(crate) struct Program<T> {
    pub(crate) id: &'static str,
    pub(crate) call: fn() -> Call<T>,
    pub(crate) gives: T,
}

impl<T> Program<T>
where
    T: DeserializeOwned + PartialEq + Debug + Clone + 'static,
{
    fn run<'a>(&'a self, world: World<'a>) -> abide::test::Report {
        let Self { id, call, gives } = self;
        world.run(|abide| {
            let (id, call, gives) = (*id, call(), gives.clone());
            async move {
                assert_eq!(abide.run(id, call).await?, gives);
                Ok(())
            }
        })
    }

    /// It gives this whatever happens, and leaves the same records behind.
    pub(crate) fn survives(&self) {
        let report = self.run(World::new().same_records().crash_at_every_step());
        assert_eq!(report.crashes, report.runs - 1, "{report}");
        assert!(report.runs > 6, "{report}");
        self.run(World::new().same_records().crash_every(4));
        self.survives_with_other_ids();
    }

    /// It gives this whatever happens, but who is numbered first is drawn by lot, as by tokio's
    /// `select!`.
    pub(crate) fn survives_with_other_ids(&self) {
        self.run(World::new().crash_at_every_step());
        let world = World::new().seeds(SEEDS).workers(2).crash_randomly(0.05).freeze_randomly(0.02);
        self.run(world.lose_requests(0.02).lose_messages(0.1).repeat_messages(0.1));
        let world = World::new().behind_a_plain_server().workers(1);
        self.run(world.seeds(SEEDS).crash_randomly(0.1).lose_requests(0.02).lose_messages(0.1));
    }
}

/// Says what a program has to give, and has it stand everything.
macro_rules! survives {
    ($id:literal, $call:expr, $gives:expr) => {
        $crate::survives::Program { id: $id, call: || $call, gives: $gives }.survives()
    };
}

pub(crate) use survives;
