use std::fmt;

/// One of the things that can happen in a state. The number means something to its system alone.
pub type Action = u32;

/// Something that can be gone through completely: from every state only so much can happen, and
/// after finitely many steps nothing new comes of it.
pub trait System: Sync {
    /// A state.
    type State: Clone + Send;
    /// What a thread keeps while it goes through states.
    type Scratch;

    /// How many states the search for the shortest way to a violation may keep.
    const KEPT: usize;

    /// What a thread starts with.
    fn scratch(&self) -> Self::Scratch;

    /// Where everything starts.
    fn initial(&self) -> Self::State;

    /// The identity of a state: the same for two states exactly if the same can happen after them.
    fn fingerprint(&self, state: &Self::State) -> u128;

    /// Goes through all that can happen in a state.
    fn expand(
        &self,
        scratch: &mut Self::Scratch,
        state: &Self::State,
        onward: &mut dyn Onward<Self::State>,
    );

    /// What happens along a way, a line each.
    fn describe(&self, path: &[Action]) -> Vec<String>;

    /// Takes over what a thread has counted.
    fn finish(&self, scratch: Self::Scratch);
}

/// Where the system tells what can happen in a state.
pub trait Onward<S> {
    /// This is about to be tried. What is told until the next one is told of it.
    fn trying(&mut self, action: Action);

    /// It leads to this state. Whether nobody has been there before.
    fn reached(&mut self, state: S) -> bool;

    /// It leads out of the scope, and is not followed.
    fn left(&mut self);

    /// It breaks something.
    fn broken(&mut self, violation: Violation);
}

/// Something that must hold and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What must hold.
    pub what: String,
    /// Why it does not.
    pub why: String,
}

impl Violation {
    /// A violation of this, for that reason.
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Violation { what: what.into(), why: why.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken: {}\nbecause: {}", self.what, self.why)
    }
}
