use std::sync::Arc;

use crate::{Claim, Commit, Epoch, Key, Page, Range, ShardId};

/// A page of a scan ends after the entry with which its keys and values reach this many bytes,
/// even when fewer entries than asked for have been read: what a scan holds in memory is bounded
/// by its page, not by what is stored.
pub const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Why a store could not do what it was asked to: all that an engine can act on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The shard belongs to somebody else: a later claim exists, or another node's lease runs.
    /// Nothing of the call was written. The caller drops the shard.
    #[error("shard {} belongs to another owner", .0.0)]
    Fenced(ShardId),
    /// The store cannot be reached, or its files cannot be trusted any more. Whether a commit
    /// that failed this way was written is unknown; the caller reopens the store to find out.
    #[error("{0}")]
    Unavailable(String),
}

/// Dumb durability: ordered bytes, one atomic and fenced commit. All methods block.
///
/// Keys are ordered by their family and then by their bytes. Every shard is a key space of its own.
pub trait Store: Send + Sync + 'static {
    /// Makes `node` the owner of a shard for `lease_ms` milliseconds from `now_ms`, and fences all
    /// earlier owners.
    ///
    /// # Errors
    /// [`Error::Fenced`] while the lease of *another* node runs.
    fn claim(&self, shard: ShardId, node: &str, lease_ms: i64, now_ms: i64)
    -> Result<Claim, Error>;

    /// The values of the keys, in their order; `None` for what is not there.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn load(&self, shard: ShardId, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, Error>;

    /// The first entries of a range in the order of their keys: at most `limit`, and no more than
    /// [`MAX_PAGE_BYTES`] allows, but always one if there is one (and `limit` is not 0).
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn scan(&self, shard: ShardId, range: &Range, limit: usize) -> Result<Page, Error>;

    /// Writes all batches, or nothing: atomic, fenced by epoch, durable on return, with one sync
    /// for all of them. A shard may appear more than once; its batches apply in order.
    ///
    /// # Errors
    /// [`Error::Fenced`] names the first shard whose epoch has passed; nothing was written.
    /// [`Error::Unavailable`] leaves open whether it was, and every later commit on this store
    /// fails too; except that a batch with a key that is too long ([`Batch::check`](crate::Batch::check))
    /// is refused whole and breaks nothing.
    fn commit(&self, commits: &[Commit]) -> Result<(), Error>;

    /// Removes everything in a shard and forgets how far its clock has come; its claim stays. A
    /// crash in the middle may leave some of it: this is for starting over, not for a transaction.
    ///
    /// # Errors
    /// As for [`commit`](Self::commit).
    fn clear(&self, shard: ShardId, epoch: Epoch) -> Result<(), Error>;
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn claim(
        &self,
        shard: ShardId,
        node: &str,
        lease_ms: i64,
        now_ms: i64,
    ) -> Result<Claim, Error> {
        (**self).claim(shard, node, lease_ms, now_ms)
    }

    fn load(&self, shard: ShardId, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        (**self).load(shard, keys)
    }

    fn scan(&self, shard: ShardId, range: &Range, limit: usize) -> Result<Page, Error> {
        (**self).scan(shard, range, limit)
    }

    fn commit(&self, commits: &[Commit]) -> Result<(), Error> {
        (**self).commit(commits)
    }

    fn clear(&self, shard: ShardId, epoch: Epoch) -> Result<(), Error> {
        (**self).clear(shard, epoch)
    }
}
