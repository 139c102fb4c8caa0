mod builder;
mod known;
mod wire;

use std::fmt;

use self::{builder::Builder, known::Known};
use crate::Millis;

/// The names of the tags that mean something to the protocol.
pub mod tag {
    /// The address that executes the promise; it gives the promise a task.
    pub const TARGET: &str = "resonate:target";
    /// `"true"` makes the deadline's verdict `resolved`.
    pub const TIMER: &str = "resonate:timer";
    /// `"true"` says that somebody outside settles the promise.
    pub const EXTERNAL: &str = "resonate:external";
    /// `global` or `local`.
    pub const SCOPE: &str = "resonate:scope";
    /// The time of the first dispatch, in Unix milliseconds.
    pub const DELAY: &str = "resonate:delay";
    /// The root of the execution tree.
    pub const ORIGIN: &str = "resonate:origin";
    /// The promise whose task executes this one.
    pub const BRANCH: &str = "resonate:branch";
    /// The promise of the caller.
    pub const PARENT: &str = "resonate:parent";
    /// Lineage of the older id dialect: accepted and ignored.
    pub const PREFIX: &str = "resonate:prefix";
    /// The promise that owns this one: if it is canceled, so is this one. An extension, and an
    /// ordinary tag where it is not offered. It means something only on a promise whose id extends
    /// the owner's.
    pub const OWNER: &str = "abide:owner";
    /// The schedule that created the promise; set by the server.
    pub const SCHEDULE: &str = "resonate:schedule";
}

/// The tags of a promise or a schedule, in the order of their names.
///
/// They are many and small, and looked up often, so they share one text, and a name that means
/// something to the protocol is a number.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Tags {
    /// One after the other: the name, unless it is known, and the value.
    text: Box<str>,
    spans: Box<[Span]>,
    /// The bits of the known names that are here.
    present: u16,
}

/// Where a tag is in the text. It begins where the one before it ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Span {
    known: Option<Known>,
    name_end: u32,
    end: u32,
}

fn start(spans: &[Span], index: usize) -> usize {
    index.checked_sub(1).map_or(0, |before| spans[before].end as usize)
}

fn name<'a>(text: &'a str, spans: &[Span], index: usize) -> &'a str {
    let span = &spans[index];
    match span.known {
        Some(known) => known.text(),
        None => &text[start(spans, index)..span.name_end as usize],
    }
}

fn value<'a>(text: &'a str, spans: &[Span], index: usize) -> &'a str {
    let span = &spans[index];
    &text[span.name_end as usize..span.end as usize]
}

impl Tags {
    /// The value of a tag.
    pub fn get(&self, name: &str) -> Option<&str> {
        match Known::of(name) {
            Some(known) => self.known(known),
            None => self.iter().find_map(|(tag, value)| (tag == name).then_some(value)),
        }
    }

    fn known(&self, known: Known) -> Option<&str> {
        if self.present & known.bit() == 0 {
            return None;
        }
        let index = self.spans.iter().position(|span| span.known == Some(known))?;
        Some(value(&self.text, &self.spans, index))
    }

    /// The tags, in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        (0..self.spans.len()).map(|index| {
            (name(&self.text, &self.spans, index), value(&self.text, &self.spans, index))
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// The bytes that they take: a name that means something to the protocol takes none.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Adds a tag, or gives it another value. It copies all of them.
    pub fn insert(&mut self, name: &str, value: &str) {
        *self = self.iter().chain([(name, value)]).collect();
    }

    /// Whether the deadline resolves the promise instead of rejecting it.
    pub fn is_timer(&self) -> bool {
        self.known(Known::Timer) == Some("true")
    }

    /// The address as written, timer or not.
    pub fn address(&self) -> Option<&str> {
        self.known(Known::Target)
    }

    /// The address that executes the promise. A timer has none, even where an address is written:
    /// a timer with a target is a pure timer.
    pub fn target(&self) -> Option<&str> {
        if self.is_timer() { None } else { self.address() }
    }

    /// The time of the first dispatch, if it is delayed and well-formed.
    pub fn delay(&self) -> Option<Millis> {
        self.known(Known::Delay).and_then(|text| text.parse().ok())
    }

    /// The branch whose acquisition preloads this promise.
    pub fn branch(&self) -> Option<&str> {
        self.known(Known::Branch)
    }

    /// The owner whose cancellation cancels this promise too.
    pub fn owner(&self) -> Option<&str> {
        self.known(Known::Owner)
    }

    /// Whether the server acts on the deadline by itself, even if nobody waits.
    pub fn arms_deadline(&self) -> bool {
        self.address().is_some()
            || self.is_timer()
            || self.known(Known::External) == Some("true")
            || self.known(Known::Scope) == Some("global")
    }

    /// Whether every one of `wanted` is here with the same value.
    pub fn contains(&self, wanted: &Tags) -> bool {
        wanted.iter().all(|(name, value)| self.get(name) == Some(value))
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// In any order; of several with one name the last is kept.
impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Tags {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(pairs: T) -> Self {
        let mut tags = Builder::new();
        for (name, value) in pairs {
            tags.name(name.as_ref());
            tags.value(value.as_ref());
        }
        tags.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::{collection::vec, prelude::*, sample::select};

    use super::{Known, Tags};

    fn name() -> impl Strategy<Value = String> {
        let known = select(Known::ALL).prop_map(|known| known.text().to_owned());
        prop_oneof![known, "[a-z]{0,3}", "resonate:[a-z]{0,2}"]
    }

    proptest! {
        /// They are what a map would be, whatever the order in which they come.
        #[test]
        fn tags_are_a_map(
            pairs in vec((name(), "[a-zä]{0,4}"), 0..12),
            wanted in vec((name(), "[a-z]{0,2}"), 0..2),
            asked in name(),
        ) {
            let map: BTreeMap<String, String> = pairs.iter().cloned().collect();
            let tags: Tags = pairs.iter().map(|(name, value)| (name, value)).collect();
            let of_map = map.iter().map(|(name, value)| (&**name, &**value));
            prop_assert!(tags.iter().eq(of_map.clone()));
            prop_assert_eq!((tags.len(), tags.is_empty()), (map.len(), map.is_empty()));
            prop_assert_eq!(tags.get(&asked), map.get(&asked).map(|value| &**value));
            prop_assert_eq!(&tags, &of_map.collect::<Tags>());
            prop_assert_eq!(format!("{tags:?}"), format!("{map:?}"));
            let mut one_by_one = Tags::default();
            pairs.iter().for_each(|(name, value)| one_by_one.insert(name, value));
            prop_assert_eq!(&tags, &one_by_one);
            let all = wanted.iter().all(|(name, value)| map.get(name) == Some(value));
            prop_assert_eq!(tags.contains(&wanted.into_iter().collect()), all);
            let json = serde_json::to_string(&tags).unwrap();
            prop_assert_eq!(&json, &serde_json::to_string(&map).unwrap());
            prop_assert_eq!(serde_json::from_str::<Tags>(&json).unwrap(), tags);
        }

        /// Of two fields with one name the last is read, as from a map.
        #[test]
        fn fields_in_any_order(pairs in vec((name(), r#"[a-z\\"ä]{0,4}"#), 0..6)) {
            let field = |(name, value): &(String, String)| format!("{name:?}:{value:?}");
            let json = format!("{{{}}}", pairs.iter().map(field).collect::<Vec<_>>().join(","));
            let tags: Tags = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(tags, pairs.into_iter().collect::<Tags>());
        }
    }
}
