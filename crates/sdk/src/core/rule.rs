//! The rules as switches, so that a test can show that each of them is needed.

/// A rule of the core that the proof can take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// A durable await becomes ready only by a delivery to it in this turn (rule 2).
    OneDeliveryATurn,
    /// A call dropped in the turn of its first poll never existed (rule 3).
    BirthAtTheEnd,
    /// Creations become durable turn by turn, and none before the scope's own record (rule 5).
    CreationsInOrder,
    /// A scope's result becomes durable after all its records (rule 5).
    ResultLast,
    /// A body starts early in sequential code only (rule 6).
    EffectsHaveOwners,
    /// Recorded completions are delivered in the recorded order (rule 7).
    RecordedOrder,
    /// Nothing below a scope starts, and nothing is written, before its replay has ended (rule 7).
    QuietReplay,
    /// Calls are matched to records by what they are, not by counting (rule 7).
    MatchedByContent,
    /// New ids lie above all recorded ones (rule 7).
    NewIdsAbove,
    /// A divergence among interchangeable calls is replayed before it is reported (rule 8).
    DrawAgain,
    /// Cancellations become durable in the order of the turns, like creations (rule 5).
    CancellationsInOrder,
    /// A recorded cancellation demands that the call is dropped in that turn (rule 8).
    CancellationsDemanded,
    /// What is canceled is not written below any more: what is on its way there comes first.
    NothingBelowCanceled,
    /// A save point is the only live call of its scope.
    SaveIsAlone,
    /// A save point becomes durable after all else that its turn leaves behind.
    SaveLast,
    /// Turns count anew from a save point, in the process that makes it as in one that reads it.
    RebaseAtTheSave,
    /// A function begins anew at its newest save point or failed attempt.
    NewestBaseWins,
    /// The number of an attempt survives crashes.
    AttemptsCount,
    /// What a function begins anew at is not reclaimed.
    ReclaimThePast,
}

impl Rule {
    /// Whether the rule is in force: always, outside the proof.
    #[cfg(not(test))]
    #[inline(always)]
    pub(crate) const fn holds(self) -> bool {
        true
    }

    /// Whether the rule is in force.
    #[cfg(test)]
    pub(crate) fn holds(self) -> bool {
        BROKEN.with(|broken| broken.get() != Some(self))
    }

    /// Runs `f` without one of the rules, or with all of them.
    #[cfg(test)]
    pub(crate) fn without<T>(rule: Option<Self>, f: impl FnOnce() -> T) -> T {
        let before = BROKEN.replace(rule);
        let result = f();
        BROKEN.set(before);
        result
    }
}

#[cfg(test)]
thread_local! {
    static BROKEN: std::cell::Cell<Option<Rule>> = const { std::cell::Cell::new(None) };
}
