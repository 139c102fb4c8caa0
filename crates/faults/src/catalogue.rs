/// Where a bug is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Nowhere: it is no bug.
    Nowhere,
    /// In the protocol machine.
    Machine,
    /// In the shard.
    Engine,
    /// In what is stored and how.
    Store,
    /// In the shell around the shard.
    Node,
}

macro_rules! catalogue {
    ($($layer:ident { $(#[doc = $sentence:literal] $name:ident,)* })*) => {
        /// A bug of our own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[doc = $sentence] $name,)*)*
        }

        impl Fault {
            /// Every one, in the order of the layers.
            pub const ALL: &[Fault] = &[$($(Fault::$name,)*)*];

            /// Its name, as in the source.
            pub fn name(self) -> &'static str {
                match self { $($(Fault::$name => stringify!($name),)*)* }
            }

            /// What goes wrong, in a sentence.
            pub fn sentence(self) -> &'static str {
                match self { $($(Fault::$name => $sentence.trim_ascii(),)*)* }
            }

            /// Where it is.
            pub fn layer(self) -> Layer {
                match self { $($(Fault::$name => Layer::$layer,)*)* }
            }
        }
    };
}

catalogue! {
    Nowhere {
        /// Nothing goes wrong: whoever catches this one cries wolf.
        Control,
    }
    Machine {
        /// What a claim guards is done at any version.
        MissingFence,
        /// What a claim guards is done though nobody holds the task.
        HeldByNobody,
        /// What a claim guards is done after the deadline of the promise.
        HeldPastDeadline,
        /// A task is acquired at any version.
        AcquireStale,
        /// A task that somebody holds is acquired.
        AcquireHeld,
        /// A task whose promise is past its deadline is acquired.
        AcquirePastDeadline,
        /// An acquisition leaves the version as it was.
        VersionKept,
        /// A task is born held at version 0.
        BornAtZero,
        /// A release moves the version.
        VersionOnRelease,
        /// A release forgets what has woken the task.
        ReleaseDropsResumes,
        /// An acquisition leaves the count of what has woken the task.
        ResumesKept,
        /// A lease is one half of what was asked for.
        LeaseHalved,
        /// The lease stays with a task that is suspended.
        LeaseKeptAtSuspend,
        /// A lease ends before its time.
        LeaseEndsEarly,
        /// A lease never ends.
        LeaseForEver,
        /// A heartbeat extends the task of another process.
        HeartbeatOfStranger,
        /// A heartbeat is answered and extends nothing.
        HeartbeatIdle,
        /// A callback is registered on a settled promise.
        CallbackOnSettled,
        /// A callback is registered on a promise past its deadline.
        CallbackPastDeadline,
        /// A callback is registered for an awaiter that is past its deadline.
        CallbackForDead,
        /// A callback is answered and not registered.
        CallbackLost,
        /// A listener is registered on a promise past its deadline.
        ListenPastDeadline,
        /// A second listener takes the place of the first.
        ListenerReplaced,
        /// A task is suspended although what it awaits is settled.
        SuspendOnSettled,
        /// A task is suspended although the deadline of what it awaits has passed.
        SuspendPastDeadline,
        /// A suspension registers only the first of what is awaited.
        SuspendOnFirst,
        /// A suspension again goes through although something has woken the task.
        SuspendOverWake,
        /// A refused suspension leaves the count of what has woken the task.
        RefusalKeepsResumes,
        /// A settled promise is settled again.
        SettleOverwrites,
        /// A promise past its deadline is settled.
        SettlePastDeadline,
        /// The value of a settlement is dropped.
        ValueDropped,
        /// A settlement leaves the task as it was.
        TaskLeftBehind,
        /// At its deadline a timer is rejected.
        TimerRejected,
        /// At its deadline any promise is resolved.
        TimeoutResolves,
        /// A promise that its deadline settles is settled at the time at which that is written.
        DeadlineSettlesNow,
        /// A read tells what was last written, whatever the deadline says.
        ReadAsWritten,
        /// A creation takes the place of a promise that there is.
        CreateOverwrites,
        /// A promise created after its deadline is pending.
        BornPending,
        /// A delayed task is offered at once.
        DelayIgnored,
        /// An awaiter past its deadline is resumed.
        ResumedDeadAwaiter,
        /// A callback is done with and the awaiter not resumed.
        LostResume,
        /// A callback offers a task that somebody holds.
        DoubleDispatch,
        /// A callback offers a halted task.
        HaltedResumed,
        /// A callback does not count.
        ResumeUncounted,
        /// A listener is done with and no message stored.
        LostUnblock,
        /// A taken message stays stored.
        MessageKept,
        /// A pending task is offered again at once, whatever the retry interval.
        RetryIgnored,
        /// A task that is not pending is offered.
        OfferHeld,
        /// An offer is not sent.
        OfferUnsent,
        /// A task that is not halted is continued.
        ContinueLive,
        /// A task past its deadline is continued.
        ContinuePastDeadline,
        /// A halted task stays halted when it is continued.
        ContinueIdle,
        /// A task past its deadline is halted.
        HaltPastDeadline,
        /// A cancellation cancels nothing else.
        CascadeForgotten,
        /// What is canceled with its owner does not cancel what it owns in turn.
        GrandchildrenForgotten,
        /// A cancellation cancels what others own.
        CascadeOfStrangers,
        /// What is canceled with its owner past its own deadline is canceled all the same.
        CancelPastDeadline,
        /// An occurrence of a schedule is skipped when the next one is due already.
        OccurrenceSkipped,
        /// An occurrence of a schedule comes again.
        OccurrenceRepeated,
        /// An occurrence comes before its time.
        OccurrenceEarly,
        /// A schedule goes back in time.
        ScheduleGoesBack,
        /// A creation takes the place of a schedule that there is.
        ScheduleOverwrites,
        /// What is recorded takes the place of what there is.
        RecordedAnew,
        /// What is recorded is created and not settled.
        RecordedPending,
        /// A pending promise is reclaimed.
        ReclaimPending,
        /// A promise is reclaimed that a listener has not heard of.
        ReclaimUnheard,
        /// A promise is reclaimed that is not below the task.
        ReclaimElsewhere,
        /// The task of a reclaimed promise stays.
        ReclaimKeepsTask,
        /// A deadline that others wait for is not armed.
        DeadlineUnarmed,
        /// A settled promise that somebody waits for has no index entry.
        ObligationUnindexed,
        /// A held task is not found by its process.
        HeldUnindexed,
        /// An owned promise is not found by its owner.
        OwnedUnindexed,
        /// A settled promise is still found by its owner.
        OwnedForEver,
        /// The end of a lease is not indexed.
        LeaseUnindexed,
    }
    Engine {
        /// An answer leaves before what it tells is durable.
        ReplyBeforeCommit,
        /// A read tells what is not durable yet.
        ReadBeforeCommit,
        /// A search tells what is not durable yet.
        SearchBeforeCommit,
        /// An answer tells that a deadline has passed before the store knows that it is so late.
        TimeToldEarly,
        /// A task is offered before that is durable.
        OfferBeforeCommit,
        /// A message leaves before it is durable.
        MessageBeforeCommit,
        /// A batch that becomes durable lets out what waits for later ones.
        GateOpen,
        /// A batch is handed out without the second half of its records.
        BatchCut,
        /// A record that is written again while its last image is being written is not.
        SecondWriteLost,
        /// New index entries are not written.
        IndexUnwritten,
        /// Old index entries are left behind.
        IndexUndeleted,
        /// The cache evicts what is not durable yet.
        EvictDirty,
        /// Siblings are taken to be in memory though one of them has left it.
        SiblingForgotten,
        /// Siblings are taken to be in memory though they were too many to be fetched.
        SiblingsCut,
        /// A scan misses what was written while it was under way.
        StaleScan,
        /// A search finds what is gone.
        DeletedFound,
        /// A page of a search leaves out a record at its end.
        PageSkips,
        /// The clock of a shard goes back with the system's.
        ClockGoesBack,
        /// A shard is opened at time 0, whatever its clock said before.
        ClockFloorIgnored,
        /// What was due when the process ended is never looked for again.
        TimersLostAtCrash,
        /// What is due later is fetched once and then no more.
        FirstTimersOnly,
        /// Timers that do not fit into memory are forgotten.
        TrimForgets,
        /// A page of timers is taken in that does not join what is in memory.
        GapOverlooked,
        /// A timer that arises is not noted.
        NewTimerForgotten,
        /// What a record arms after something of it was due is not noted.
        RearmForgotten,
        /// What is due again while the like of it is being done is not noted.
        DueMeanwhileForgotten,
        /// Of what a settled promise owes only the first round is done.
        FirstRoundOnly,
        /// Of what a canceled promise owns only the first page is canceled.
        CascadeFirstPage,
        /// Of what a process holds only the first page is extended.
        HeartbeatFirstPage,
        /// A claim is told of the promises of another branch.
        PreloadElsewhere,
        /// A claim is told of what is in its branch in one of the two dialects of ids.
        PreloadOneDialect,
        /// A claim is told of the first page of its branch only.
        PreloadFirstPage,
        /// A claim is told what was last written, whatever the deadlines say.
        PreloadAsWritten,
        /// A claim is told that what is pending has woken it.
        PendingTold,
        /// What is below a reclaimed promise in one of the two dialects of ids is overlooked.
        ReclaimOneDialect,
        /// What does not fit into a window of offers is forgotten.
        WindowForgets,
        /// A task that was taken keeps its place in the window of offers.
        WindowLeaks,
        /// A task that nobody takes is not offered again.
        RetryForgotten,
        /// A message that was refused is not sent again.
        RefusalForgotten,
        /// That a message was taken is forgotten.
        TakenForgotten,
        /// Whoever connects is not told of what waits.
        ConnectSilent,
    }
    Store {
        /// A commit is taken from whoever has been fenced.
        EpochUnfenced,
        /// A claim leaves the epoch as it was.
        EpochKept,
        /// A claim is granted while the lease of another node runs.
        ClaimStolen,
        /// A commit does not move the clock.
        ClockUnwritten,
        /// A deletion is not carried out.
        DeletionIgnored,
        /// A batch is applied from its half on.
        BatchHalf,
        /// A page that is cut says that there is no more.
        PageEndsEarly,
        /// A range begins with what it is to begin after.
        PageOverlaps,
        /// The names of what has woken a task are not stored.
        CodecDropsResumed,
        /// Who has not heard of a promise is not stored.
        CodecDropsUnheard,
        /// That a promise cascades is not stored.
        CodecDropsCascading,
        /// That a task was offered is not stored.
        CodecDropsOffered,
        /// The value of a promise is stored as its parameter.
        CodecMixesValues,
        /// Due entries are not stored in the order of their times.
        DueUnordered,
        /// A range of one name holds longer names, too.
        ExactIsPrefix,
        /// In the simulated store a commit is acknowledged before it is synced.
        AckBeforeSync,
        /// In the simulated store the beginning of a commit is left out now and then.
        CommitTorn,
        /// In the simulated store the end of a long log is not recovered.
        RecoveryStopsEarly,
    }
    Node {
        /// A commit that failed counts as done.
        FailureIgnored,
        /// Of several batches written at once only the last is.
        OnlyLastBatch,
        /// What an earlier opening of the shard had not written yet is written by the next one.
        LostWritesKept,
        /// A message for which there is no place counts as sent.
        RefusalUnreported,
        /// A message that was dropped counts as taken.
        DroppedCountsAsTaken,
        /// What becomes of a message of an earlier opening of the shard is told to the next one.
        StaleReceipt,
    }
}
