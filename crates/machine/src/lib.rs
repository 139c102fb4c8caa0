//! The whole protocol as one pure state machine.
