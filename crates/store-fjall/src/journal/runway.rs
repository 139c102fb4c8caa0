//! Zeros ahead of the commits.
//!
//! Where a segment has no blocks yet, the sync of a commit has the file system find some, mark them as
//! written when they are, and note where they are: three times somebody waits for a processor and the
//! disk. Where there are zeros, it writes the commit and nothing else. To whoever reads the segment,
//! zeros are the same as what was never written.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

/// How far the zeros go beyond the last commit, at most.
const LENGTH: u64 = 8 << 20;

/// How far they go at least: a store that is hardly written to takes no more than it needs.
const SHORTEST: u64 = 64 << 10;

/// How many are written at once: a commit may have to wait for their sync, and many small ones hold
/// more of them up than one large one does.
const STRETCH: u64 = 1 << 20;

/// In how small pieces: of a large one, the system would keep a large page, and count all of it as
/// written with each commit into it. A page that a commit has begun is left to the next one.
const PAGE: u64 = 4 << 10;

/// Writes zeros into the segment that is written to, on a thread of its own. Dropping this ends that.
#[derive(Debug)]
pub(super) struct Runway {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The segment, if zeros can be written to it.
    file: Option<Arc<File>>,
    /// How far the commits went when it began.
    begin: u64,
    /// How far they go, or are just about to.
    end: u64,
    /// How far there are pages with commits or zeros.
    written: u64,
    /// How long the segment becomes.
    room: u64,
    /// Whether zeros are being written behind `written`.
    busy: bool,
    closing: bool,
}

impl Runway {
    pub(super) fn start() -> io::Result<Runway> {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new() });
        let its = shared.clone();
        let thread = thread::Builder::new().name("abide-runway".into());
        let thread = thread.spawn(move || its.run())?;
        Ok(Runway { shared, thread: Some(thread) })
    }

    /// From now on it is this segment that is written to, after its first `end` bytes. The file is one
    /// that was opened for this alone: if a sync fails here, that of the next commit fails, too.
    pub(super) fn lead(&self, file: File, end: u64, room: u64) {
        let mut state = self.shared.idle();
        let file = Some(Arc::new(file));
        let written = end.next_multiple_of(PAGE);
        *state = State { file, begin: end, end, written, room, ..State::default() };
    }

    /// A commit is going to be written up to here: no zeros are, from now on.
    pub(super) fn claim(&self, end: u64) {
        let mut state = self.shared.lock();
        if state.written < end {
            drop(state);
            state = self.shared.idle();
            state.written = state.written.max(end.next_multiple_of(PAGE));
        }
        state.end = end;
        if state.next().is_some() {
            self.shared.changed.notify_all();
        }
    }
}

impl Drop for Runway {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl State {
    /// How far zeros are to be written now. They go as far beyond the commits as those have come, so
    /// that nothing is prepared for a store that nobody writes to.
    fn next(&self) -> Option<u64> {
        let length = (self.end - self.begin).clamp(SHORTEST, LENGTH);
        let goal = self.room.min((self.end + length).next_multiple_of(PAGE));
        let missing = goal.checked_sub(self.written)?;
        let is_due = missing >= STRETCH.min(length / 2) || goal == self.room && missing > 0;
        let is_used = self.end > self.begin && self.file.is_some();
        (is_used && is_due && !self.busy).then(|| goal.min(self.written + STRETCH))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no zeros are being written.
    fn idle(&self) -> MutexGuard<'_, State> {
        let state = self.lock();
        let idle = self.changed.wait_while(state, |state| state.busy);
        idle.unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut state = self.lock();
        loop {
            let due = self.changed.wait_while(state, |it| !it.closing && it.next().is_none());
            state = due.unwrap_or_else(PoisonError::into_inner);
            let (false, Some(to), Some(file)) = (state.closing, state.next(), state.file.clone())
            else {
                return;
            };
            let from = state.written;
            state.busy = true;
            drop(state);
            let done = zero(&file, from, to).and_then(|()| file.sync_data());
            state = self.lock();
            state.busy = false;
            state.written = to;
            // Perhaps the disk is full. Commits need none of this, and find out by themselves.
            state.file = state.file.take().filter(|_| done.is_ok());
            self.changed.notify_all();
        }
    }
}

fn zero(mut file: &File, from: u64, to: u64) -> io::Result<()> {
    const ZEROS: [u8; PAGE as usize] = [0; PAGE as usize];
    file.seek(SeekFrom::Start(from))?;
    (from..to).step_by(ZEROS.len()).try_for_each(|at| {
        let piece = PAGE.min(to - at) as usize;
        file.write_all(&ZEROS[..piece])
    })
}

#[cfg(test)]
mod tests;
