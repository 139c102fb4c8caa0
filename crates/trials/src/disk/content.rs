use std::{fs, io, os::unix::fs::FileExt, path::Path};

/// The bytes of a file. What lies after those that were written is a hole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    bytes: Vec<u8>,
    length: u64,
}

/// What is written to an image at once, if it is not all zeros.
const CHUNK: usize = 4096;

impl Content {
    pub(super) fn read(path: &Path) -> io::Result<Content> {
        let mut bytes = fs::read(path)?;
        let length = bytes.len() as u64;
        let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        bytes.truncate(end);
        Ok(Content { bytes, length })
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn write(&mut self, offset: u64, data: &[u8]) {
        let start = offset as usize;
        let end = start + data.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[start..end].copy_from_slice(data);
        self.length = self.length.max(end as u64);
    }

    /// As [`write`](Self::write), but the length stays.
    pub(super) fn overlay(&mut self, offset: u64, data: &[u8]) {
        let length = self.length;
        self.write(offset, data);
        self.length = length;
    }

    pub(super) fn set_length(&mut self, length: u64) {
        self.length = length;
        self.bytes.truncate(length as usize);
    }

    /// The bytes that are not a hole at the end.
    pub(super) fn written(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn store(&self, path: &Path) -> io::Result<()> {
        let file = fs::File::create(path)?;
        file.set_len(self.length)?;
        let bytes = &self.bytes[..self.bytes.len().min(self.length as usize)];
        for (at, chunk) in bytes.chunks(CHUNK).enumerate() {
            if chunk.iter().any(|&byte| byte != 0) {
                file.write_all_at(chunk, (at * CHUNK) as u64)?;
            }
        }
        Ok(())
    }

    /// Compares what a reader would see.
    pub(super) fn same(&self, other: &Content) -> bool {
        let (short, long) = if self.bytes.len() < other.bytes.len() {
            (&self.bytes, &other.bytes)
        } else {
            (&other.bytes, &self.bytes)
        };
        self.length == other.length
            && long.starts_with(short)
            && long[short.len()..].iter().all(|&byte| byte == 0)
    }
}
