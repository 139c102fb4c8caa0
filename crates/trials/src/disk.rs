//! A disk as a process has left it, call by call: what is certain to be there after a power cut,
//! and what may be.
//!
//! Certain is what was synced: the bytes and the length of a file by `fsync` or `fdatasync` on it,
//! the names in a directory by `fsync` on that. Of everything else a power cut leaves any part:
//! each sector of a file in any of the states it had since the last sync, the length in any of its
//! own, each change of a name or not. A failed sync makes nothing certain, and neither does a later
//! one that succeeds, as long as the pages have not been written to again: that is how Linux does.

mod content;
mod file;
mod image;
mod names;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use content::Content;
use file::File;
pub use image::Loss;
use names::{Names, Node};

use crate::shim::recording::Event;

/// The state of a directory and all below it.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
    names: Names,
    files: Vec<File>,
    /// The inodes that were last seen in use.
    inodes: HashMap<u64, usize>,
}

impl Disk {
    /// The disk with what is in a directory now, all of it certain.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(root: &Path) -> io::Result<Disk> {
        let root = root.canonicalize()?;
        let mut disk = Disk {
            root: root.clone(),
            names: Names::default(),
            files: Vec::new(),
            inodes: HashMap::new(),
        };
        let mut directories = vec![root];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory)? {
                let path = entry?.path();
                if path.is_dir() {
                    disk.names.certain(&path, Node::Directory);
                    directories.push(path);
                } else {
                    let content = Content::read(&path)?;
                    let file = disk.add(fs::metadata(&path)?.ino(), File::certain(content));
                    disk.names.certain(&path, Node::File(file));
                }
            }
        }
        Ok(disk)
    }

    fn add(&mut self, inode: u64, file: File) -> usize {
        self.files.push(file);
        self.inodes.insert(inode, self.files.len() - 1);
        self.files.len() - 1
    }

    fn file(&mut self, inode: u64) -> Result<&mut File, String> {
        let file = self.inodes.get(&inode).ok_or("a file was written that nobody opened")?;
        Ok(&mut self.files[*file])
    }

    /// Takes a call into account.
    ///
    /// # Errors
    /// When something has happened that was not recorded.
    pub fn apply(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::Create { path, file } => {
                let file = self.add(*file, File::default());
                self.names.set(path, Node::File(file));
            }
            Event::Open { path, file } => self.opened(path, *file)?,
            Event::Write { file, offset, data } => self.file(*file)?.write(*offset, data),
            Event::Truncate { file, length } => self.file(*file)?.set_length(*length),
            Event::Sync { file } => self.file(*file)?.sync(),
            Event::SyncFailed { file } => self.file(*file)?.fail_to_sync(),
            Event::SyncDirectory { path } => self.names.sync(path),
            Event::Rename { from, to } => self.names.rename(from, to)?,
            Event::Unlink { path } => self.names.remove(path),
            Event::MakeDirectory { path } => self.names.set(path, Node::Directory),
            Event::RemoveDirectory { path } => self.names.remove(path),
            Event::Mark(_) => {}
        }
        Ok(())
    }

    /// A file may turn out to have got its name by a call that went past the C library, as the
    /// `rename` of some crates does. Until its directory is synced nothing is certain about the
    /// name, so that it does not matter that the call is noticed late.
    fn opened(&mut self, path: &Path, inode: u64) -> Result<(), String> {
        let unseen = || format!("{} was opened and never created", path.display());
        let file = *self.inodes.get(&inode).ok_or_else(unseen)?;
        let node = Node::File(file);
        if self.names.now(path) != Some(node) {
            let from = self.names.path_of(node).ok_or_else(unseen)?;
            self.names.rename(&from, path)?;
        }
        Ok(())
    }

    /// Compares with what is there now: whether the recording has everything.
    ///
    /// # Errors
    /// Names the first difference.
    pub fn verify(&self) -> Result<(), String> {
        let text = |error: io::Error| error.to_string();
        let actual = Disk::of(&self.root).map_err(text)?;
        let here: BTreeMap<_, _> = self.names.all_now();
        let there: BTreeMap<_, _> = actual.names.all_now();
        for path in here.keys().chain(there.keys()) {
            match (here.get(path), there.get(path)) {
                (Some(Node::Directory), Some(Node::Directory)) => {}
                (Some(Node::File(here)), Some(Node::File(there))) => {
                    if self.files[*here].now() != actual.files[*there].now() {
                        return Err(format!("{} was written unseen", path.display()));
                    }
                }
                _ => return Err(format!("{} was named or removed unseen", path.display())),
            }
        }
        Ok(())
    }
}
