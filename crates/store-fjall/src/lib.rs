//! The embedded store: a log-structured tree (fjall) in one directory.
//!
//! ```no_run
//! use abide_store_fjall::{FjallStore, Options};
//!
//! let store = FjallStore::open("orders.abide", Options::default())?;
//! println!("{} shards in {}", store.shards(), store.path().display());
//! # Ok::<(), abide_store_fjall::OpenError>(())
//! ```
//!
//! # Durability
//!
//! A commit is one checksummed entry in the journal, written with `write(2)` and then synced with
//! **`fdatasync(2)`** on the journal file before `commit` returns (on macOS with `F_FULLFSYNC`, on
//! Windows with `FlushFileBuffers`). What was acknowledged survives a killed process and a power
//! cut, as far as the disk keeps what it reported as synced. A journal file's own directory entry
//! is synced with `fsync(2)` when the file is created, before anything is written to it; tables
//! and their manifest are synced the same way before the journals they replace are removed.
//!
//! A commit that a crash cut short, or that a power cut left with holes, is dropped whole at the
//! next start: it is the last in the journal, and nobody was told of it. A bad entry that whole
//! ones follow, or that has its end and lacks no sector, is not the work of a crash but of the
//! disk, and the store refuses to open rather than to go on without what it had acknowledged. A
//! store that was closed says so in `CLOSED`, with the length of each journal: then nothing passes
//! for torn. Tables are checksummed block by block and checked as they are read. What goes
//! unnoticed is a disk that, after a crash, has lost whole sectors at the end of the last journal
//! that it had reported as synced, or that journal altogether while an older one is left, or has
//! changed the number of the very first commit. If a write or a sync fails, the store takes no further commit: what
//! the kernel has kept of the failed one is unknown, so a retry on the same file could succeed
//! without having written anything. Close the store and open it again: whatever stands last in the
//! journal then is written and synced once more before it counts.
//!
//! # The directory
//!
//! | name | what it is |
//! |---|---|
//! | `FORMAT` | a text: the version of the format, the number of shards, when it was created |
//! | `CLOSED` | a text, there while the store is closed: how far each journal goes |
//! | `LOCK` | locked (`flock(2)`) while a process has the store open; holds its process id |
//! | `tree` | fjall's files: journals (`*.jnl`) and sorted tables |
//!
//! # Backup
//!
//! Stop the process and copy the directory, all of it (`cp -a orders.abide backup.abide`). A copy
//! of a directory in use is no backup: files change while they are copied. `LOCK` may be left out.
//!
//! # Bounds
//!
//! Memory: the block cache, the places of 4,096 gaps that scans have found (a scan passes what marks
//! deletions once and not again), four memtables at most (one that is written, three that wait to be
//! flushed; writers wait after that), and the indexes of the tables. Threads: one, for flushes and
//! compactions, and for a moment one that frees a memtable. Disk: what is overwritten or deleted is
//! given back by compaction.

mod closed;
mod contents;
mod flaw;
mod format;
mod gaps;
mod inspection;
mod journal;
mod layout;
mod lock;
mod memtables;
mod open_error;
mod options;
mod pieces;
mod place;
mod store;
mod tree;

pub use flaw::Flaw;
pub use inspection::Inspection;
pub use open_error::OpenError;
pub use options::Options;
pub use store::FjallStore;
