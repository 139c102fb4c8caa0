//! Hash tables of the core, the driver and the worker. Within a simulation their order is the same
//! in every run; everywhere else their hasher has a key that nobody outside can guess.

#[cfg(not(feature = "sim"))]
pub(crate) use keyed::{HashMap, HashSet};

#[cfg(feature = "sim")]
pub(crate) use fixed::{HashMap, HashSet};

/// Tables with a key of their own.
#[cfg(not(feature = "sim"))]
mod keyed {
    use rapidhash::quality::RandomState;

    pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
    pub(crate) type HashSet<T> = std::collections::HashSet<T, RandomState>;
}

/// Tables with keys that are always the same.
#[cfg(feature = "sim")]
mod fixed {
    use std::hash::BuildHasherDefault;

    use rapidhash::quality::RapidHasher;

    type State = BuildHasherDefault<RapidHasher<'static>>;

    pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, State>;
    pub(crate) type HashSet<T> = std::collections::HashSet<T, State>;
}
