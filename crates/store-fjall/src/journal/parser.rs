//! The layout of a batch (fjall 3): `1`, count `u32`, number `u64`; then the items, each `2`, kind
//! `u8`, compression `u8`, keyspace `u64`, lengths of the key `u16`, of the value `u32` and of its
//! stored form `u32`, and both; or `4` and a keyspace `u64`; then `3`, the XXH3 of the items, and
//! `FJL 3`. Integers are little-endian. Tests against real journals hold this to the engine.

use std::io::{self, Read};

use xxhash_rust::xxh3::Xxh3;

pub(super) const START: u8 = 1;
pub(super) const ITEM: u8 = 2;
pub(super) const END: u8 = 3;
const CLEAR: u8 = 4;
pub(super) const TRAILER: [u8; 4] = *b"FJL\x03";

/// A whole batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) length: u64,
    /// Its number, which its checksum leaves out.
    pub(super) number: u64,
}

/// The whole batch that begins here; `None` when there is none.
pub(super) fn batch(reader: &mut impl Read) -> io::Result<Option<Batch>> {
    let mut parser = Parser { reader, read: 0, number: 0, hash: Xxh3::new() };
    match parser.batch() {
        Ok(true) => Ok(Some(Batch { length: parser.read, number: parser.number })),
        Ok(false) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// The length of the batch that begins here, going by its lengths alone.
pub(super) fn length(reader: &mut impl Read) -> io::Result<Option<u64>> {
    let mut parser = Parser { reader, read: 0, number: 0, hash: Xxh3::new() };
    match parser.items().and_then(|there| {
        let _end: [u8; 1 + 8 + TRAILER.len()] = parser.take()?;
        Ok(there)
    }) {
        Ok(true) => Ok(Some(parser.read)),
        Ok(false) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

struct Parser<'a, R> {
    reader: &'a mut R,
    read: u64,
    number: u64,
    hash: Xxh3,
}

impl<R: Read> Parser<'_, R> {
    fn batch(&mut self) -> io::Result<bool> {
        if !self.items()? {
            return Ok(false);
        }
        let computed = self.hash.digest();
        let ends = self.take()? == [END];
        let expected = u64::from_le_bytes(self.take()?);
        Ok(ends && computed == expected && self.take()? == TRAILER)
    }

    fn items(&mut self) -> io::Result<bool> {
        if self.take()? != [START] {
            return Ok(false);
        }
        let count = u32::from_le_bytes(self.take()?);
        self.number = u64::from_le_bytes(self.take()?);
        self.hash.reset();
        for _ in 0..count {
            match self.take()? {
                [ITEM] => {
                    let [_kind, _compression] = self.take()?;
                    let _keyspace: [u8; 8] = self.take()?;
                    let key = u16::from_le_bytes(self.take()?);
                    let _value: [u8; 4] = self.take()?;
                    let stored = u32::from_le_bytes(self.take()?);
                    self.skip(u64::from(key) + u64::from(stored))?;
                }
                [CLEAR] => {
                    let _keyspace: [u8; 8] = self.take()?;
                }
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        self.hash.update(&bytes);
        self.read += N as u64;
        Ok(bytes)
    }

    fn skip(&mut self, mut length: u64) -> io::Result<()> {
        let mut bytes = [0; 4096];
        while length > 0 {
            let chunk = length.min(bytes.len() as u64) as usize;
            self.reader.read_exact(&mut bytes[..chunk])?;
            self.hash.update(&bytes[..chunk]);
            self.read += chunk as u64;
            length -= chunk as u64;
        }
        Ok(())
    }
}
