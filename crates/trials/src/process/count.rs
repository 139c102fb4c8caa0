use std::{fmt, ops::AddAssign};

/// What was done to a server in a trial.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    /// How many sequences of requests.
    pub(crate) scripts: usize,
    /// How many of their requests were acknowledged.
    pub(crate) acknowledged: usize,
    /// How many listeners were.
    pub(crate) listeners: usize,
    /// How many requests were on their way at a crash and found not done.
    pub(crate) found_undone: usize,
    /// How many were found done.
    pub(crate) found_done: usize,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.scripts += other.scripts;
        self.acknowledged += other.acknowledged;
        self.listeners += other.listeners;
        self.found_undone += other.found_undone;
        self.found_done += other.found_done;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { scripts, acknowledged, listeners, found_undone, found_done } = self;
        write!(
            f,
            "{scripts} scripts, {acknowledged} acknowledged writes, lost 0, {listeners} listeners, \
             unheard 0; in doubt and found done {found_done}, not done {found_undone}"
        )
    }
}
