use abide_protocol::Millis;

/// How much of everything a shard holds. The defaults fit a machine with a gigabyte to spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Calls in progress. One more is answered 429: at some 10,000 answers a second, whoever is
    /// last in such a queue has waited for longer than clients wait.
    pub calls: usize,
    /// Bytes that the calls in progress bring with them, about. One that does not fit beside
    /// others is answered 429.
    pub call_bytes: usize,
    /// Commits handed out and not yet durable. While one is written the next one gathers, so one is
    /// enough: a second one would only make batches smaller, and write twice what changes twice.
    pub in_flight: usize,
    /// Steps in one batch. A step takes a few microseconds, so this bounds a turn to a few
    /// milliseconds.
    pub batch_steps: usize,
    /// Bytes of rows in one batch, about. A step that does not fit starts the next one.
    pub batch_bytes: usize,
    /// Bytes of rows kept in memory, about. Rows that are not durable yet, or that a call waits
    /// for, are kept beyond it.
    pub cache_bytes: usize,
    /// Bytes of these at most, about, of fulfilled tasks and of their promises, once these owe nothing.
    /// Few of them are asked for again, and in memory that is soon used again a processor finds what
    /// it looks for sooner.
    pub done_bytes: usize,
    /// Bytes of these at most, about, of settled promises that owe nothing and never were tasks: steps,
    /// mostly. Hardly any of them is asked for again while its execution goes on.
    pub recorded_bytes: usize,
    /// Timers kept in memory; later ones are fetched from the store in time.
    pub timers: usize,
    /// Messages of one kind offered to one group, member or to all of HTTP, and not yet taken.
    /// The next are offered as these are taken.
    pub window: usize,
    /// Rows or entries in one page of a scan.
    pub page: usize,
    /// Rows that one search looks at. When none are left it answers with what it has found and a
    /// cursor to go on from.
    pub examined: usize,
    /// Bytes of records that one search finds, about. It then answers as when it has looked at too
    /// many.
    pub page_bytes: usize,
    /// After how many promises that were looked at in vain, beyond as many as were found, the search
    /// for those of a branch ends when a task is claimed.
    pub preload_missed: usize,
    /// Bytes of promises told of when a task is claimed, about.
    pub preload_bytes: usize,
    /// Promises whose ids differ in their last part only that are fetched together, so that the next
    /// ones need not be looked for. Where there are more, each is.
    pub siblings: usize,
    /// How many such groups are remembered. One takes some hundred bytes, and eight for each of its
    /// promises that has left memory, of which up to 64 are remembered.
    pub families: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            calls: 16_384,
            call_bytes: 256 << 20,
            in_flight: 1,
            batch_steps: 1_024,
            batch_bytes: 8 << 20,
            cache_bytes: 64 << 20,
            done_bytes: 512 << 10,
            recorded_bytes: 32 << 10,
            timers: 65_536,
            window: 1_024,
            page: 256,
            examined: 100_000,
            page_bytes: 8 << 20,
            preload_missed: 16,
            preload_bytes: 1 << 20,
            siblings: 64,
            families: 16_384,
        }
    }
}

/// How many rows one round of eviction looks at, at most.
pub(crate) const EVICTION_ROUND: usize = 4_096;

/// The obligations of one settled promise that are met in one round, so that a promise with very
/// many of them does not hold up everything else.
pub(crate) const OWED_PER_ROUND: usize = 64;

/// The timers that are fired at once before calls get their turn again.
pub(crate) const FIRED_PER_ROUND: usize = 256;

/// How long a message that was refused for the first time waits.
pub(crate) const PACE_START: Millis = 100;

/// How long a message that is refused again and again waits at most.
pub(crate) const PACE_MAX: Millis = 30_000;

/// How often a message is refused before it makes way for others that wait for a place in the
/// window.
pub(crate) const PATIENCE: u32 = 5;
