//! Where in the source a call is made.

use std::{borrow::Cow, fmt, panic::Location};

/// A call site, as `file:line:column`. It helps to tell equal calls apart; it identifies nothing,
/// so moving lines between two versions of a program does no harm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Site(Cow<'static, str>);

impl Site {
    /// The site that the compiler recorded.
    pub(crate) fn at(location: &Location<'_>) -> Self {
        Self(Cow::Owned(location.to_string()))
    }

    /// A site read from a record.
    pub(crate) fn recorded(text: impl Into<Cow<'static, str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
