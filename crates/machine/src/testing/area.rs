use std::fmt;

/// What a property is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// A promise by itself.
    Promise,
    /// A task by itself, and who may ask what of it.
    Task,
    /// A schedule and its occurrences.
    Schedule,
    /// What any step reads, writes and answers.
    Store,
    /// What holds between a promise, its task, and those who wait.
    Join,
    /// How promises settle, and what they owe then.
    Settlement,
    /// Who holds a task, and for how long.
    Lease,
    /// How a task that waits goes on.
    WakeUp,
    /// What leaves for receivers.
    Outbox,
    /// What is canceled with its owner: an extension.
    Cancellation,
    /// What is deleted once nobody needs it: an extension.
    Reclamation,
    /// What is told.
    Answer,
}

impl Area {
    /// Every area.
    pub const ALL: [Area; 12] = [
        Area::Promise,
        Area::Task,
        Area::Schedule,
        Area::Store,
        Area::Join,
        Area::Settlement,
        Area::Lease,
        Area::WakeUp,
        Area::Outbox,
        Area::Cancellation,
        Area::Reclamation,
        Area::Answer,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Area::Promise => "promise",
            Area::Task => "task",
            Area::Schedule => "schedule",
            Area::Store => "store",
            Area::Join => "join",
            Area::Settlement => "settlement",
            Area::Lease => "lease",
            Area::WakeUp => "wake-up",
            Area::Outbox => "outbox",
            Area::Cancellation => "cancellation",
            Area::Reclamation => "reclamation",
            Area::Answer => "answer",
        }
    }
}

impl Area {
    /// What it holds, in a few words.
    pub fn about(self) -> &'static str {
        match self {
            Area::Promise => "a promise by itself",
            Area::Task => "a task by itself, and who may ask what of it",
            Area::Schedule => "a schedule and its occurrences",
            Area::Store => "what any step reads, writes and answers, and how records are found",
            Area::Join => "what holds between a promise, its task, and those who wait",
            Area::Settlement => "how promises settle, and what they owe then",
            Area::Lease => "who holds a task, and for how long",
            Area::WakeUp => "how a task that waits goes on",
            Area::Outbox => "what leaves for receivers",
            Area::Cancellation => "what is canceled with its owner (an extension)",
            Area::Reclamation => "what is deleted once nobody needs it (an extension)",
            Area::Answer => "what is told",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
