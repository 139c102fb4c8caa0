use std::fmt;

/// The longest key a store has to take, family included. Engines refuse longer ids before they
/// become keys; a backend refuses longer keys as unavailable rather than cutting them.
pub const MAX_KEY_BYTES: usize = 60_000;

/// Separates the kinds of things in a shard. To a backend it is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Family(pub u8);

/// A key: a family, and bytes that order what is in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key with these bytes in a family.
    pub fn new(family: Family, bytes: &[u8]) -> Self {
        let mut key = Vec::with_capacity(1 + bytes.len());
        key.push(family.0);
        key.extend_from_slice(bytes);
        Key(key)
    }

    /// The key of about so many bytes that a function appends, the family's first.
    pub(crate) fn build(length: usize, append: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut key = Vec::with_capacity(length);
        append(&mut key);
        Key(key)
    }

    /// A key from its [`as_bytes`](Self::as_bytes); `None` when there is no family.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        if bytes.is_empty() { None } else { Some(Key(bytes)) }
    }

    /// The family.
    pub fn family(&self) -> Family {
        Family(self.0[0])
    }

    /// What follows the family.
    pub fn suffix(&self) -> &[u8] {
        &self.0[1..]
    }

    /// The family's byte and what follows it: keys compare as these bytes do.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.family().0, self.suffix().escape_ascii())
    }
}
