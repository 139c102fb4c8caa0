//! Distributed Async Await: async functions and promises that outlive their process.
