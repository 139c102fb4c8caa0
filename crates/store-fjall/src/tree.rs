//! A look at the engine's files before it opens them.
//!
//! fjall takes a store without its version marker for a new one, removes a tree whose `current` is
//! missing, panics on a directory that it does not know, and trusts the list of tables without
//! checking it against the checksum that `current` has for that purpose. Here these are errors that
//! name the file.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use xxhash_rust::xxh3::Xxh3;

use crate::{Flaw, contents, flaw::MISSING, journal};

const MARKER: &str = "version";
const MARKER_BYTES: &[u8] = b"FJL\x03";
const LOCK: &str = "lock";
const KEYSPACES: &str = "keyspaces";
const CURRENT: &str = "current";
const TABLES: &str = "tables";
/// What a store has from its creation: the engine's own keyspace, and the one of the records.
const ALWAYS: [&str; 2] = ["0", "1"];

const DAMAGED: &str = "it is damaged; restore the store from a backup";

/// How much of a file is read at once.
const BUFFER: usize = 256 << 10;

/// The first thing that is wrong with the names, the marker, the lists of tables and their ends.
pub(crate) fn verify(tree: &Path) -> Result<(), Flaw> {
    verify_marker(&tree.join(MARKER))?;
    require(&tree.join(LOCK))?;
    if journals(tree)?.is_empty() {
        return Err(Flaw::missing(&tree.join("*.jnl")));
    }
    let keyspaces = tree.join(KEYSPACES);
    ALWAYS.iter().try_for_each(|name| require(&keyspaces.join(name)))?;
    for path in entries(&keyspaces)? {
        if !is_number(path.file_name()) || !path.is_dir() {
            return Err(Flaw::foreign(&path));
        }
        for (table, _) in listed(&path)? {
            let table = path.join(TABLES).join(table.to_string());
            require(&table)?;
            match contents::is_sound(&table) {
                Ok(true) => {}
                Ok(false) => return Err(Flaw::new(&table, DAMAGED)),
                Err(error) => return Err(Flaw::new(&table, error)),
            }
        }
        for table in entries(&path.join(TABLES))? {
            if !is_number(table.file_name()) || !table.is_file() {
                return Err(Flaw::foreign(&table));
            }
        }
    }
    Ok(())
}

/// The engine's journals. There always is one.
pub(crate) fn journals(tree: &Path) -> Result<Vec<PathBuf>, Flaw> {
    let mut journals = Vec::new();
    for path in entries(tree)? {
        if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("jnl")) {
            let numbered = is_number(path.file_stem()) && path.extension() == Some("jnl".as_ref());
            if !numbered || !path.is_file() {
                return Err(Flaw::foreign(&path));
            }
            journals.push(path);
        }
    }
    Ok(journals)
}

/// Nothing is ever written to the engine's journals, so that they are empty, or all zeros.
pub(crate) fn verify_journals(tree: &Path) -> Result<(), Flaw> {
    for path in journals(tree)? {
        match journal::is_blank(&path) {
            Ok(true) => {}
            Ok(false) => return Err(Flaw::new(&path, DAMAGED)),
            Err(error) => return Err(Flaw::new(&path, error)),
        }
    }
    Ok(())
}

/// Everything that is wrong with the tables: reads them all.
pub(crate) fn verify_tables(tree: &Path) -> Vec<Flaw> {
    let keyspaces = match entries(&tree.join(KEYSPACES)) {
        Ok(keyspaces) => keyspaces,
        Err(flaw) => return vec![flaw],
    };
    keyspaces.iter().flat_map(|keyspace| keyspace_tables(keyspace)).collect()
}

fn keyspace_tables(keyspace: &Path) -> Vec<Flaw> {
    let listed = match listed(keyspace) {
        Ok(listed) => listed,
        Err(flaw) => return vec![flaw],
    };
    let verify = |(id, expected): (u64, u128)| {
        let path = keyspace.join(TABLES).join(id.to_string());
        match hash(&path) {
            Ok(found) if found == expected => None,
            Ok(_) => Some(Flaw::new(&path, DAMAGED)),
            Err(error) => Some(Flaw::new(&path, error)),
        }
    };
    listed.into_iter().filter_map(verify).collect()
}

/// The numbers and checksums of the tables that a keyspace has.
fn listed(keyspace: &Path) -> Result<Vec<(u64, u128)>, Flaw> {
    let list = list(keyspace)?;
    tables(&list).map_err(|error| Flaw::new(&list, format!("{DAMAGED} ({error})")))
}

fn verify_marker(path: &Path) -> Result<(), Flaw> {
    require(path)?;
    let bytes = fs::read(path).map_err(|error| Flaw::new(path, error))?;
    if bytes == MARKER_BYTES { Ok(()) } else { Err(Flaw::new(path, DAMAGED)) }
}

fn require(path: &Path) -> Result<(), Flaw> {
    match path.try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(Flaw::missing(path)),
        Err(error) => Err(Flaw::new(path, error)),
    }
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, Flaw> {
    let flaw = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Flaw::missing(directory),
        _ => Flaw::new(directory, error),
    };
    let entries = fs::read_dir(directory).map_err(flaw)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(flaw)).collect()
}

fn is_number(name: Option<&std::ffi::OsStr>) -> bool {
    name.and_then(|name| name.to_str()).is_some_and(|name| name.parse::<u64>().is_ok())
}

/// The list of a keyspace's tables, which `current` names by its number and a checksum.
fn list(keyspace: &Path) -> Result<PathBuf, Flaw> {
    let current = keyspace.join(CURRENT);
    require(&current)?;
    let bytes = fs::read(&current).map_err(|error| Flaw::new(&current, error))?;
    let Ok([number @ .., 0]) = <[u8; 25]>::try_from(bytes) else {
        return Err(Flaw::new(&current, DAMAGED));
    };
    let (number, checksum) = number.split_at(8);
    let number = u64::from_le_bytes(number.try_into().expect("eight bytes"));
    let checksum = u128::from_le_bytes(checksum.try_into().expect("sixteen bytes"));
    let list = keyspace.join(format!("v{number}"));
    if !list.is_file() {
        let reason = format!("{}, which names it, or itself: {MISSING}", current.display());
        return Err(Flaw::new(&list, reason));
    }
    match hash(&list) {
        Ok(found) if found == checksum => Ok(list),
        Ok(_) => {
            let reason = format!(
                "it, or {}, is damaged; restore the store from a backup",
                current.display()
            );
            Err(Flaw::new(&list, reason))
        }
        Err(error) => Err(Flaw::new(&list, error)),
    }
}

/// The numbers and checksums of the tables of a list. Its layout is the engine's: levels, runs in
/// each, tables in each of those.
fn tables(list: &Path) -> io::Result<Vec<(u64, u128)>> {
    let invalid = |text: &str| io::Error::new(io::ErrorKind::InvalidData, text.to_owned());
    let reader = sfa::Reader::new(list).map_err(|error| invalid(&error.to_string()))?;
    let section = reader.toc().section(b"tables").ok_or_else(|| invalid("no tables"))?;
    let mut reader = section.buf_reader(list)?;
    let mut tables = Vec::new();
    let [levels] = take(&mut reader)?;
    for _ in 0..levels {
        let [runs] = take(&mut reader)?;
        for _ in 0..runs {
            for _ in 0..u32::from_le_bytes(take(&mut reader)?) {
                let id = u64::from_le_bytes(take(&mut reader)?);
                let [_kind] = take(&mut reader)?;
                let checksum = u128::from_le_bytes(take(&mut reader)?);
                let _number: [u8; 8] = take(&mut reader)?;
                tables.push((id, checksum));
            }
        }
    }
    Ok(tables)
}

fn take<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn hash(path: &Path) -> io::Result<u128> {
    let mut file = File::open(path)?;
    let mut bytes = vec![0; BUFFER];
    let mut hash = Xxh3::new();
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(hash.digest128()),
            read => hash.update(&bytes[..read]),
        }
    }
}
