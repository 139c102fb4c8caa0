use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, Hasher},
    sync::{Mutex, PoisonError},
};

/// In how many parts the set is divided, so that threads seldom wait for each other.
const PARTS: usize = 64;

/// The states that have been reached: 128 bits of each, so that with a billion states the odds that
/// two of them are taken for one are below 1 in 10^20.
pub(super) struct Visited {
    parts: Vec<Mutex<HashSet<u128, BuildHasherDefault<Lowest>>>>,
}

impl Visited {
    pub(super) fn new() -> Self {
        Visited { parts: (0..PARTS).map(|_| Mutex::default()).collect() }
    }

    /// Adds a state; whether it is new.
    pub(super) fn insert(&self, fingerprint: u128) -> bool {
        let part = &self.parts[(fingerprint >> 64) as usize % PARTS];
        part.lock().unwrap_or_else(PoisonError::into_inner).insert(fingerprint)
    }
}

/// A fingerprint is a hash already.
#[derive(Default)]
pub(super) struct Lowest(u64);

impl Hasher for Lowest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut lowest = [0; 8];
        let length = bytes.len().min(8);
        lowest[..length].copy_from_slice(&bytes[..length]);
        self.0 = u64::from_le_bytes(lowest);
    }

    fn write_u128(&mut self, number: u128) {
        self.0 = number as u64;
    }
}
