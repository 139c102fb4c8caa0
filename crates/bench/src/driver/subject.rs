use std::{fmt, time::Duration};

use super::{Answer, Order, Ready, job::Job};

/// What went wrong, in words.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A system that was started to be measured.
pub trait Subject: Send + Sync {
    /// One of the operations in flight.
    type Lane: Lane;

    /// What it says of itself. It is asked again after each order: a system may have other
    /// processes by then.
    fn ready(&self) -> Ready;

    /// Makes one of the lanes of a load, with a connection of its own or a share of one, as it is
    /// usual for clients of the system. An [`Unsupported`] says that there is nothing of the kind.
    fn lane(
        &self,
        job: &Job,
        number: usize,
    ) -> impl Future<Output = Result<Self::Lane, Fault>> + Send;

    /// Measures a job that is no load; `None` if it is one. The prefix has not been used before:
    /// ids begin with it.
    fn measure(
        &mut self,
        order: &Order,
        prefix: &str,
    ) -> impl Future<Output = Result<Option<Answer>, Fault>> + Send {
        let _ = (order, prefix);
        async { Ok(None) }
    }

    /// Stops all that it has started.
    fn stop(self) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// One of the operations in flight, repeated over and over.
pub trait Lane: Send + 'static {
    /// Carries the operation out once. The id has not been used before.
    fn operate(&mut self, id: &str) -> impl Future<Output = Result<Timing, Fault>> + Send;
}

/// What counts as the latency of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// From its beginning to its end; under an open load, from when it was due.
    Whole,
    /// This part of it.
    Part(Duration),
}

/// The system has nothing of the kind.
#[derive(Debug)]
pub struct Unsupported(String);

impl Unsupported {
    /// The fault that says so.
    pub fn because(why: impl Into<String>) -> Fault {
        Box::new(Unsupported(why.into()))
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsupported {}
