//! Bugs that are planted to see whether the checker finds them.

use std::cell::Cell;

/// A bug of the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// What a turn leaves to be written is left without a word to the writer.
    WriterNotWoken,
    /// A caller that goes away without writing what it has caused wakes nobody.
    LonelyGone,
    /// Nobody tells the timer that the node is closed.
    TimerNotWoken,
    /// Nobody tells the timer that something is due earlier.
    AlarmNotSet,
    /// Who waits for the end looks first and listens then.
    ListensLate,
    /// The node counts as closed before it has let go of its store.
    ClosedEarly,
    /// The node closes while something is being written.
    ClosedWhileWriting,
    /// Two write at the same time.
    TwoWriters,
    /// What a dropped subscription has not read is forgotten.
    UnreadForgotten,
    /// After a failure nobody tells the new shard who is connected.
    ConnectionsForgotten,
    /// The calls that a failure leaves open are not answered.
    CallsForgotten,
}

impl Bug {
    /// Every one.
    pub const ALL: &[Bug] = &[
        Bug::WriterNotWoken,
        Bug::LonelyGone,
        Bug::TimerNotWoken,
        Bug::AlarmNotSet,
        Bug::ListensLate,
        Bug::ClosedEarly,
        Bug::ClosedWhileWriting,
        Bug::TwoWriters,
        Bug::UnreadForgotten,
        Bug::ConnectionsForgotten,
        Bug::CallsForgotten,
    ];
}

thread_local! {
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Plants a bug in all nodes of this thread of the system; `None` takes it out.
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

pub(crate) fn is_planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Whether a bug is planted here.
macro_rules! planted {
    ($bug:ident) => {
        $crate::sync::is_planted($crate::sync::Bug::$bug)
    };
}
pub(crate) use planted;
