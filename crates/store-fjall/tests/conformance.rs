//! The embedded store is a backend like any other.

use abide_store::conformance;
use abide_store_fjall::{FjallStore, Options};

#[test]
fn conforms() {
    let home = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    let make = || {
        count.set(count.get() + 1);
        let path = home.path().join(count.get().to_string());
        FjallStore::open(path, Options::default()).unwrap()
    };
    let reopen = |store: FjallStore| {
        let path = store.path().to_owned();
        drop(store);
        FjallStore::open(path, Options::default()).unwrap()
    };
    conformance::run(make, Some(&reopen));
}

/// With the smallest memtables everything goes through flushes, tables and compactions.
#[test]
fn conforms_with_tiny_memtables() {
    let home = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    let options = Options { memtable_bytes: 16 << 10, cache_bytes: 0, ..Options::default() };
    let make = || {
        count.set(count.get() + 1);
        FjallStore::open(home.path().join(count.get().to_string()), options).unwrap()
    };
    let reopen = |store: FjallStore| {
        let path = store.path().to_owned();
        drop(store);
        FjallStore::open(path, options).unwrap()
    };
    conformance::run(make, Some(&reopen));
}
