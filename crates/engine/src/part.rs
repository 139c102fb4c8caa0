use std::{collections::VecDeque, sync::Arc};

use abide_protocol::{Id, PromiseSearch, tag};

/// A part of the promises, in which a search has something to look for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// The promise of this id.
    One(Id),
    /// Those whose ids begin with this text.
    Under(Arc<str>),
}

impl Part {
    /// What begins every id of the part.
    pub(crate) fn prefix(&self) -> Arc<str> {
        match self {
            Part::One(id) => id.as_str().into(),
            Part::Under(prefix) => prefix.clone(),
        }
    }

    /// Whether a promise of this id is in the part.
    pub(crate) fn holds(&self, id: &str) -> bool {
        match self {
            Part::One(one) => &**one == id,
            Part::Under(prefix) => id.starts_with(&**prefix),
        }
    }

    /// Whether all of the part comes before or at this id.
    fn is_before(&self, id: &str) -> bool {
        match self {
            Part::One(one) => &**one <= id,
            Part::Under(prefix) => &**prefix <= id && !id.starts_with(&**prefix),
        }
    }
}

/// The parts of the promises that a search has to look at, in order of id. An id equals its origin
/// or extends it, so a search for the promises of one tree need not look at any other, however many
/// there are.
pub(crate) fn parts(search: &PromiseSearch) -> VecDeque<Part> {
    let mut parts = match search.tags.get(tag::ORIGIN) {
        Some(origin) => VecDeque::from([
            Part::One(origin.into()),
            Part::Under(format!("{origin}.").into()),
            Part::Under(format!("{origin}:").into()),
        ]),
        None => VecDeque::from([Part::Under("".into())]),
    };
    if let Some(cursor) = &search.cursor {
        parts.retain(|part| !part.is_before(cursor));
    }
    parts
}

#[cfg(test)]
mod tests {
    use abide_protocol::{PromiseSearch, Tags, tag};

    use super::{Part, parts};

    fn of(cursor: Option<&str>) -> Vec<Part> {
        let tags: Tags = [(tag::ORIGIN, "a")].into_iter().collect();
        let cursor = cursor.map(str::to_owned);
        parts(&PromiseSearch { state: None, tags, limit: None, cursor }).into()
    }

    #[test]
    fn a_tree_is_looked_for_among_its_own_ids_only() {
        let [one, dots, colons] =
            [Part::One("a".into()), Part::Under("a.".into()), Part::Under("a:".into())];
        assert_eq!(of(None), [one.clone(), dots.clone(), colons.clone()]);
        assert_eq!(of(Some("A")), [one, dots.clone(), colons.clone()]);
        assert_eq!(of(Some("a")), [dots.clone(), colons.clone()]);
        assert_eq!(of(Some("a.7")), [dots, colons.clone()]);
        for cursor in ["a0", "a:1"] {
            assert_eq!(of(Some(cursor)), std::slice::from_ref(&colons), "{cursor}");
        }
        assert_eq!(of(Some("b")), []);
    }
}
