use std::{borrow::Borrow, hash::Hash};

use rapidhash::quality::RandomState;

/// A hash map that cannot be iterated, so that nothing can depend on its order. Its keys are chosen by
/// clients, which is why its hasher has a key that nobody outside can guess.
#[allow(clippy::disallowed_types, reason = "nothing iterates over it")]
pub(crate) struct Table<K, V>(std::collections::HashMap<K, V, RandomState>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Table(Default::default())
    }
}

impl<K: Eq + Hash, V> Table<K, V> {
    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    pub(crate) fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.get_mut(key)
    }

    pub(crate) fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.0.entry(key).or_default()
    }

    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }

    pub(crate) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.0.remove(key)
    }

    pub(crate) fn contains<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }
}

#[cfg(feature = "testing")]
impl<K: Eq + Hash, V> Table<K, V> {
    /// Every value, in no order.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.values_mut()
    }
}

#[cfg(feature = "testing")]
impl<K: Clone, V: Clone> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Table(self.0.clone())
    }
}

/// In the order of the keys, or equal tables would not look the same.
#[cfg(feature = "testing")]
impl<K: Ord + Hash, V: Hash> Hash for Table<K, V> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let mut entries: Vec<(&K, &V)> = self.0.iter().collect();
        entries.sort_by_key(|(key, _)| *key);
        entries.hash(state);
    }
}
