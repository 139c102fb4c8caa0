//! The tokio shell around the engine: shards, the store driver, routing and wake-ups.
