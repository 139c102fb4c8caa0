//! A look at the journals before the engine reads them.
//!
//! fjall ends recovery at the first batch that it cannot parse, as if that were the end, and does
//! not open a journal with a batch that parses but fails its checksum. The first would drop later,
//! acknowledged batches without a word if the disk had damaged one in the middle; the second would
//! keep a store shut after a power cut that left a hole in the value of a batch nobody was told of.
//! The two are told apart by what follows: commits are synced one by one, so whatever was on its
//! way when the power went is the last batch, and a bad batch before a good one is damage. So is a
//! bad last batch that has its end and lacks none of its sectors.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

mod parser;
mod tear;
#[cfg(test)]
mod tests;

use xxhash_rust::xxh3::Xxh3;

use parser::{START, batch};

const BUFFER: usize = 64 << 10;

/// What the journals of a tree are like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Journals {
    /// Every batch is whole; this is the last one, if there is any.
    Whole(Option<Last>),
    /// The last batch was cut short or has holes, and nothing follows it.
    Torn(Place),
    /// A batch is bad although whole ones follow it, or although it was written to its end.
    Damaged(Place),
}

/// The journals of a tree, and how far the whole batches of each go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Examined {
    pub(crate) journals: Journals,
    pub(crate) ends: Vec<End>,
}

/// How far the whole batches of a journal go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) file: PathBuf,
    pub(crate) offset: u64,
    /// The XXH3 of the numbers of the batches.
    pub(crate) numbers: u64,
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

/// The last batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Last {
    place: Place,
    length: u64,
}

impl Last {
    /// Writes the batch over itself and syncs it.
    ///
    /// When a sync fails, the kernel may keep the pages in memory and call them clean: the batch
    /// can be read, a new sync has nothing to do, and the next power cut loses it, together with
    /// everything that was built on it in the meantime. Written again, it is synced for certain.
    /// Earlier batches were: no commit follows a failed one.
    pub(crate) fn harden(&self) -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).write(true).open(&self.place.file)?;
        file.seek(SeekFrom::Start(self.place.offset))?;
        let mut bytes = Vec::new();
        (&mut file).take(self.length).read_to_end(&mut bytes)?;
        file.seek(SeekFrom::Start(self.place.offset))?;
        file.write_all(&bytes)?;
        file.sync_all()
    }
}

/// Reads all journals of a tree, the oldest first.
pub(crate) fn examine(tree: &Path) -> io::Result<Examined> {
    let mut ends = Vec::new();
    let journals = read(tree, &mut ends)?;
    Ok(Examined { journals, ends })
}

fn read(tree: &Path, ends: &mut Vec<End>) -> io::Result<Journals> {
    let mut torn = None;
    let mut last = None;
    let mut numbers = Numbers::default();
    for path in journals(tree)? {
        let file = File::open(&path)?;
        let length = file.metadata()?.len();
        let mut reader = BufReader::with_capacity(BUFFER, file);
        numbers.begin();
        let (whole, last_length) = match whole_batches(&mut reader, &mut numbers)? {
            Whole::Batches { whole, last } => (whole, last),
            Whole::Misnumbered { offset } => {
                return Ok(Journals::Damaged(Place { file: path, offset }));
            }
        };
        ends.push(End { file: path.clone(), offset: whole, numbers: numbers.hash.digest() });
        if let Some(place) = torn.take_if(|_| whole > 0) {
            return Ok(Journals::Damaged(place));
        }
        if whole > 0 {
            let place = Place { file: path.clone(), offset: whole - last_length };
            last = Some(Last { place, length: last_length });
        }
        if whole == length {
            continue;
        }
        let place = Place { file: path, offset: whole };
        match remainder(&mut reader.into_inner(), whole)? {
            Remainder::Nothing => {}
            Remainder::Torn => torn = torn.or(Some(place)),
            Remainder::Damaged => return Ok(Journals::Damaged(torn.unwrap_or(place))),
        }
    }
    Ok(torn.map_or(Journals::Whole(last), Journals::Torn))
}

/// How far the number of a batch may be from the one before. Flushes and compactions take numbers,
/// too, but a few for each commit.
const MAX_STEP: u64 = 1 << 20;

/// The numbers of batches always grow, by little: which image of a key is the newer one goes by
/// them, and the engine's checksum leaves them out.
#[derive(Default)]
struct Numbers {
    last: Option<u64>,
    hash: Xxh3,
}

impl Numbers {
    fn begin(&mut self) {
        self.hash.reset();
    }

    fn follows(&mut self, number: u64) -> bool {
        let follows = self.last.is_none_or(|last| (last + 1..=last + MAX_STEP).contains(&number));
        self.last = Some(number);
        self.hash.update(&number.to_le_bytes());
        follows && number <= u64::MAX / 4
    }
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

enum Whole {
    /// The length of the whole batches at the beginning, and of the last of them.
    Batches { whole: u64, last: u64 },
    /// Where the number of a batch does not follow the one before.
    Misnumbered { offset: u64 },
}

fn whole_batches(reader: &mut impl Read, numbers: &mut Numbers) -> io::Result<Whole> {
    let (mut whole, mut last) = (0, 0);
    while let Some(batch) = batch(reader)? {
        if !numbers.follows(batch.number) {
            return Ok(Whole::Misnumbered { offset: whole });
        }
        whole += batch.length;
        last = batch.length;
    }
    Ok(Whole::Batches { whole, last })
}

enum Remainder {
    /// Zeros: the room that a journal is created with.
    Nothing,
    /// A batch that did not reach the disk whole.
    Torn,
    /// A batch that was whole, or one before such.
    Damaged,
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
    let written = rest.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    rest.truncate(written);
    // The bad batch itself begins at 0.
    for at in 1..rest.len() {
        if rest[at] == START && batch(&mut &rest[at..])?.is_some() {
            return Ok(Remainder::Damaged);
        }
    }
    Ok(if tear::is_possible(&rest, from)? { Remainder::Torn } else { Remainder::Damaged })
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
