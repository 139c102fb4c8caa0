use std::{iter::Peekable, sync::RwLock, vec};

use fjall::{Keyspace, UserKey, UserValue};

use crate::{memory::Memory, memtable::Change, place::successor, shared};

/// How many changes are taken from memory at once.
const CHANGES: usize = 256;

/// What is stored from one place to before another, in order: the tables, with the changes in memory
/// laid over them.
///
/// Memory is asked before the tables are: what has left it meanwhile is in a table by then.
pub(crate) struct Entries<'a> {
    memory: &'a RwLock<Memory>,
    tables: &'a Keyspace,
    to: Vec<u8>,
    part: Part,
    /// Where the next part begins, if there is one.
    next: Option<Vec<u8>>,
}

/// As much of the range as the changes reach that were taken at once.
struct Part {
    changes: Peekable<vec::IntoIter<Change>>,
    stored: fjall::Iter,
    /// The first of the stored ones that has not been passed.
    head: Option<(UserKey, UserValue)>,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(
        memory: &'a RwLock<Memory>,
        tables: &'a Keyspace,
        (from, to): (&[u8], &[u8]),
    ) -> fjall::Result<Self> {
        let (part, next) = part(memory, tables, from, to)?;
        Ok(Entries { memory, tables, to: to.to_vec(), part, next })
    }

    fn advance(&mut self) -> fjall::Result<Option<(UserKey, UserValue)>> {
        loop {
            while let Some((key, value)) = self.part.entry()? {
                if let Some(value) = value {
                    return Ok(Some((key, value)));
                }
            }
            let Some(from) = self.next.take() else { return Ok(None) };
            (self.part, self.next) = part(self.memory, self.tables, &from, &self.to)?;
        }
    }
}

impl Iterator for Entries<'_> {
    type Item = fjall::Result<(UserKey, UserValue)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}

fn part(
    memory: &RwLock<Memory>,
    tables: &Keyspace,
    from: &[u8],
    to: &[u8],
) -> fjall::Result<(Part, Option<Vec<u8>>)> {
    let (changes, complete) = shared::read(memory).range(from, to, CHANGES);
    let next =
        (!complete).then(|| changes.last().map(|(last, _)| successor(last.to_vec()))).flatten();
    let end = next.as_deref().unwrap_or(to);
    let mut stored = tables.range(from..end);
    let head = stored.next().map(|entry| entry.into_inner()).transpose()?;
    Ok((Part { changes: changes.into_iter().peekable(), stored, head }, next))
}

impl Part {
    /// The next key, with what is stored there now; `None` in it if that is deleted.
    fn entry(&mut self) -> fjall::Result<Option<(UserKey, Option<UserValue>)>> {
        if let Some((key, _)) = &self.head
            && self.changes.peek().is_none_or(|(changed, _)| **changed > **key)
        {
            return Ok(self.stored()?.map(|(key, value)| (key, Some(value))));
        }
        let Some((key, value)) = self.changes.next() else { return Ok(None) };
        if self.head.as_ref().is_some_and(|(stored, _)| **stored == *key) {
            self.stored()?;
        }
        Ok(Some((key.into(), value.map(UserValue::from))))
    }

    fn stored(&mut self) -> fjall::Result<Option<(UserKey, UserValue)>> {
        let next = self.stored.next().map(|entry| entry.into_inner()).transpose()?;
        Ok(std::mem::replace(&mut self.head, next))
    }
}
