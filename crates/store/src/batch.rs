use crate::{Epoch, Error, Key, MAX_KEY_BYTES, ShardId};

/// What one commit changes in one shard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The latest time at which a step of this batch ran, in Unix milliseconds. The store keeps
    /// the maximum, and the next owner's clock starts there.
    pub now: i64,
    writes: Vec<(Key, Option<Vec<u8>>)>,
    bytes: usize,
    longest_key: usize,
}

impl Batch {
    /// An empty batch whose last step ran at `now`.
    pub fn at(now: i64) -> Self {
        Batch { now, ..Batch::default() }
    }

    /// Stores a value. Of several writes of one key the last one counts.
    pub fn put(&mut self, key: Key, value: Vec<u8>) {
        self.bytes += value.len();
        self.push(key, Some(value));
    }

    /// Removes a key; to remove what is not there is no error.
    pub fn delete(&mut self, key: Key) {
        self.push(key, None);
    }

    fn push(&mut self, key: Key, value: Option<Vec<u8>>) {
        let length = key.as_bytes().len();
        self.bytes += length;
        self.longest_key = self.longest_key.max(length);
        self.writes.push((key, value));
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

    /// The writes in order; `None` deletes.
    pub fn writes(&self) -> &[(Key, Option<Vec<u8>>)] {
        &self.writes
    }

    /// The number of writes.
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// The size of all keys and values.
    pub fn bytes(&self) -> usize {
        self.bytes
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
