use std::{collections::VecDeque, sync::Arc};

use abide_protocol::Id;
use rapidhash::v3::rapidhash_v3;

use crate::table::Table;

/// What is known of siblings: the promises whose ids differ in their last part only, as the steps
/// of an execution do. Where all that the store has of them are in memory, or have been, one that is
/// not in memory and has not left it is nowhere, and need not be looked for. To forget this is always
/// safe.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Siblings {
    /// By what their ids have in common.
    known: Table<Arc<str>, Known>,
    /// The order in which they were asked for, to forget the oldest first.
    order: VecDeque<Arc<str>>,
}

/// How many that have left memory are remembered, of each group.
const LEFT: usize = 64;

#[derive(PartialEq, Eq)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
enum Known {
    /// One of them was looked for by itself. The next time they are fetched: that takes longer, up to
    /// ten times as long in a large store, and many an execution has one of them only.
    One,
    /// They are being fetched.
    Asked,
    /// Those that there are, are in memory, or have left it: these are known by their marks, and of two
    /// with the same mark one may be looked for in vain.
    Here { left: Vec<u64> },
    /// They are too many, or too many of them have left memory: they are not asked for again.
    GivenUp,
}

/// What an id has in common with its siblings: all up to its last part. A root has none.
pub(crate) fn prefix(id: &str) -> Option<&str> {
    let end = id.bytes().rposition(|byte| matches!(byte, b'.' | b':'))?;
    Some(&id[..=end])
}

/// What marks the last part of an id. Two may have the same mark.
fn mark(id: &str) -> u64 {
    let common = prefix(id).map_or(0, str::len);
    rapidhash_v3(&id.as_bytes()[common..])
}

/// What the ids of the calls of an execution have in common, if it is written with an SDK of Abide.
pub(crate) fn of_calls(id: &Id) -> Arc<str> {
    format!("{id}{}", Id::separator(id)).into()
}

impl Siblings {
    /// Whether this promise would be in memory if there were one: its siblings have been fetched, and
    /// it has not left since.
    pub(crate) fn would_be_here(&self, id: &str) -> bool {
        let known = prefix(id).and_then(|prefix| self.known.get(prefix));
        matches!(known, Some(Known::Here { left }) if !left.contains(&mark(id)))
    }

    /// Notes that this promise is to be looked for. Says what it has in common with its siblings if
    /// they are to be fetched instead. Not more than `limit` are remembered.
    pub(crate) fn wanted(&mut self, id: &str, limit: usize) -> Option<Arc<str>> {
        let prefix: Arc<str> = match self.known.get_mut(prefix(id)?) {
            Some(known) if *known == Known::One => {
                *known = Known::Asked;
                return prefix(id).map(Arc::from);
            }
            Some(_) => return None,
            None => prefix(id)?.into(),
        };
        self.remember(prefix, Known::One, limit);
        None
    }

    /// Notes that siblings are to be fetched before any of them is looked for. Says no if one was
    /// already, or none may be remembered.
    pub(crate) fn ahead(&mut self, prefix: &Arc<str>, limit: usize) -> bool {
        !self.known.contains(&**prefix) && self.remember(prefix.clone(), Known::Asked, limit)
    }

    fn remember(&mut self, prefix: Arc<str>, known: Known, limit: usize) -> bool {
        if self.order.len() >= limit {
            let Some(oldest) = self.order.pop_front() else { return false };
            self.known.remove(&oldest);
        }
        self.known.insert(prefix.clone(), known);
        self.order.push_back(prefix);
        true
    }

    /// Notes that those that there are, are in memory now, or that they are too many.
    pub(crate) fn fetched(&mut self, prefix: &str, all: bool) {
        if let Some(known) = self.known.get_mut(prefix).filter(|known| **known == Known::Asked) {
            *known = if all { Known::Here { left: Vec::new() } } else { Known::GivenUp };
        }
    }

    /// Notes that a promise leaves memory.
    pub(crate) fn left(&mut self, id: &str) {
        fault!(SiblingForgotten => return);
        match prefix(id).and_then(|prefix| self.known.get_mut(prefix)) {
            None | Some(Known::One) => {}
            Some(known) => {
                let mark = mark(id);
                match known {
                    Known::Here { left } if left.contains(&mark) => {}
                    Known::Here { left } if left.len() < LEFT => left.push(mark),
                    known => *known = Known::GivenUp,
                }
            }
        }
    }
}

#[cfg(feature = "testing")]
impl Siblings {
    /// Forgets what was asked for when.
    pub(crate) fn forget_order(&mut self) {
        self.order.make_contiguous().sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siblings_differ_in_their_last_part() {
        for (id, expected) in [
            ("a", None),
            ("a.1", Some("a.")),
            ("a:1", Some("a:")),
            ("a.1:2", Some("a.1:")),
            ("a.1.2", Some("a.1.")),
            ("a.", Some("a.")),
        ] {
            assert_eq!(prefix(id), expected, "{id}");
        }
    }

    fn asked(siblings: &mut Siblings, prefix: &str, limit: usize) {
        assert_eq!(siblings.wanted(&format!("{prefix}1"), limit), None, "by itself");
        assert_eq!(siblings.wanted(&format!("{prefix}2"), limit).as_deref(), Some(prefix));
    }

    #[test]
    fn they_are_asked_for_once() {
        let mut siblings = Siblings::default();
        asked(&mut siblings, "a.", 9);
        assert_eq!(siblings.wanted("a.3", 9), None);
        assert!(!siblings.would_be_here("a.1"), "they are on their way");
        siblings.fetched("a.", true);
        assert!(siblings.would_be_here("a.2"));
        assert!(
            !siblings.would_be_here("a:2")
                && !siblings.would_be_here("a.2.1")
                && !siblings.would_be_here("a")
        );
    }

    #[test]
    fn those_that_have_left_are_remembered_up_to_a_limit() {
        let mut siblings = Siblings::default();
        asked(&mut siblings, "a.", 9);
        siblings.fetched("a.", true);
        for _ in 0..2 {
            (0..LEFT).for_each(|number| siblings.left(&format!("a.{number}")));
            assert!((0..LEFT).all(|number| !siblings.would_be_here(&format!("a.{number}"))));
            assert!(siblings.would_be_here("a.x"));
        }
        siblings.left("a.y");
        assert!(!siblings.would_be_here("a.x"));
        assert_eq!(siblings.wanted("a.x", 9), None, "they would leave again");
    }

    #[test]
    fn they_are_asked_for_ahead_once_and_only_before_any_of_them_was() {
        let mut siblings = Siblings::default();
        let prefix = of_calls(&"a".into());
        assert!(siblings.ahead(&prefix, 9) && !siblings.ahead(&prefix, 9));
        assert_eq!(siblings.wanted("a:1", 9), None, "they are on their way");
        assert!(!siblings.would_be_here("a:1"));
        siblings.fetched(&prefix, true);
        assert!(siblings.would_be_here("a:1") && !siblings.ahead(&prefix, 9));
        assert_eq!(siblings.wanted("a:1.1", 9), None, "by itself");
        assert!(!siblings.ahead(&of_calls(&"a:1".into()), 9));
    }

    #[test]
    fn what_leaves_or_is_cut_while_they_are_fetched_is_not_here() {
        for (all, left) in [(true, true), (false, false)] {
            let mut siblings = Siblings::default();
            asked(&mut siblings, "a.", 9);
            if left {
                siblings.left("a.2");
            }
            siblings.fetched("a.", all);
            assert!(!siblings.would_be_here("a.1"));
        }
    }

    #[test]
    fn what_leaves_before_does_not_matter() {
        let mut siblings = Siblings::default();
        siblings.wanted("a.1", 9);
        siblings.left("a.1");
        assert!(siblings.wanted("a.2", 9).is_some());
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut siblings = Siblings::default();
        for prefix in ["a.", "b.", "c."] {
            asked(&mut siblings, prefix, 2);
            siblings.fetched(prefix, true);
        }
        assert_eq!(["a.1", "b.1", "c.1"].map(|id| siblings.would_be_here(id)), [false, true, true]);
        asked(&mut siblings, "a.", 2);
        assert!(!siblings.would_be_here("b.1"), "those are forgotten in turn");
    }

    #[test]
    fn nothing_is_known_where_nothing_may_be_remembered() {
        let mut siblings = Siblings::default();
        for _ in 0..3 {
            assert_eq!(siblings.wanted("a.1", 0), None);
            assert!(!siblings.ahead(&"a.".into(), 0));
        }
        assert!(!siblings.known.contains("a."));
    }
}
