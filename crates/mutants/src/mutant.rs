//! What cargo-mutants says of a mutant.

use std::{fs, io, path::Path};

use serde::Deserialize;

/// One change to the sources.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Mutant {
    /// What cargo-mutants calls it: where it is and what is changed.
    pub(crate) name: String,
    /// The file it changes, from the root of the repository.
    pub(crate) file: String,
    /// What kind of a change it is.
    pub(crate) genre: Genre,
    /// What stands there afterwards.
    pub(crate) replacement: String,
    /// What stands there before.
    pub(crate) span: Span,
}

/// The kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) enum Genre {
    /// A function returns at once.
    FnValue,
    /// One operator for another.
    BinaryOperator,
    /// An operator is gone.
    UnaryOperator,
    /// An arm is gone.
    MatchArm,
    /// A guard is always or never true.
    MatchArmGuard,
    /// A field of a new struct is as in its base.
    StructField,
}

/// From where to where.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Span {
    /// Where it begins.
    pub(crate) start: Place,
}

/// A place in a file; both are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl From<proc_macro2::Span> for Place {
    fn from(span: proc_macro2::Span) -> Self {
        let start = span.start();
        Place { line: start.line, column: start.column + 1 }
    }
}

/// Reads what `cargo mutants --list --json` has printed.
pub(crate) fn listed(path: &Path) -> io::Result<Vec<Mutant>> {
    serde_json::from_str(&fs::read_to_string(path)?).map_err(io::Error::other)
}
