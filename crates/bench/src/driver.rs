//! One driver for every system, so that all are measured by the same code.
//!
//! A *driver* is a program that starts one system in an empty directory, on free loopback ports,
//! and measures it. It prints one line of JSON when the system is up, then reads one [`Order`] a
//! line from stdin and answers each with one [`Reply`] a line on stdout; what it has to say to
//! people goes to stderr. At the end of stdin it stops whatever it has started.
//!
//! ```text
//! $ peer-example --dir /tmp/empty
//! {"ready":{"system":"example","version":"1.2","durability":"fsync per commit","pids":{"server":[41]}}}
//! {"job":{"kind":"steps","steps":10},"concurrency":64,"seconds":5.0,"warmup":1.0}
//! {"answer":{"operations":4711,"seconds":5.0,"all":5600,"errors":0,"latency_us":{"buckets":[..]}}}
//! {"job":{"kind":"create"},"concurrency":64,"seconds":5.0}
//! {"unsupported":"it has no promises"}
//! ```
//!
//! To write one, implement [`Subject`] (the system) and [`Lane`] (one of the operations in flight)
//! and hand them to [`run`]:
//!
//! ```no_run
//! use abide_bench::driver::{self, Fault, Job, Lane, Ready, Subject, Timing, Unsupported};
//!
//! struct Example;
//! struct Invocation { steps: u32 }
//!
//! impl Subject for Example {
//!     type Lane = Invocation;
//!
//!     fn ready(&self) -> Ready {
//!         // Whoever has its workers in the process of the driver lists that process as "worker".
//!         Ready::new("example", "1.2", "fsync per commit").with("worker", std::process::id())
//!     }
//!
//!     async fn lane(&self, job: &Job, _number: usize) -> Result<Invocation, Fault> {
//!         match *job {
//!             Job::Steps { steps } => Ok(Invocation { steps }),
//!             _ => Err(Unsupported::because("it only has steps")),
//!         }
//!     }
//!
//!     async fn stop(self) -> Result<(), Fault> {
//!         Ok(())
//!     }
//! }
//!
//! impl Lane for Invocation {
//!     async fn operate(&mut self, id: &str) -> Result<Timing, Fault> {
//!         // Start the workflow `id` with `self.steps` steps and wait for its result.
//!         Ok(Timing::Whole)
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> std::process::ExitCode {
//!     driver::run(|directory| async move {
//!         eprintln!("{} is empty and mine", directory.display());
//!         Ok(Example)
//!     })
//!     .await
//! }
//! ```
//!
//! # What is measured
//!
//! - **Closed load** ([`Order::rate`] is absent): [`Order::concurrency`] lanes, each of which begins
//!   an operation when its last one has ended. What ends within the measured time counts.
//! - **Open load**: operations are due at a fixed rate whether or not earlier ones have ended, and
//!   are carried out by the first lane that is free. Latency counts from the moment an operation was
//!   *due*, so that a system that stalls does not hide the operations it kept from beginning. What
//!   was due and never begun is in the histogram, with the time it had waited.
//! - An operation that is timed by other means (from the resolution of a signal to the end of the
//!   workflow) says so by [`Timing::Part`].
//!
//! A job that is no load (see [`Job::Pending`]) is measured by [`Subject::measure`], which says by
//! [`begin`] when what it needs is made; that is the line `{"begun":true}` before the answer. If a
//! system has other processes after a job, another line `{"ready":...}` precedes the answer.

mod answer;
mod closed;
mod histogram;
mod job;
mod load;
mod open;
mod ready;
mod serve;
mod subject;
mod tally;

pub use answer::{Answer, Reply, SYNCS};
pub use histogram::Histogram;
pub use job::{Job, Order, Resume, SUSPENSION};
pub use load::load;
pub use ready::Ready;
pub use serve::{begin, run, serve};
pub use subject::{Fault, Lane, Subject, Timing, Unsupported};
