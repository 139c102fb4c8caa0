use std::{borrow::Borrow, fmt, ops::Deref, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Visitor},
};

/// The id of a promise, a task or a schedule: cheap to clone, ordered by its bytes.
///
/// ```
/// use abide_protocol::Id;
/// assert_eq!(Id::from("order-7:1.2").origin(), "order-7");
/// assert_eq!(Id::from("order-7.1").origin(), "order-7");
/// assert_eq!(Id::from("order-7").origin(), "order-7");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Id(Arc<str>);

impl Id {
    /// What may stand between an id and what extends it, in the order in which ids sort.
    pub const SEPARATORS: [char; 2] = ['.', ':'];

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text before the first `.` or `:`. Both id dialects share it: the older one writes
    /// children as `root.1`, the newer one as `root:1`. It is also the shard key.
    pub fn origin(&self) -> &str {
        origin(&self.0)
    }

    /// Whether the id names the root of a tree: it is its own origin.
    pub fn is_root(&self) -> bool {
        self.origin().len() == self.0.len()
    }

    /// What stands between the id of a parent and the number of its child in the newer dialect.
    ///
    /// ```
    /// use abide_protocol::Id;
    /// let child = |parent: &str| format!("{parent}{}1", Id::separator(parent));
    /// assert_eq!([child("order-7"), child("order-7:1")], ["order-7:1", "order-7:1.1"]);
    /// ```
    pub fn separator(parent: &str) -> &'static str {
        if parent.contains(':') { "." } else { ":" }
    }

    /// Everything that this id extends, the root first.
    ///
    /// ```
    /// use abide_protocol::Id;
    /// assert!(Id::from("order-7:1.2").ancestors().eq(["order-7", "order-7:1"]));
    /// assert_eq!(Id::from("order-7").ancestors().count(), 0);
    /// ```
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices(Self::SEPARATORS).map(|(end, _)| &self.0[..end])
    }

    /// Whether this id extends `ancestor` by `.` or `:`: whether it is below it.
    pub fn extends(&self, ancestor: &str) -> bool {
        self.0.len() > ancestor.len() && self.is_or_extends(ancestor)
    }

    /// Whether this id equals `ancestor` or extends it by `.` or `:`, which is what a lineage tag
    /// has to satisfy.
    pub fn is_or_extends(&self, ancestor: &str) -> bool {
        self.0
            .strip_prefix(ancestor)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(Self::SEPARATORS))
    }
}

/// The origin of an id that is still a text.
pub(crate) fn origin(id: &str) -> &str {
    let end = id.bytes().position(|byte| matches!(byte, b'.' | b':'));
    &id[..end.unwrap_or(id.len())]
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(IdVisitor)
    }
}

/// Makes the one copy where it stays.
struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Id, E> {
        Ok(Id::from(text))
    }
}

impl Deref for Id {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Id(text.into())
    }
}

impl From<Arc<str>> for Id {
    fn from(text: Arc<str>) -> Self {
        Id(text)
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Id(text.into())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Id;

    #[test]
    fn lineage_follows_both_dialects() {
        let id = Id::from("my.app:1.2");
        for ancestor in ["my", "my.app", "my.app:1", "my.app:1.2"] {
            assert!(id.is_or_extends(ancestor), "{ancestor}");
        }
        for stranger in ["m", "my.ap", "my.app:1.22", "my.app:1.2.3", "web"] {
            assert!(!id.is_or_extends(stranger), "{stranger}");
        }
    }
}
