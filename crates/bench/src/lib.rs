//! Load benchmarks.
