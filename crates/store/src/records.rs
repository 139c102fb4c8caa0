//! Records and index entries over a store of bytes: what a node asks for on behalf of a shard.

use abide_machine::{Entry, Key as RecordKey, Row};

use crate::{
    Batch, Error, Key, Range, ShardId, Store,
    codec::{CodecError, decode_entry, decode_row, encode_key, push_entry, push_key, push_row},
};

/// The records with these keys, in their order.
///
/// # Errors
/// As for [`Store::load`]; and [`Error::Unavailable`] when what is stored cannot be read.
pub fn load_rows(
    store: &(impl Store + ?Sized),
    shard: ShardId,
    keys: &[RecordKey],
) -> Result<Vec<Option<Row>>, Error> {
    let keys: Vec<Key> = keys.iter().map(encode_key).collect();
    let values = store.load(shard, &keys)?;
    keys.iter()
        .zip(values)
        .map(|(key, value)| value.map(|value| row(key, &value)).transpose())
        .collect()
}

/// The first records of a range, and whether it holds more.
///
/// # Errors
/// As for [`load_rows`].
pub fn scan_rows(
    store: &(impl Store + ?Sized),
    shard: ShardId,
    range: &Range,
    limit: usize,
) -> Result<(Vec<Row>, bool), Error> {
    let page = store.scan(shard, range, limit)?;
    let rows: Result<_, _> = page.entries.iter().map(|(key, value)| row(key, value)).collect();
    Ok((rows?, page.more))
}

/// The first index entries of a range, and whether it holds more.
///
/// # Errors
/// As for [`load_rows`].
pub fn scan_entries(
    store: &(impl Store + ?Sized),
    shard: ShardId,
    range: &Range,
    limit: usize,
) -> Result<(Vec<Entry>, bool), Error> {
    let page = store.scan(shard, range, limit)?;
    let entry = |(key, _): &(Key, _)| decode_entry(key).map_err(|error| unreadable(key, error));
    Ok((page.entries.iter().map(entry).collect::<Result<_, _>>()?, page.more))
}

impl Batch {
    /// Writes the final image of a record, or deletes it.
    pub fn put_row(&mut self, key: &RecordKey, row: Option<&Row>) {
        let value = row.map(|row| move |out: &mut Vec<u8>| push_row(out, row));
        self.push(|out| push_key(out, key), value);
    }

    /// Writes an index entry.
    pub fn put_entry(&mut self, entry: &Entry) {
        self.push(|out| push_entry(out, entry), Some(|_: &mut Vec<u8>| {}));
    }

    /// Deletes an index entry.
    pub fn delete_entry(&mut self, entry: &Entry) {
        self.push(|out| push_entry(out, entry), None::<fn(&mut Vec<u8>)>);
    }
}

fn row(key: &Key, value: &[u8]) -> Result<Row, Error> {
    decode_row(key, value).map_err(|error| unreadable(key, error))
}

fn unreadable(key: &Key, error: CodecError) -> Error {
    Error::Unavailable(format!("the stored record {key:?} cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use abide_machine::{Phase, Task, Unblock};

    use super::*;
    use crate::{Commit, MemoryStore, span, span::Names};

    const SHARD: ShardId = ShardId(0);

    fn task(id: &str, address: &str) -> Row {
        Row::Task(Arc::new(Task {
            id: id.into(),
            address: address.into(),
            version: 3,
            resumes: 0,
            resumed: Vec::new(),
            phase: Phase::Pending { due: 9, offered: true },
        }))
    }

    fn stored(rows: &[Row]) -> MemoryStore {
        let store = MemoryStore::new();
        let epoch = store.claim(SHARD, "node", 1, 0).unwrap().epoch;
        let mut batch = Batch::at(0);
        for row in rows {
            batch.put_row(&row.key(), Some(row));
            abide_machine::entries(row).iter().for_each(|entry| batch.put_entry(entry));
        }
        store.commit(&[Commit { shard: SHARD, epoch, batch }]).unwrap();
        store
    }

    #[test]
    fn ranges_find_what_they_name_and_nothing_else() {
        let rows = [
            task("a", "poll://any@workers"),
            task("b", "poll://any@workers/w1"),
            task("c", "poll://any@workers2"),
        ];
        let store = stored(&rows);
        let ids = |names| {
            let (entries, more) = scan_entries(&store, SHARD, &span::ready(names), 10).unwrap();
            assert!(!more);
            entries
                .into_iter()
                .map(|entry| match entry {
                    Entry::Ready(_, id) => id.to_string(),
                    other => panic!("{other:?} is no ready entry"),
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(Names::Exact("poll://any@workers")), ["a"]);
        assert_eq!(ids(Names::Prefix("poll://any@workers/")), ["b"]);
        assert_eq!(ids(Names::Prefix("poll://any@workers")), ["a", "b", "c"]);
        assert_eq!(ids(Names::Prefix("")), ["a", "b", "c"]);
        assert!(ids(Names::Exact("poll://any@worker")).is_empty());
    }

    #[test]
    fn pages_follow_one_another() {
        let rows = ["a", "b", "c"].map(|id| task(id, "poll://any@workers"));
        let store = stored(&rows);
        let (first, more) = scan_rows(&store, SHARD, &span::tasks(), 2).unwrap();
        assert!(more);
        let rest = span::after_key(span::tasks(), &first[1].key());
        let (second, more) = scan_rows(&store, SHARD, &rest, 2).unwrap();
        assert!(!more);
        assert_eq!([first, second].concat(), rows);
    }

    #[test]
    fn loading_keeps_the_order_of_the_keys() {
        let unblock =
            Row::Unblock(Arc::new(Unblock { address: "http://x".into(), promise: "a".into() }));
        let row = task("a", "poll://any@workers");
        let store = stored(&[row.clone(), unblock.clone()]);
        let keys = [unblock.key(), RecordKey::Promise("a".into()), row.key()];
        assert_eq!(load_rows(&store, SHARD, &keys), Ok(vec![Some(unblock), None, Some(row)]));
    }

    #[test]
    fn an_unreadable_record_is_named() {
        let row = task("a", "poll://any@workers");
        let store = MemoryStore::new();
        let epoch = store.claim(SHARD, "node", 1, 0).unwrap().epoch;
        let mut batch = Batch::at(0);
        batch.put(encode_key(&row.key()), vec![9]);
        store.commit(&[Commit { shard: SHARD, epoch, batch }]).unwrap();
        let error = load_rows(&store, SHARD, &[row.key()]).unwrap_err();
        assert!(error.to_string().starts_with("the stored record 2:a cannot be read: "), "{error}");
    }
}
