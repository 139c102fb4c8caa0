//! A look at the journals before the engine reads them.
//!
//! fjall ends recovery at the first batch that it cannot parse, as if that were the end, and does
//! not open a journal with a batch that parses but fails its checksum. The first would drop later,
//! acknowledged batches without a word if the disk had damaged one in the middle; the second would
//! keep a store shut after a power cut that left a hole in the value of a batch nobody was told of.
//! The two are told apart by what follows: commits are synced one by one, so whatever was on its
//! way when the power went is the last batch, and a bad batch before a good one is damage.
//!
//! The layout of a batch (fjall 3): `1`, count `u32`, number `u64`; then the items, each `2`, kind
//! `u8`, compression `u8`, keyspace `u64`, lengths of the key `u16`, of the value `u32` and of its
//! stored form `u32`, and both; or `4` and a keyspace `u64`; then `3`, the XXH3 of the items, and
//! `FJL 3`. Integers are little-endian. Tests against real journals hold this to the engine.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use xxhash_rust::xxh3::Xxh3;

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
const TRAILER: [u8; 4] = *b"FJL\x03";

const BUFFER: usize = 64 << 10;

/// What the journals of a tree are like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Journals {
    /// Every batch is whole.
    Whole,
    /// The last batch was cut short or has holes, and nothing follows it.
    Torn(Place),
    /// A batch is bad although whole ones follow it.
    Damaged(Place),
}

/// Where a bad batch begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: PathBuf,
    pub(crate) offset: u64,
}

impl Place {
    /// Removes the batch and what is left of it.
    pub(crate) fn cut(&self) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(&self.file)?;
        file.set_len(self.offset)?;
        file.sync_all()
    }
}

/// Reads all journals of a tree, the oldest first.
pub(crate) fn examine(tree: &Path) -> io::Result<Journals> {
    let mut torn = None;
    for path in journals(tree)? {
        let file = File::open(&path)?;
        let length = file.metadata()?.len();
        let mut reader = BufReader::with_capacity(BUFFER, file);
        let whole = whole_batches(&mut reader)?;
        if let Some(place) = torn.take_if(|_| whole > 0) {
            return Ok(Journals::Damaged(place));
        }
        if whole == length {
            continue;
        }
        let place = Place { file: path, offset: whole };
        match remainder(&mut reader.into_inner(), whole)? {
            Remainder::Nothing => {}
            Remainder::Rubble => torn = torn.or(Some(place)),
            Remainder::Batches => return Ok(Journals::Damaged(torn.unwrap_or(place))),
        }
    }
    Ok(torn.map_or(Journals::Whole, Journals::Torn))
}

fn journals(tree: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<(u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(tree)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jnl") {
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            found.extend(number.map(|number| (number, path)));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// The length of the whole batches at the beginning.
fn whole_batches(reader: &mut impl Read) -> io::Result<u64> {
    let mut whole = 0;
    while let Some(length) = batch(reader)? {
        whole += length;
    }
    Ok(whole)
}

enum Remainder {
    /// Zeros: the room that a journal is created with.
    Nothing,
    /// Bytes that make no batch.
    Rubble,
    /// At least one whole batch.
    Batches,
}

fn remainder(file: &mut File, from: u64) -> io::Result<Remainder> {
    let end = readable_end(file, from)?;
    file.seek(SeekFrom::Start(from))?;
    if only_zeros(&mut file.take(end - from))? {
        return Ok(Remainder::Nothing);
    }
    let mut rest = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.read_to_end(&mut rest)?;
    // The bad batch itself begins at 0.
    for at in 1..rest.len() {
        if rest[at] == START && batch(&mut &rest[at..])?.is_some() {
            return Ok(Remainder::Batches);
        }
    }
    Ok(Remainder::Rubble)
}

/// Where the file ends, or the hole begins that it ends with. A journal is created with room for
/// 64 MiB; to read so many zeros at every start would take longer than all the rest.
fn readable_end(file: &File, from: u64) -> io::Result<u64> {
    let metadata = file.metadata()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // What lies before `from` has been read and so has its blocks. If the file has no more
        // blocks than that, the rest is a hole.
        let block_end = from.next_multiple_of(metadata.blksize().max(1));
        if metadata.blocks() * 512 <= block_end {
            return Ok(block_end.min(metadata.len()));
        }
    }
    Ok(metadata.len())
}

fn only_zeros(reader: &mut impl Read) -> io::Result<bool> {
    let mut bytes = vec![0; BUFFER];
    loop {
        match reader.read(&mut bytes)? {
            0 => return Ok(true),
            read if bytes[..read].iter().any(|&byte| byte != 0) => return Ok(false),
            _ => {}
        }
    }
}

/// The length of the whole batch that begins here; `None` when there is none.
fn batch(reader: &mut impl Read) -> io::Result<Option<u64>> {
    let mut parser = Parser { reader, read: 0, hash: Xxh3::new() };
    match parser.batch() {
        Ok(true) => Ok(Some(parser.read)),
        Ok(false) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

struct Parser<'a, R> {
    reader: &'a mut R,
    read: u64,
    hash: Xxh3,
}

impl<R: Read> Parser<'_, R> {
    fn batch(&mut self) -> io::Result<bool> {
        if self.take()? != [START] {
            return Ok(false);
        }
        let count = u32::from_le_bytes(self.take()?);
        let _number: [u8; 8] = self.take()?;
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
        let computed = self.hash.digest();
        let ends = self.take()? == [END];
        let expected = u64::from_le_bytes(self.take()?);
        Ok(ends && computed == expected && self.take()? == TRAILER)
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

#[cfg(test)]
mod tests {
    use abide_store::{Batch, Commit, Family, Key, ShardId, Store};

    use super::*;
    use crate::{FjallStore, Options};

    /// Real commits of all shapes, in real journals: the description above is the engine's layout.
    #[test]
    fn every_batch_of_the_engine_is_understood() {
        let home = tempfile::tempdir().unwrap();
        let store = FjallStore::open(home.path(), Options::default()).unwrap();
        let shard = ShardId(0);
        let epoch = store.claim(shard, "node", 0, 0).unwrap().epoch;
        for n in 0..50usize {
            let mut batch = Batch::at(n as i64);
            for at in 0..=n {
                let key = Key::new(Family(1), &vec![at as u8; at * 30]);
                if at % 3 == 2 { batch.delete(key) } else { batch.put(key, vec![3; at * n]) }
            }
            store.commit(&[Commit { shard, epoch, batch }]).unwrap();
        }
        let tree = home.path().join("tree");
        let paths = journals(&tree).unwrap();
        assert_eq!(paths.len(), 1);
        let bytes = fs::read(&paths[0]).unwrap();
        let written = bytes.iter().rposition(|&byte| byte != 0).unwrap() + 1;
        assert_eq!(whole_batches(&mut bytes.as_slice()).unwrap(), written as u64);
        drop(store);
        // With the room of a new journal, and without it, as a recovery leaves it.
        let file = OpenOptions::new().write(true).open(&paths[0]).unwrap();
        for length in [64 << 20, written as u64] {
            file.set_len(length).unwrap();
            assert_eq!(examine(&tree).unwrap(), Journals::Whole);
        }
        file.set_len(0).unwrap();
        assert_eq!(examine(&tree).unwrap(), Journals::Whole);
    }

    #[test]
    fn a_bad_batch_is_torn_until_a_whole_one_follows() {
        let tree = tempfile::tempdir().unwrap();
        let [first, second] = ["9.jnl", "10.jnl"].map(|name| tree.path().join(name));
        let item = [&[ITEM, 0, 0][..], &[0; 8], &[1, 0, 2, 0, 0, 0, 2, 0, 0, 0], b"kvv"].concat();
        let mut hash = Xxh3::new();
        hash.update(&item);
        let head = [&[START, 1, 0, 0, 0][..], &[7; 8]].concat();
        let tail = [&[END][..], &hash.digest().to_le_bytes(), &TRAILER].concat();
        let good = [head, item, tail].concat();
        let mut bad = good.clone();
        let value = good.len() - tail_length() - 1;
        bad[value] = 0;
        let room = vec![0; 200_000];
        let place =
            |file: &PathBuf, offset: usize| Place { file: file.clone(), offset: offset as u64 };
        let check = |one: &[&[u8]], other: &[&[u8]]| {
            fs::write(&first, one.concat()).unwrap();
            fs::write(&second, other.concat()).unwrap();
            examine(tree.path()).unwrap()
        };
        let torn = |file, offset| Journals::Torn(place(file, offset));
        let damaged = |file, offset| Journals::Damaged(place(file, offset));
        let length = good.len();
        assert_eq!(check(&[&good, &good, &room], &[&good, &room]), Journals::Whole);
        assert_eq!(check(&[&good], &[]), Journals::Whole);
        assert_eq!(check(&[&good], &[&good, &bad]), torn(&second, length));
        assert_eq!(check(&[&good], &[&good, &bad, &room]), torn(&second, length));
        assert_eq!(check(&[&good], &[&good, &room, &bad]), torn(&second, length));
        assert_eq!(check(&[&good], &[&good[..length - 1]]), torn(&second, 0));
        assert_eq!(check(&[&good], &[&bad, &good]), damaged(&second, 0));
        assert_eq!(check(&[&good], &[&good, &room, &good]), damaged(&second, length));
        assert_eq!(check(&[&good, &bad, &room], &[&room]), torn(&first, length));
        assert_eq!(check(&[&good, &bad, &room], &[&bad]), torn(&first, length));
        assert_eq!(check(&[&good, &bad, &room], &[&good]), damaged(&first, length));
        assert_eq!(check(&[&bad, &good], &[]), damaged(&first, 0));
    }

    fn tail_length() -> usize {
        1 + 8 + TRAILER.len()
    }
}
