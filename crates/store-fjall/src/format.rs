//! The file `FORMAT`: read before anything else is touched, so that a store of a newer version
//! stays as it is, and readable by people.
//!
//! ```text
//! abide store
//! format 5
//! shards 1
//! created 1795224000000
//! sum 5d2c7b9a01f3e846
//! ```
//!
//! The sum is the XXH3 of all before it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use xxhash_rust::xxh3::xxh3_64;

use crate::OpenError;

const NAME: &str = "FORMAT";
const NEW_NAME: &str = "FORMAT.new";
const TITLE: &str = "abide store";

/// The field with the checksum, and the first format that has it.
const SUM: &str = "sum";
const SUMMED: u32 = 3;

/// The format that this version writes.
pub(crate) const CURRENT: u32 = 5;

/// The fields below the title, `format` among them.
type Fields = BTreeMap<String, String>;

/// One migration: from the format of its place in the table to the next one.
type Migration = fn(&mut Fields, created: i64);

/// The way from format 1 to the current one; the first turns 1 into 2, and so on.
const MIGRATIONS: [Migration; CURRENT as usize - 1] =
    [record_shards_and_creation, say_when_closed, shorten_tags, keep_own_journal];

/// Format 1 had one shard and said neither that nor when it was created. The time of the migration
/// is the best that is known.
fn record_shards_and_creation(fields: &mut Fields, created: i64) {
    fields.insert("shards".into(), "1".into());
    fields.insert("created".into(), created.to_string());
}

/// Up to format 2 there was no file `CLOSED`, and a version that knows nothing of it would leave an
/// old one in place.
fn say_when_closed(_: &mut Fields, _: i64) {}

/// Up to format 3 the tags of promises were written out in full. They are read as they are, and are
/// short when they are written again.
fn shorten_tags(_: &mut Fields, _: i64) {}

/// Up to format 4 the journal was the engine's. What is in it goes into tables when the store is
/// opened, before this version says that it has been here.
fn keep_own_journal(_: &mut Fields, _: i64) {}

/// The first format with a journal of Abide's own.
pub(crate) const OWN_JOURNAL: u32 = 5;

/// What `FORMAT` says, in the current format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) shards: u16,
    /// In Unix milliseconds.
    pub(crate) created: i64,
}

impl Format {
    /// Reads the file, with the number of the format that it says; `None` when there is none.
    pub(crate) fn read(directory: &Path, now: i64) -> Result<Option<(Format, u32)>, OpenError> {
        let io = |source| OpenError::Io { path: directory.to_owned(), source };
        let text = match fs::read(directory.join(NAME)) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        let wrong = |reason| OpenError::NotAStore { path: directory.to_owned(), reason };
        let unreadable = || wrong("its FORMAT is unreadable".into());
        let mut fields = parse(&text).ok_or_else(unreadable)?;
        let found: u32 = field(&fields, "format").map_err(wrong)?;
        if found > CURRENT {
            let path = directory.to_owned();
            return Err(OpenError::Newer { path, found, known: CURRENT });
        }
        if found == 0 {
            return Err(wrong("its FORMAT names no format".into()));
        }
        if found >= SUMMED && !fields.contains_key(SUM) {
            return Err(unreadable());
        }
        for migration in &MIGRATIONS[found as usize - 1..] {
            migration(&mut fields, now);
        }
        let format = Format {
            shards: field(&fields, "shards").map_err(wrong)?,
            created: field(&fields, "created").map_err(wrong)?,
        };
        Ok(Some((format, found)))
    }

    /// Writes what is to become the file, beside it.
    pub(crate) fn prepare(&self, directory: &Path) -> io::Result<()> {
        let Format { shards, created } = self;
        let mut file = File::create(directory.join(NEW_NAME))?;
        let text = format!("{TITLE}\nformat {CURRENT}\nshards {shards}\ncreated {created}\n");
        let sum = xxh3_64(text.as_bytes());
        file.write_all(format!("{text}{SUM} {sum:016x}\n").as_bytes())?;
        file.sync_all()?;
        sync_directory(directory)
    }

    /// Puts what was prepared in the file's place: whoever reads it sees the old one or the new
    /// one, even after a crash.
    pub(crate) fn publish(directory: &Path) -> io::Result<()> {
        fs::rename(directory.join(NEW_NAME), directory.join(NAME))?;
        sync_directory(directory)
    }

    /// Whether something was prepared and not published.
    pub(crate) fn is_pending(directory: &Path) -> io::Result<bool> {
        directory.join(NEW_NAME).try_exists()
    }
}

fn parse(text: &str) -> Option<Fields> {
    let (title, rest) = text.split_once('\n')?;
    if title != TITLE {
        return None;
    }
    // The sum counts whenever it is there: what the file says of its format may be what is wrong.
    if let Some((before, sum)) = text.rsplit_once(&format!("\n{SUM} ")) {
        let expected = format!("{:016x}\n", xxh3_64(format!("{before}\n").as_bytes()));
        if sum != expected {
            return None;
        }
    }
    let field = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.to_owned()))
    };
    rest.lines().map(field).collect()
}

fn field<T: std::str::FromStr>(fields: &Fields, name: &str) -> Result<T, String> {
    fields
        .get(name)
        .and_then(|value| value.parse().ok())
        .ok_or_else(|| format!("its FORMAT has no usable {name:?}"))
}

/// Makes the names in a directory durable.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    // Only Unix lets a directory be opened and synced.
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}
