//! The abide command.
