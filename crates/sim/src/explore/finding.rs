use std::{any::Any, fmt};

use super::{Action, Violation};

/// Something broken, and how to come to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is broken.
    pub violation: Violation,
    /// How it comes about.
    pub path: Vec<Action>,
    /// The same, in words.
    pub script: Vec<String>,
    /// Whether there is no shorter way. Otherwise there may be: the search for it was given up for
    /// want of memory, but nothing on this way can be left out.
    pub shortest: bool,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.shortest { "the shortest way" } else { "a short way" };
        writeln!(f, "{}\n{kind} to it:", self.violation)?;
        self.script.iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

/// A panic is a violation too: of an assertion.
pub(super) fn of_panic(panic: &(dyn Any + Send)) -> Violation {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or(panic.downcast_ref::<&str>().copied());
    Violation::new("nothing panics", text.unwrap_or("a panic without a message"))
}
