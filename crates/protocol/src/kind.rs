use std::fmt;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The kind of a request: the 21 of the protocol, the 5 of its debug surface
        /// and those of its [extensions](crate::Extensions).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Kind] = &[$(Kind::$name,)*];

            /// The kind's name on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$name => $text,)* }
            }

            /// The kind of that name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Kind::$name),)* _ => None }
            }
        }
    };
}

kinds! {
    /// Reads a promise.
    PromiseGet = "promise.get",
    /// Creates a promise, or finds it.
    PromiseCreate = "promise.create",
    /// Settles a promise.
    PromiseSettle = "promise.settle",
    /// Has a task resumed when a promise settles.
    PromiseRegisterCallback = "promise.register_callback",
    /// Has an address told when a promise settles.
    PromiseRegisterListener = "promise.register_listener",
    /// Pages through promises.
    PromiseSearch = "promise.search",
    /// Reads a task.
    TaskGet = "task.get",
    /// Creates a promise and holds its task at once.
    TaskCreate = "task.create",
    /// Takes a pending task under a lease.
    TaskAcquire = "task.acquire",
    /// Creates or settles a promise if the task is still held.
    TaskFence = "task.fence",
    /// Extends leases.
    TaskHeartbeat = "task.heartbeat",
    /// Deletes settled promises that the held task no longer needs. An extension.
    TaskReclaim = "task.reclaim",
    /// Lets go of a task until an awaited promise settles.
    TaskSuspend = "task.suspend",
    /// Settles the promise of a held task.
    TaskFulfill = "task.fulfill",
    /// Gives a held task back.
    TaskRelease = "task.release",
    /// Stops a task.
    TaskHalt = "task.halt",
    /// Lets a halted task go on.
    TaskContinue = "task.continue",
    /// Pages through tasks.
    TaskSearch = "task.search",
    /// Reads a schedule.
    ScheduleGet = "schedule.get",
    /// Creates a schedule, or finds it.
    ScheduleCreate = "schedule.create",
    /// Deletes a schedule.
    ScheduleDelete = "schedule.delete",
    /// Pages through schedules.
    ScheduleSearch = "schedule.search",
    /// Pauses background work.
    DebugStart = "debug.start",
    /// Lets background work go on.
    DebugStop = "debug.stop",
    /// Empties the store.
    DebugReset = "debug.reset",
    /// Fires everything due at a time.
    DebugTick = "debug.tick",
    /// Shows the whole state.
    DebugSnap = "debug.snap",
}

impl Kind {
    /// Whether the kind belongs to the debug surface.
    pub fn is_debug(self) -> bool {
        self.as_str().starts_with("debug.")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
