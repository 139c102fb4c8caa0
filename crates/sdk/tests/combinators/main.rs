//! Every combinator, under a crash at every step: the same calls under the same ids with the same
//! results, and the same result of the whole.

mod branches;
mod everything;
mod functions;
mod joins;
mod outside;
mod pinned;
mod selects;
mod streams;
mod survives;
mod trees;
