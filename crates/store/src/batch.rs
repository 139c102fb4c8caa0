use std::fmt;

use crate::{Epoch, Error, Key, MAX_KEY_BYTES, ShardId};

/// What one commit changes in one shard.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The latest time at which a step of this batch ran, in Unix milliseconds. The store keeps
    /// the maximum, and the next owner's clock starts there.
    pub now: i64,
    /// The keys and values of all writes, one after the other.
    bytes: Vec<u8>,
    places: Vec<Place>,
    longest_key: usize,
}

/// Where a write is among the bytes: it starts where the one before it ends.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    key_end: usize,
    value_end: usize,
    deletes: bool,
}

/// One write of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write<'a> {
    /// The bytes of the key ([`Key::as_bytes`]).
    pub key: &'a [u8],
    /// What is stored there from now on; `None` deletes.
    pub value: Option<&'a [u8]>,
}

impl Batch {
    /// An empty batch whose last step ran at `now`.
    pub fn at(now: i64) -> Self {
        Batch { now, ..Batch::default() }
    }

    /// An empty batch whose last step ran at `now`, with room for about so many writes.
    pub fn with_capacity(now: i64, writes: usize) -> Self {
        let (bytes, places) =
            (Vec::with_capacity(writes * WRITE_BYTES), Vec::with_capacity(writes));
        Batch { bytes, places, ..Batch::at(now) }
    }

    /// Stores a value. Of several writes of one key the last one counts.
    pub fn put(&mut self, key: Key, value: Vec<u8>) {
        self.push(
            |bytes| bytes.extend_from_slice(key.as_bytes()),
            Some(|bytes: &mut Vec<u8>| bytes.extend_from_slice(&value)),
        );
    }

    /// Removes a key; to remove what is not there is no error.
    pub fn delete(&mut self, key: Key) {
        self.push(|bytes| bytes.extend_from_slice(key.as_bytes()), None::<fn(&mut Vec<u8>)>);
    }

    /// Adds a write whose key, and then whose value, is appended by a function.
    pub(crate) fn push(
        &mut self,
        key: impl FnOnce(&mut Vec<u8>),
        value: Option<impl FnOnce(&mut Vec<u8>)>,
    ) {
        let start = self.bytes.len();
        key(&mut self.bytes);
        let key_end = self.bytes.len();
        self.longest_key = self.longest_key.max(key_end - start);
        let deletes = value.is_none();
        if let Some(value) = value {
            value(&mut self.bytes);
        }
        self.places.push(Place { key_end, value_end: self.bytes.len(), deletes });
    }

    /// Refuses keys longer than [`MAX_KEY_BYTES`]. Every backend asks before it writes anything.
    ///
    /// # Errors
    /// [`Error::Unavailable`], with the length.
    pub fn check(&self) -> Result<(), Error> {
        if self.longest_key <= MAX_KEY_BYTES {
            return Ok(());
        }
        let length = self.longest_key;
        Err(Error::Unavailable(format!(
            "a key of {length} bytes cannot be stored: the limit is {MAX_KEY_BYTES}"
        )))
    }

    /// The writes in order.
    pub fn writes(&self) -> impl Iterator<Item = Write<'_>> {
        let mut start = 0;
        self.places.iter().map(move |place| {
            let key = &self.bytes[start..place.key_end];
            let value = &self.bytes[place.key_end..place.value_end];
            start = place.value_end;
            Write { key, value: (!place.deletes).then_some(value) }
        })
    }

    /// The number of writes.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The size of all keys and values.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// About what a write takes: half of them are records of a few hundred bytes, the others are
/// entries of an index.
const WRITE_BYTES: usize = 256;

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("now", &self.now)
            .field("writes", &self.writes().collect::<Vec<_>>())
            .finish()
    }
}

/// A batch on its way into the store, under the claim that justifies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Where it goes.
    pub shard: ShardId,
    /// The epoch of the claim it was made under.
    pub epoch: Epoch,
    /// What it changes.
    pub batch: Batch,
}
