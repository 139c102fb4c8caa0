//! The storage seam, the record codec, the in-memory store and the conformance suite.
//!
//! A [`Store`] keeps bytes under ordered keys and knows nothing else: five blocking methods, one
//! atomic commit. What the bytes mean is written once, here, for all backends: [`codec`] gives every
//! record and every index entry its key and its bytes, [`span`] the ranges they are found by, and
//! [`records`] puts both over a store. A backend that passes [`conformance::run`] is a backend.
//!
//! ```
//! use abide_store::{Batch, Commit, Family, Key, MemoryStore, ShardId, Store};
//!
//! let store = MemoryStore::new();
//! let shard = ShardId(0);
//! let claim = store.claim(shard, "node-1", 10_000, 1_000)?;
//!
//! let key = Key::new(Family(1), b"order-7");
//! let mut batch = Batch::at(1_001);
//! batch.put(key.clone(), b"a record".to_vec());
//! store.commit(&[Commit { shard, epoch: claim.epoch, batch }])?;
//!
//! assert_eq!(store.load(shard, &[key])?, [Some(b"a record".to_vec())]);
//! # Ok::<(), abide_store::Error>(())
//! ```

#[macro_use]
extern crate abide_faults;

mod batch;
pub mod codec;
pub mod conformance;
mod delay;
mod key;
mod memory;
mod range;
pub mod records;
mod seam;
mod shard;
pub mod span;

pub use batch::{Batch, Commit, Write};
pub use delay::Delay;
pub use key::{Family, Key, MAX_KEY_BYTES};
pub use memory::MemoryStore;
pub use range::{Page, Range};
pub use seam::{Error, MAX_PAGE_BYTES, Store};
pub use shard::{Claim, Epoch, Ownership, ShardId};
