//! A look at the journal before anything else is done.
//!
//! Commits are synced one by one, so whatever was on its way when the power went is the last one, and
//! a bad commit before a good one is damage. So is a bad last one that has its end and lacks none of
//! its sectors, a number that does not follow the one before, and a segment that is missing.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use byteview::ByteView;

use super::{
    EXTENSION, path,
    record::{self, Whole},
    tear,
};
use crate::Flaw;

const BUFFER: usize = 64 << 10;

/// What the segments are like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Journals {
    /// Every commit is whole; this is the last one, if there is any.
    Whole(Option<Last>),
    /// The last commit was cut short or has holes, and nothing follows it.
    Torn(Place),
    /// A commit is bad although whole ones follow it, or although it was written to its end.
    Damaged(Place),
}

/// The segments of a journal, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Examined {
    pub(crate) journals: Journals,
    pub(crate) segments: Vec<Segment>,
}

/// A segment and how far its whole commits go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    pub(crate) file: PathBuf,
    pub(crate) end: u64,
    /// The numbers of its first commit and of its last one.
    pub(crate) commits: Option<(u64, u64)>,
}

/// Where a bad commit begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: PathBuf,
    pub(crate) offset: u64,
}

impl Place {
    /// Removes the commit and what is left of it.
    pub(crate) fn cut(&self) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(&self.file)?;
        file.set_len(self.offset)?;
        file.sync_all()
    }
}

/// The last commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Last {
    place: Place,
    length: u64,
}

impl Last {
    pub(super) fn new(place: Place, length: u64) -> Last {
        Last { place, length }
    }

    /// Writes the commit over itself and syncs it.
    ///
    /// When a sync fails, the kernel may keep the pages in memory and call them clean: the commit
    /// can be read, a new sync has nothing to do, and the next power cut loses it, together with
    /// everything that was built on it in the meantime. Written again, it is synced for certain.
    /// Earlier commits were: no commit follows a failed one.
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

/// The first thing that is wrong with the names in a journal: there is a segment, none is missing
/// in between, and nothing else is there.
pub(crate) fn verify(directory: &Path) -> Result<(), Flaw> {
    let flaw = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Flaw::missing(directory),
        _ => Flaw::new(directory, error),
    };
    for entry in fs::read_dir(directory).map_err(flaw)? {
        let path = entry.map_err(flaw)?.path();
        if number(&path).is_none() || !path.is_file() {
            return Err(Flaw::foreign(&path));
        }
    }
    let found = segments(directory).map_err(flaw)?;
    let Some((first, _)) = found.first() else {
        return Err(Flaw::missing(&directory.join(format!("*.{EXTENSION}"))));
    };
    match (*first..).zip(&found).find(|(expected, (number, _))| expected != number) {
        None => Ok(()),
        Some((expected, (_, later))) => {
            let later = later.display();
            let reason =
                format!("it is missing, and {later} is there; restore the store from a backup");
            Err(Flaw::new(&path(directory, expected), reason))
        }
    }
}

/// Reads a journal, the oldest segment first, and shows every whole commit, with the place of its
/// segment among the others.
pub(crate) fn examine(
    directory: &Path,
    mut show: impl FnMut(usize, ByteView),
) -> io::Result<Examined> {
    let mut segments = Vec::new();
    let journals = read(directory, &mut segments, &mut show)?;
    Ok(Examined { journals, segments })
}

fn read(
    directory: &Path,
    read: &mut Vec<Segment>,
    show: &mut impl FnMut(usize, ByteView),
) -> io::Result<Journals> {
    let mut torn = None;
    let mut last = None;
    let mut newest: Option<u64> = None;
    for (number, path) in segments(directory)? {
        let file = File::open(&path)?;
        let length = file.metadata()?.len();
        let mut reader = BufReader::with_capacity(BUFFER, file);
        let mut segment = Segment { number, file: path.clone(), end: 0, commits: None };
        while let Some(Whole { number, bytes }) = record::read(&mut reader, length - segment.end)? {
            let place = Place { file: path.clone(), offset: segment.end };
            if let Some(torn) = torn.take() {
                return Ok(Journals::Damaged(torn));
            }
            if newest.is_some_and(|newest| newest.checked_add(1) != Some(number)) {
                return Ok(Journals::Damaged(place));
            }
            newest = Some(number);
            let (first, _) = segment.commits.unwrap_or((number, number));
            segment.commits = Some((first, number));
            segment.end += bytes.len() as u64;
            last = Some(Last::new(place, bytes.len() as u64));
            show(read.len(), bytes);
        }
        let place = Place { file: path, offset: segment.end };
        let whole = segment.end;
        read.push(segment);
        if whole == length {
            continue;
        }
        match remainder(&mut reader.into_inner(), whole)? {
            Remainder::Nothing => {}
            Remainder::Torn => torn = torn.or(Some(place)),
            Remainder::Damaged => return Ok(Journals::Damaged(torn.unwrap_or(place))),
        }
    }
    Ok(torn.map_or(Journals::Whole(last), Journals::Torn))
}

/// The segments that there are, in the order of their numbers.
fn segments(directory: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found: Vec<(u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        found.extend(number(&path).map(|number| (number, path)));
    }
    found.sort();
    Ok(found)
}

fn number(path: &Path) -> Option<u64> {
    let number = path.file_stem()?.to_str()?.parse().ok()?;
    (path.extension()? == EXTENSION).then_some(number)
}

enum Remainder {
    /// Zeros: the room that a segment is created with.
    Nothing,
    /// A commit that did not reach the disk whole.
    Torn,
    /// A commit that was whole, or one before such.
    Damaged,
}

/// Whether a file has nothing but zeros in it.
pub(crate) fn is_blank(file: &Path) -> io::Result<bool> {
    is_blank_from(&mut File::open(file)?, 0)
}

fn is_blank_from(file: &mut File, from: u64) -> io::Result<bool> {
    let end = readable_end(file, from)?;
    file.seek(SeekFrom::Start(from))?;
    only_zeros(&mut file.take(end - from))
}

fn remainder(file: &mut File, from: u64) -> io::Result<Remainder> {
    if is_blank_from(file, from)? {
        return Ok(Remainder::Nothing);
    }
    let mut rest = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.read_to_end(&mut rest)?;
    let written = rest.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    rest.truncate(written);
    // The bad commit itself begins at 0.
    for at in 1..rest.len() {
        let rest = &rest[at..];
        if record::is_whole(rest)? {
            return Ok(Remainder::Damaged);
        }
    }
    Ok(if tear::is_possible(&rest, from) { Remainder::Torn } else { Remainder::Damaged })
}

/// Where the file ends, or the hole begins that it ends with, as far as the system says. A segment is
/// as long as it will be from its creation; to read so many zeros at every start would take longer than
/// all the rest.
fn readable_end(file: &File, from: u64) -> io::Result<u64> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{SeekFrom, seek};
        let mut end = from;
        while let Ok(data) = seek(file, SeekFrom::Data(end)) {
            end = seek(file, SeekFrom::Hole(data))?;
        }
        if seek(file, SeekFrom::Data(end)) == Err(rustix::io::Errno::NXIO) {
            return Ok(end);
        }
    }
    Ok(file.metadata()?.len().max(from))
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
