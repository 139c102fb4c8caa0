//! The storage seam, the record codec, the in-memory store and the conformance suite.
