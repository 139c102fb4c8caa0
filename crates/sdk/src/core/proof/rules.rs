//! Each rule is needed: without it, the proof fails.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::run::{Tally, one};
use crate::core::rule::Rule;

/// Runs within which each removal must show.
const RUNS: u64 = 9_000;

/// How the first failure without a rule looks, and in which run it came.
fn without(rule: Rule) -> Option<(u64, String)> {
    Rule::without(Some(rule), || {
        (0..RUNS).find_map(|seed| {
            let run = || one(seed, &mut Tally::default());
            match catch_unwind(AssertUnwindSafe(run)) {
                Ok(Ok(())) => None,
                Ok(Err(why)) => Some((seed, why)),
                Err(_) => Some((seed, "a panic".to_owned())),
            }
        })
    })
}

macro_rules! needed {
    ($($name:ident: $rule:ident,)*) => {$(
        #[test]
        fn $name() {
            let (seed, why) = without(Rule::$rule).expect("the proof does not need this rule");
            println!("run {seed}: {}", why.lines().next().unwrap_or_default());
        }
    )*};
}

needed! {
    one_delivery_a_turn: OneDeliveryATurn,
    birth_at_the_end_of_the_turn: BirthAtTheEnd,
    creations_in_order: CreationsInOrder,
    the_result_last: ResultLast,
    effects_have_owners: EffectsHaveOwners,
    the_recorded_order: RecordedOrder,
    a_quiet_replay: QuietReplay,
    matching_by_content: MatchedByContent,
    new_ids_above: NewIdsAbove,
    drawing_again: DrawAgain,
    cancellations_in_order: CancellationsInOrder,
    cancellations_are_demanded: CancellationsDemanded,
    nothing_below_what_is_canceled: NothingBelowCanceled,
    a_save_point_is_alone: SaveIsAlone,
    a_save_point_is_last: SaveLast,
    turns_begin_anew_at_a_save_point: RebaseAtTheSave,
    the_newest_base_wins: NewestBaseWins,
    attempts_count: AttemptsCount,
    only_the_past_is_reclaimed: ReclaimThePast,
}
