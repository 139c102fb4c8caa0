//! The limits of the core, each with its reason.

/// Deliveries a scope may see without writing a creation before it writes an empty marker record
/// that carries them (rule 4). It bounds the list a single record has to hold. The proof uses a
/// smaller one, so that its programs reach it.
pub(crate) const DELIVERIES_PER_RECORD: usize = if cfg!(test) { 16 } else { 4_096 };

/// Offers of one completion that nobody took before the scope is stopped. Code that polls a call
/// once and gives up (`now_or_never`) never sees it ready; this says so instead of spinning.
pub(crate) const WITHDRAWN_OFFERS: u32 = 1_000;

/// Replays of one scope before a divergence is reported (rule 8): tokio's `select!` begins at a
/// random branch, so another replay may agree. Nothing was written, and one costs microseconds.
pub(crate) const REPLAYS: u32 = 16;

/// The same where interchangeable calls may have been matched the wrong way round. Each turn that
/// holds such calls is a draw of its own, so a loop around a random `select!` over equal calls
/// needs about two to the number of its iterations.
pub(crate) const AMBIGUOUS_REPLAYS: u32 = 1_024;

/// Turns that all these replays may make together: some seconds.
pub(crate) const REPLAYED_TURNS: u64 = 1_000_000;

/// Records before a save point that a scope remembers because they were not settled when it passed
/// them: remote calls that nobody awaits any more, mostly. What is beyond stays until another
/// process loads the records.
pub(crate) const LEFT_BEHIND: usize = 10_000;

/// Records before a save point that are worth a request to delete them. A loop with a save point
/// in each iteration would make one each time otherwise.
pub(crate) const WORTH_RECLAIMING: usize = if cfg!(test) { 4 } else { 64 };

/// Records that one such request names: what the protocol allows.
pub(crate) const RECLAIMED_AT_ONCE: usize = 1_000;

/// Polls of one scope within one turn. In-memory primitives wake a scope a handful of times; a
/// scope that goes on for longer is spinning.
pub(crate) const POLLS_PER_TURN: u32 = 100_000;
