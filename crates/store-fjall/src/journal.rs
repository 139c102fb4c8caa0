//! The journal: every commit, synced one by one, until what it has written is in a table.
//!
//! It is a directory of segments, `0.jnl` and so on. What the segment that is written to holds is in
//! memory as well; when that is full, a new segment begins, and the old one is removed as soon as a
//! table holds what it did.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use byteview::ByteView;

mod examine;
mod record;
mod runway;
mod tear;
#[cfg(test)]
mod tests;

pub(crate) use examine::{Examined, Journals, Place, Segment, examine, is_blank, verify};
pub(crate) use record::{Record, Writes};

use self::runway::Runway;
use crate::format::sync_directory;

/// Where the journal of a store is.
pub(crate) const DIRECTORY: &str = "journal";

/// How segments are called, after their number.
const EXTENSION: &str = "jnl";

/// The journal of an open store.
#[derive(Debug)]
pub(crate) struct Journal {
    directory: PathBuf,
    /// The number of the segment that is written to.
    segment: u64,
    file: File,
    /// How far its commits go.
    end: u64,
    /// The number of the last commit.
    last: u64,
    /// How long a segment becomes. It is made so at once: then a sync need not write a new length.
    room: u64,
    runway: Runway,
}

impl Journal {
    /// A journal in a new directory.
    pub(crate) fn create(directory: &Path, room: u64) -> io::Result<Journal> {
        fs::create_dir_all(directory)?;
        let file = create(directory, 0, room)?;
        let runway = Runway::start()?;
        runway.lead(writable(directory, 0)?, 0, room);
        Ok(Journal {
            directory: directory.to_owned(),
            segment: 0,
            file,
            end: 0,
            last: 0,
            room,
            runway,
        })
    }

    /// Goes on after what is in the last segment.
    pub(crate) fn reopen(
        directory: &Path,
        segment: &Segment,
        last: u64,
        room: u64,
    ) -> io::Result<Journal> {
        let mut file = writable(directory, segment.number)?;
        if file.metadata()?.len() < room {
            file.set_len(room)?;
        }
        file.seek(SeekFrom::Start(segment.end))?;
        let runway = Runway::start()?;
        runway.lead(writable(directory, segment.number)?, segment.end, room);
        Ok(Journal {
            directory: directory.to_owned(),
            segment: segment.number,
            file,
            end: segment.end,
            last,
            room,
            runway,
        })
    }

    /// Whether the segment is as long as it was to become.
    pub(crate) fn is_full(&self) -> bool {
        self.end >= self.room
    }

    /// Writes a commit and returns when it is durable, with its bytes.
    pub(crate) fn append(&mut self, record: Record) -> io::Result<ByteView> {
        let number = self.last + 1;
        let bytes = record.finish(number).ok_or(io::ErrorKind::FileTooLarge)?;
        self.runway.claim(self.end + bytes.len() as u64);
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        self.last = number;
        self.end += bytes.len() as u64;
        Ok(ByteView::from(bytes))
    }

    /// Begins a new segment. Returns the number of the one before and that of the last commit in it.
    pub(crate) fn rotate(&mut self) -> io::Result<(u64, u64)> {
        let full = self.segment;
        self.file = create(&self.directory, full + 1, self.room)?;
        self.segment = full + 1;
        self.end = 0;
        self.runway.lead(writable(&self.directory, self.segment)?, 0, self.room);
        Ok((full, self.last))
    }
}

/// Makes a segment, and its name durable.
fn create(directory: &Path, number: u64, room: u64) -> io::Result<File> {
    let file = File::create_new(path(directory, number))?;
    file.set_len(room)?;
    file.sync_all()?;
    sync_directory(directory)?;
    Ok(file)
}

/// Removes a segment. That is durable before the next one goes: of segments that come back after a
/// power cut, none after them may be missing.
pub(crate) fn remove(directory: &Path, number: u64) -> io::Result<()> {
    fs::remove_file(path(directory, number))?;
    sync_directory(directory)
}

fn writable(directory: &Path, number: u64) -> io::Result<File> {
    OpenOptions::new().write(true).open(path(directory, number))
}

fn path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number}.{EXTENSION}"))
}
