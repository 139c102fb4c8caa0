/// Kinds of calls that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calls(u8);

impl Calls {
    /// Writes to files.
    pub const WRITE: Calls = Calls(1);
    /// Syncs of files and directories.
    pub const SYNC: Calls = Calls(2);
    /// The creation of files and directories.
    pub const CREATE: Calls = Calls(4);
    /// Renames, links and removals.
    pub const NAME: Calls = Calls(8);
    /// Changes of a file's length.
    pub const SIZE: Calls = Calls(16);
    /// What needs room on the disk.
    pub const SPACE: Calls = Calls(1 | 4 | 16);

    /// These and those.
    pub const fn and(self, others: Calls) -> Calls {
        Calls(self.0 | others.0)
    }

    pub(super) fn bits(self) -> i64 {
        self.0.into()
    }
}

/// Which calls fail, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kinds of calls.
    pub calls: Calls,
    /// What they fail with.
    pub errno: i32,
    /// How many succeed before.
    pub after: u64,
    /// How many fail; later ones succeed again.
    pub times: u64,
    /// Whether the first write that fails writes half of its bytes before, as on a disk that has
    /// just become full.
    pub short: bool,
}

impl Fault {
    /// Every sync fails with an I/O error, from the next one on.
    pub const fn no_sync() -> Fault {
        Fault { calls: Calls::SYNC, errno: 5, after: 0, times: u64::MAX, short: false }
    }

    /// The disk is full: whatever needs room fails, and the first write is cut.
    pub const fn no_space() -> Fault {
        Fault { calls: Calls::SPACE, errno: 28, after: 0, times: u64::MAX, short: true }
    }
}
