use std::{collections::HashMap, fs, io, path::Path};

use fastrand::Rng;

use super::{
    Disk,
    content::Content,
    file::{Change, File, pieces},
    names::Node,
};

/// What a power cut leaves of the changes that were not certain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// The size of a sector, which is written whole or not at all.
    pub sector: u64,
    /// The probability that a sector is as it was last written.
    pub kept: f64,
    /// Whether sectors, and changes of names, come in the order in which they were made.
    pub ordered: bool,
}

impl Loss {
    /// One of the many ways to lose something.
    pub fn any(rng: &mut Rng) -> Loss {
        let kept = [0.0, 0.1, 0.5, 0.9, 0.98, 1.0][rng.usize(..6)];
        Loss { sector: [512, 4096][rng.usize(..2)], kept, ordered: rng.u8(..3) == 0 }
    }
}

impl Disk {
    /// Writes what the disk may hold after a power cut into an empty directory.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn image(&self, directory: &Path, loss: Loss, rng: &mut Rng) -> io::Result<()> {
        let changes = self.names.pending();
        let in_order = rng.usize(..=changes);
        let names = self.names.after(&self.root, |at| match loss.kept {
            1.0 => true,
            0.0 => false,
            kept if loss.ordered => at < in_order || kept >= 1.0,
            kept => rng.f64() < kept,
        });
        for (path, node) in names {
            let target = directory.join(path.strip_prefix(&self.root).expect("below the root"));
            match node {
                Node::Directory => fs::create_dir(target)?,
                Node::File(file) => after(&self.files[file], loss, rng).store(&target)?,
            }
        }
        Ok(())
    }
}

fn after(file: &File, loss: Loss, rng: &mut Rng) -> Content {
    let mut content = file.certain.clone();
    let changes = file.pending.len();
    if changes == 0 || loss.kept == 0.0 {
        return content;
    }
    // Each sector, and the length, is as it was after so many of the changes.
    let in_order = rng.usize(..=changes);
    let mut progress = HashMap::new();
    let mut reached = |rng: &mut Rng, sector: Option<u64>| -> usize {
        *progress.entry(sector).or_insert_with(|| {
            if loss.kept >= 1.0 || !loss.ordered && rng.f64() < loss.kept {
                changes
            } else if loss.ordered {
                in_order
            } else {
                rng.usize(..=changes)
            }
        })
    };
    let of_length = reached(rng, None);
    let mut length = content.length();
    for (at, pending) in file.pending.iter().enumerate() {
        match &pending.change {
            Change::Write { offset, data } => {
                for (offset, piece) in pieces(*offset, data, loss.sector) {
                    if at < reached(rng, Some(offset / loss.sector)) {
                        content.overlay(offset, piece);
                    }
                }
                if at < of_length {
                    length = length.max(offset + data.len() as u64);
                }
            }
            Change::Length(to) => {
                let zeros = vec![0; (content.written() as u64).saturating_sub(*to) as usize];
                for (offset, piece) in pieces(*to, &zeros, loss.sector) {
                    if at < reached(rng, Some(offset / loss.sector)) {
                        content.overlay(offset, piece);
                    }
                }
                if at < of_length {
                    length = *to;
                }
            }
        }
    }
    content.set_length(length);
    content
}
