//! What a process has written, call by call.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// One call, or a mark between calls. Files are named by their inodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A file that exists was opened under this name.
    Open {
        /// The name.
        path: PathBuf,
        /// The file.
        file: u64,
    },
    /// A file was created.
    Create {
        /// The name.
        path: PathBuf,
        /// The file.
        file: u64,
    },
    /// Bytes were written.
    Write {
        /// The file.
        file: u64,
        /// Where.
        offset: u64,
        /// What.
        data: Vec<u8>,
    },
    /// The length was set.
    Truncate {
        /// The file.
        file: u64,
        /// The new length.
        length: u64,
    },
    /// A file was synced, with its length.
    Sync {
        /// The file.
        file: u64,
    },
    /// A sync of a file failed.
    SyncFailed {
        /// The file.
        file: u64,
    },
    /// The names in a directory were synced.
    SyncDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// A file or directory got another name; what had that name is gone.
    Rename {
        /// The old name.
        from: PathBuf,
        /// The new name.
        to: PathBuf,
    },
    /// A name of a file was removed.
    Unlink {
        /// The name.
        path: PathBuf,
    },
    /// A directory was created.
    MakeDirectory {
        /// Its name.
        path: PathBuf,
    },
    /// A directory was removed.
    RemoveDirectory {
        /// Its name.
        path: PathBuf,
    },
    /// The process said something.
    Mark(String),
}

/// The calls of a process below one directory, in their order.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// The calls.
    pub events: Vec<Event>,
}

/// The fixed part of a record, as in `shim.c`: two `u32` and three `u64`.
const HEAD: usize = 32;

impl Recording {
    /// Reads the log that the shim has written.
    ///
    /// # Errors
    /// When it cannot be read, or the process did something that cannot be replayed.
    pub fn read(log: &Path) -> io::Result<Recording> {
        let bytes = fs::read(log)?;
        let mut rest = bytes.as_slice();
        let mut events = Vec::new();
        while !rest.is_empty() {
            let cut = || io::Error::new(ErrorKind::UnexpectedEof, "the recording is cut");
            let (head, tail) = rest.split_at_checked(HEAD).ok_or_else(cut)?;
            let (path, tail) = tail.split_at_checked(u32_at(head, 4) as usize).ok_or_else(cut)?;
            let length = usize::try_from(u64_at(head, 24)).unwrap_or(usize::MAX);
            // A process that was killed may have left a record in part.
            let (data, tail) = tail.split_at_checked(length).ok_or_else(cut)?;
            events.push(event(head, text(path)?, data)?);
            rest = tail;
        }
        Ok(Recording { events })
    }
}

fn event(head: &[u8], path: &str, data: &[u8]) -> io::Result<Event> {
    let (file, offset) = (u64_at(head, 8), u64_at(head, 16));
    let path = PathBuf::from(path);
    Ok(match u32_at(head, 0) {
        1 => Event::Open { path, file },
        2 => Event::Create { path, file },
        3 => Event::Write { file, offset, data: data.to_vec() },
        4 => Event::Truncate { file, length: offset },
        // fdatasync leaves out times only: what is needed to read the data back is synced.
        5 | 6 => Event::Sync { file },
        7 => Event::SyncDirectory { path },
        8 => Event::Rename { from: path, to: text(data)?.into() },
        9 => Event::Unlink { path },
        10 => Event::MakeDirectory { path },
        11 => Event::RemoveDirectory { path },
        12 => Event::Mark(text(data)?.to_owned()),
        15 => Event::SyncFailed { file },
        kind => {
            let what = format!("a call that cannot be replayed: {kind} {}", path.display());
            return Err(io::Error::new(ErrorKind::Unsupported, what));
        }
    })
}

fn text(bytes: &[u8]) -> io::Result<&str> {
    str::from_utf8(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

fn u32_at(head: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(head[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(head: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(head[at..at + 8].try_into().expect("eight bytes"))
}
