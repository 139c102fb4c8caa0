//! Where a payload belongs.

/// The place of a payload: which part of which promise it is. An authenticated codec binds a
/// payload to it, so that nobody can put one in the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot<'a> {
    /// The id of the promise. A [schedule](Part::Schedule) has none yet: what it creates gets its
    /// id each time.
    pub promise: &'a str,
    /// The part.
    pub part: Part,
}

/// A part of a promise that holds a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// What it was created with: a function and its arguments, or a saved state.
    Param,
    /// What it was resolved with.
    Resolved,
    /// What it was rejected with.
    Rejected,
    /// What it was canceled with.
    Canceled,
    /// What tells its arguments apart from others.
    Fingerprint,
    /// What every promise of a schedule is created with.
    Schedule,
}

impl Slot<'_> {
    /// Bytes that no other slot has, the same ever after: associated data for an authenticated
    /// cipher.
    ///
    /// ```
    /// # use abide::codec::{Part, Slot};
    /// let slot = Slot { promise: "order/7", part: Part::Param };
    /// assert_eq!(slot.bytes(), b"abide\0param\0order/7");
    /// ```
    pub fn bytes(&self) -> Vec<u8> {
        let part = match self.part {
            Part::Param => "param",
            Part::Resolved => "resolved",
            Part::Rejected => "rejected",
            Part::Canceled => "canceled",
            Part::Fingerprint => "fingerprint",
            Part::Schedule => "schedule",
        };
        let id = if self.part == Part::Schedule { "" } else { self.promise };
        format!("abide\0{part}\0{id}").into_bytes()
    }
}
