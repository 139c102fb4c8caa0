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
    pub(crate) end: Place,
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

impl Mutant {
    /// The source of its file with nothing but this change.
    pub(crate) fn alone(&self, source: &str) -> String {
        let (start, end) = (self.span.start.offset(source), self.span.end.offset(source));
        format!("{}{}{}", &source[..start], self.replacement, &source[end..])
    }
}

impl Place {
    /// The bytes before it.
    fn offset(self, source: &str) -> usize {
        let mut lines = source.split_inclusive('\n');
        let above: usize = lines.by_ref().take(self.line - 1).map(str::len).sum();
        let before = lines.next().unwrap_or("").chars().take(self.column - 1);
        above + before.map(char::len_utf8).sum::<usize>()
    }
}

/// Reads what `cargo mutants --list --json` has printed.
pub(crate) fn listed(path: &Path) -> io::Result<Vec<Mutant>> {
    serde_json::from_str(&fs::read_to_string(path)?).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutant_alone_changes_what_it_spans() {
        let mutant = r#"{"name": "", "file": "", "genre": "FnValue", "replacement": "0",
            "span": {"start": {"line": 2, "column": 5}, "end": {"line": 3, "column": 10}}}"#;
        let mutant: Mutant = serde_json::from_str(mutant).expect("a mutant");
        let source = "fn f() -> u8 {\n    let ä = 1;\n    ä + 1\n}\n";
        assert_eq!(mutant.alone(source), "fn f() -> u8 {\n    0\n}\n");
    }
}
