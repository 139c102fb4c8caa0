//! A table that gives out its keys, so that nothing is hashed to find an entry.

/// Entries by the keys that they got.
#[derive(Debug)]
pub(crate) struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Slot<T> {
    /// How many entries have left it. It is half of the key, so that no key is given out twice.
    left: u32,
    entry: Option<T>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slots<T> {
    /// Adds an entry that is made with its key. The first one gets the key 0.
    pub(crate) fn insert(&mut self, entry: impl FnOnce(u64) -> T) -> u64 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { left: 0, entry: None });
            u32::try_from(self.slots.len() - 1).expect("less than four billion live entries")
        });
        let slot = &mut self.slots[index as usize];
        let key = u64::from(slot.left) << 32 | u64::from(index);
        slot.entry = Some(entry(key));
        key
    }

    /// The entry of a key, while it is there.
    pub(crate) fn get(&self, key: u64) -> Option<&T> {
        self.slots.get(place(key)).filter(|slot| slot.left == left(key))?.entry.as_ref()
    }

    /// The entry of a key, while it is there.
    pub(crate) fn get_mut(&mut self, key: u64) -> Option<&mut T> {
        self.slots.get_mut(place(key)).filter(|slot| slot.left == left(key))?.entry.as_mut()
    }

    /// Takes an entry out.
    pub(crate) fn remove(&mut self, key: u64) -> Option<T> {
        let slot = self.slots.get_mut(place(key)).filter(|slot| slot.left == left(key))?;
        let entry = slot.entry.take()?;
        slot.left = slot.left.wrapping_add(1);
        self.free.push(key as u32);
        Some(entry)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// All of them, in no order that means anything, and yet the same in every run.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        let key = |(index, slot): (usize, &Slot<T>)| u64::from(slot.left) << 32 | index as u64;
        let entries = self.slots.iter().enumerate();
        entries.filter_map(move |at| Some((key(at), at.1.entry.as_ref()?)))
    }
}

fn place(key: u64) -> usize {
    key as u32 as usize
}

fn left(key: u64) -> u32 {
    (key >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::Slots;

    proptest! {
        #[test]
        fn it_is_a_table_whose_keys_are_new(steps in prop::collection::vec(any::<u8>(), 0..200)) {
            let (mut slots, mut model) = (Slots::default(), BTreeMap::new());
            let mut given = Vec::new();
            for step in steps {
                match given.get(usize::from(step) % (given.len() + 1)) {
                    Some(&key) => prop_assert_eq!(slots.remove(key), model.remove(&key)),
                    None => {
                        let key = slots.insert(|key| (key, step));
                        prop_assert!(!given.contains(&key));
                        given.push(key);
                        model.insert(key, (key, step));
                    }
                }
                prop_assert_eq!(slots.len(), model.len());
                for key in &given {
                    prop_assert_eq!(slots.get(*key), model.get(key));
                    prop_assert_eq!(slots.get_mut(*key), model.get_mut(key));
                }
                prop_assert!(slots.iter().all(|(key, entry)| model.get(&key) == Some(entry)));
                prop_assert_eq!(slots.iter().count(), model.len());
            }
        }
    }
}
