//! Where a promise stands.

use std::fmt;

use abide_protocol::PromiseState;

/// Where a promise, or an execution, stands. All but [`Pending`](Self::Pending) are final.
///
/// ```
/// use abide::{client::Status, prelude::*};
///
/// #[durable]
/// async fn work() -> Result<u32> {
///     Ok(42)
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<()> {
/// let abide = Abide::memory().await?;
/// abide.run("work/1", work()).await?;
/// assert_eq!(abide.get::<u32>("work/1").status().await?, Status::Resolved);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Nobody has settled it yet.
    Pending,
    /// It has a value.
    Resolved,
    /// It has an error.
    Rejected,
    /// Somebody canceled it.
    Canceled,
    /// Its deadline passed.
    TimedOut,
}

impl Status {
    /// Whether it is final.
    pub fn is_settled(self) -> bool {
        self != Self::Pending
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Resolved => "resolved",
            Self::Rejected => "rejected",
            Self::Canceled => "canceled",
            Self::TimedOut => "timed out",
        })
    }
}

impl From<PromiseState> for Status {
    fn from(state: PromiseState) -> Self {
        match state {
            PromiseState::Pending => Self::Pending,
            PromiseState::Resolved => Self::Resolved,
            PromiseState::Rejected => Self::Rejected,
            PromiseState::RejectedCanceled => Self::Canceled,
            PromiseState::RejectedTimedout => Self::TimedOut,
        }
    }
}

impl From<Status> for PromiseState {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::Resolved => Self::Resolved,
            Status::Rejected => Self::Rejected,
            Status::Canceled => Self::RejectedCanceled,
            Status::TimedOut => Self::RejectedTimedout,
        }
    }
}
