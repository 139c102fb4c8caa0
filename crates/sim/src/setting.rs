use abide_protocol::Millis;

use crate::plan::Dial;

/// What a run is to be like, beside what its seed decides.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// What is left out, whatever the seed says.
    pub without: Vec<Dial>,
    /// Things go wrong, and clients begin things, for no longer than so many milliseconds.
    pub span: Option<Millis>,
    /// Whether the story of the run is kept.
    pub story: bool,
    /// Checkers that find nothing: to see what the others find.
    pub blind: Vec<&'static str>,
    /// A fault of the world itself, by which its checkers are tested.
    pub plant: Option<Plant>,
}

/// A fault that the world can be given in order to test its checkers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// The store acknowledges a commit before it is synced.
    EarlyAcknowledgement,
    /// The store takes commits from whoever has lost the shard.
    DoubleClaim,
    /// The store leaves out the end of a commit.
    HalfCommit,
    /// A message that was lost counts as taken.
    LostUnblock,
    /// Some tasks are never offered.
    LostOffers,
}
