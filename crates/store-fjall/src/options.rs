/// How a store is created and how much memory it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The number of shards of a *new* store. It is fixed from then on; for a store that exists,
    /// what was chosen then counts.
    pub shards: u16,
    /// How many bytes of table blocks are kept in memory.
    pub cache_bytes: u64,
    /// How many bytes of commits are collected in memory, and in one segment of the journal, before
    /// they are written as a sorted table. A restart reads four times as much at most.
    pub memtable_bytes: u64,
}

impl Default for Options {
    /// One shard, 32 MiB of cache, memtables of 32 MiB: smaller ones are flushed and compacted
    /// more often (more processor time and longer pauses), larger ones miss the processor's cache.
    fn default() -> Self {
        Options { shards: 1, cache_bytes: 32 << 20, memtable_bytes: 32 << 20 }
    }
}

/// One thread compacts. With two, the one that keeps free for flushes spins while the
/// other compacts.
pub(crate) const WORKERS: usize = 1;

/// How many tables are kept open.
pub(crate) const OPEN_FILES: usize = 128;
