//! The embedded store in one directory: a journal of its own, and the tables of a log-structured tree
//! (fjall).
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
//! A commit is one checksummed record in the journal, written with `write(2)` and then synced with
//! **`fdatasync(2)`** before `commit` returns (on macOS with `F_FULLFSYNC`, on Windows with
//! `FlushFileBuffers`). What was acknowledged survives a killed process and a power cut, as far as the
//! disk keeps what it reported as synced. A segment's own directory entry is synced with `fsync(2)` when
//! the segment is created, before anything is written to it. What a full segment holds is written to a
//! table; that and the list that names it are synced before the segment is removed.
//!
//! A commit that a crash cut short, or that a power cut left with holes, is dropped whole at the
//! next start: it is the last in the journal, and nobody was told of it. A bad record that whole
//! ones follow, or that has its end and lacks no sector, is not the work of a crash but of the
//! disk, and the store refuses to open rather than to go on without what it had acknowledged; so it
//! does where the numbers of commits do not follow each other and the last one in the tables. A
//! store that was closed says so in `CLOSED`, with the length of each segment: then nothing passes
//! for torn. Tables are checksummed block by block and checked as they are read. What goes
//! unnoticed is a disk that, after a crash, has lost whole sectors at the end of the last segment
//! that it had reported as synced, or that segment altogether while an older one is left. If a write
//! or a sync fails, the store takes no further commit: what the kernel has kept of the failed one is
//! unknown, so a retry on the same file could succeed without having written anything. Close the store
//! and open it again: whatever stands last in the journal then is written and synced once more before
//! it counts.
//!
//! # The directory
//!
//! | name | what it is |
//! |---|---|
//! | `FORMAT` | a text: the version of the format, the number of shards, when it was created |
//! | `CLOSED` | a text, there while the store is closed: how far each segment goes |
//! | `LOCK` | locked (`flock(2)`) while a process has the store open; holds its process id |
//! | `journal` | segments (`*.jnl`) with the commits that are in no table yet |
//! | `tree` | fjall's files: sorted tables, and a journal that stays empty |
//!
//! # Backup
//!
//! Stop the process and copy the directory, all of it (`cp -a orders.abide backup.abide`). A copy
//! of a directory in use is no backup: files change while they are copied. `LOCK` may be left out.
//!
//! # Bounds
//!
//! Memory: the block cache, the places of 4,096 gaps that scans have found (a scan passes what marks
//! deletions once and not again), what four segments of the journal hold at most (one that is written
//! to, three that wait for their tables; commits wait after that), and the indexes of the tables.
//! Threads: one that writes tables, one that writes zeros ahead of the commits, one for compactions.
//! Disk: what is overwritten or deleted is given back by compaction; the zeros go 8 MiB ahead at most.

mod closed;
mod contents;
mod engine;
mod entries;
mod flaw;
mod flusher;
mod format;
mod gaps;
mod inspection;
mod journal;
mod layout;
mod lock;
mod memory;
mod memtable;
mod open_error;
mod options;
mod place;
mod recovery;
mod shared;
mod store;
mod tree;

pub use flaw::Flaw;
pub use inspection::Inspection;
pub use open_error::OpenError;
pub use options::Options;
pub use store::FjallStore;
