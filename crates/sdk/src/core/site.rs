//! Where in the source a call is made.

use std::{borrow::Cow, fmt, panic::Location};

/// A call site, as `file:line:column`. It helps to tell equal calls apart; it identifies nothing,
/// so moving lines between two versions of a program does no harm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Site {
    file: Cow<'static, str>,
    /// The line and the column, where it is one that a compiler recorded.
    place: Option<(u32, u32)>,
}

impl Site {
    /// The site that the compiler recorded.
    pub(crate) fn at(location: &Location<'static>) -> Self {
        let place = Some((location.line(), location.column()));
        Self { file: Cow::Borrowed(location.file()), place }
    }

    /// A site read from a record.
    pub(crate) fn recorded(text: impl Into<Cow<'static, str>>) -> Self {
        let mut file = text.into();
        let mut words = file.rsplitn(3, ':');
        let (column, line, name) = (words.next(), words.next(), words.next());
        let number = |word: Option<&str>| word?.parse().ok();
        let Some(name) = name else { return Self { file, place: None } };
        let (Some(line), Some(column)) = (number(line), number(column)) else {
            return Self { file, place: None };
        };
        let length = name.len();
        match &mut file {
            Cow::Borrowed(text) => *text = &text[..length],
            Cow::Owned(text) => text.truncate(length),
        }
        Self { file, place: Some((line, column)) }
    }
}

impl Site {
    /// The file, or whatever a record has in its place.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// The line and the column, if they are known.
    pub(crate) fn place(&self) -> Option<(u32, u32)> {
        self.place
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match self.place {
            Some((line, column)) => write!(f, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_the_same_after_it_was_recorded() {
        let location = Location::caller();
        let here = Site::at(location);
        assert_eq!(here.to_string(), location.to_string());
        assert_eq!(Site::recorded(here.to_string()), here);
        for text in ["", "save", "line 3", "a:b", "a:1:b", "c:\\a.rs:1:2", "a.rs:1"] {
            assert_eq!(Site::recorded(text).to_string(), text);
        }
        assert_ne!(Site::recorded("a.rs:1:2"), Site::recorded("a.rs:2:1"));
    }
}
