//! Tests of durable programs: the real engine in memory, under virtual time, with crashes, lost
//! messages and frozen processes, all of it decided by one number.
//!
//! Enable it for tests only: `abide = { ..., features = ["test"] }` under `[dev-dependencies]`.
//!
//! # A crash at every step
//!
//! A [`World`] has an engine that outlives the processes of a program. It runs the program in the
//! thread of the test, again and again, and lets something go wrong each time:
//!
//! ```standalone_crate
//! use std::time::Duration;
//!
//! use abide::{prelude::*, test::World};
//!
//! #[durable]
//! async fn charge(cents: u32) -> Result<u32> {
//!     Ok(cents)
//! }
//!
//! #[durable]
//! async fn order(items: u32) -> Result<u32> {
//!     let mut total = 0;
//!     for n in 1..=items {
//!         total += charge(n).await?;
//!         sleep(Duration::from_secs(30 * 24 * 3_600)).await?;   // takes no time
//!     }
//!     Ok(total)
//! }
//!
//! // #[test]
//! fn order_survives_every_crash() {
//!     World::new().crash_at_every_step().run(|abide| async move {
//!         assert_eq!(abide.run("order/1", order(3)).await?, 6);
//!         Ok(())
//!     });
//! }
//! # order_survives_every_crash();
//! ```
//!
//! The closure is the program's `main`. It is called with the [`Abide`](crate::Abide) of a process;
//! when that crashes it is dropped, and called again with the next one, as whoever watches over
//! processes would start it again. The run is over when it ends. What it gives has to be the same
//! in every run.
//!
//! # Effects
//!
//! A crash between doing something and recording it means doing it again. [`note`] counts what was
//! done, whatever has crashed since, and [`World::check`] looks at it when a run is over.
//! [`crash_once`] crashes at a place of one's choice.
//!
//! ```standalone_crate
//! # use abide::{prelude::*, test::World};
//! use abide::test::{crash_once, note};
//!
//! #[durable]
//! async fn send(letter: u32) -> Result<()> {
//!     note("sent");
//!     crash_once("sent, and not yet recorded").await;
//!     Ok(())
//! }
//!
//! World::new()
//!     .check(|run| {
//!         assert_eq!(run.crashes, 1);
//!         assert_eq!(run.noted("sent"), 2, "it needs an idempotency key");
//!     })
//!     .run(|abide| async move { abide.run("letter/1", send(1)).await });
//! ```
//!
//! # Chance
//!
//! What goes wrong by chance follows from a seed, and the order in which everything happens does
//! too. Behind a server there is a network in which requests and messages get lost, there are
//! processes beside the program, and a process may freeze for longer than its lease lasts:
//!
//! ```standalone_crate
//! # use abide::{prelude::*, test::World};
//! # #[durable] async fn charge(cents: u32) -> Result<u32> { Ok(cents) }
//! #[durable]
//! async fn payroll(people: u32) -> Result<u32> {
//!     let salaries = (1..=people).map(|n| charge(n).on("bank"));
//!     let paid = futures_util::future::try_join_all(salaries).await?;
//!     Ok(paid.into_iter().sum())
//! }
//!
//! let report = World::new()
//!     .seeds(0..20)
//!     .group("bank", 2)          // two processes that serve this group
//!     .crash_randomly(0.05)
//!     .freeze_randomly(0.02)
//!     .lose_requests(0.02)
//!     .lose_messages(0.1)
//!     .repeat_messages(0.1)
//!     .run(|abide| async move { abide.run("payroll", payroll(4)).await });
//! println!("{report}");
//! # assert_eq!(report.runs, 20);
//! ```
//!
//! A process that ends with [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) is started
//! again, so a program under test passes such errors on with `?`.
//!
//! # When a run fails
//!
//! It fails as any test does, and prints what has happened: every request with its answer, every
//! message and every fault, by virtual time, and how to repeat just that run:
//!
//! ```text
//! a world has failed with seed 7, a crash after write 12 has taken effect, after 31 writes, ...
//!   it is stuck: nothing has changed for 86400s (`patience` raises the limit). What is pending:
//!     order/1 = order(3) (its task is Suspended at version 4)
//!     order/1:3, a promise for somebody outside to settle
//!   again: ABIDE_TEST_SEED=7/12+ cargo test order_survives_every_crash
//!   what has happened:
//!          +0.003s main         1 task.create create order/1 = order(3) for ... → 200 Acquired v1
//!          +0.005s main         2 task.fence order/1 v1: create order/1:1 = charge(1) → 200 Pending
//! ```
//!
//! `ABIDE_TEST_SEED=7` runs everything with that seed, `ABIDE_TEST_SEEDS=5000` that many seeds
//! instead of those of [`World::seeds`], and `ABIDE_TEST_TRACE=all` prints the whole story.
//!
//! # Time, and what is not decided by the seed
//!
//! Time passes when nothing is left to do, and then at once to the next thing that is due.
//! [`now`](crate::now) and [`test::now`](now) give the time of the world, which begins in the year
//! 2030; so does tokio's `sleep` in the closure. `SystemTime::now()` gives the real time, threads
//! and sockets take real time, and tokio's own `select!` and the iteration over a `HashMap` draw
//! lots that the seed does not decide ([`select!`](crate::select) does not). A task that a leaf
//! spawns with `tokio::spawn` belongs to no process, so it survives a crash.

mod describe;
mod engine;
mod failures;
mod faults;
mod judge;
mod limits;
mod link;
mod members;
mod network;
mod notes;
mod plan;
pub(crate) mod process;
mod report;
mod run;
mod sim;
mod stuck;
mod trace;
mod world;

pub use notes::{crash_once, note, now};
pub use report::{Record, Report, Run};
pub use world::World;
