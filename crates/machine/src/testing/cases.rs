/// The cases in which a property could have failed, and the first in which it did.
#[derive(Clone, Debug, Default)]
pub struct Cases {
    count: u64,
    why: Option<String>,
}

impl Cases {
    /// One case: the property fails unless the condition holds.
    pub fn check(&mut self, holds: bool, why: impl FnOnce() -> String) {
        self.count += 1;
        if !holds && self.why.is_none() {
            self.why = Some(why());
        }
    }

    /// One case in which it fails.
    pub fn fail(&mut self, why: impl Into<String>) {
        self.check(false, || why.into());
    }

    /// How many cases there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Why the property failed, if it did.
    pub fn into_failure(self) -> Option<String> {
        self.why
    }
}
