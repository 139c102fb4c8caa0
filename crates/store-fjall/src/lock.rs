use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use crate::OpenError;

pub(crate) const NAME: &str = "LOCK";

/// Keeps other processes out of a directory while it lives. The kernel ends the lock with the
/// process, however that dies.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, never read")] File);

impl Lock {
    pub(crate) fn acquire(directory: &Path) -> Result<Lock, OpenError> {
        let io = |source| OpenError::Io { path: directory.to_owned(), source };
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(directory.join(NAME))
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(io(error)),
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                let _ = file.read_to_string(&mut owner);
                let process = owner.trim().parse().ok();
                return Err(OpenError::InUse { path: directory.to_owned(), process });
            }
        }
        // The process id is for people only; the lock is what counts.
        file.set_len(0).map_err(io)?;
        file.rewind().map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Lock(file))
    }
}
