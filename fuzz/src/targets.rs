//! All targets, by name.

use crate::{
    address, answer, batch, conversation, cron, envelope, id, journal, message, payload, record,
};

/// Looks at some bytes and panics when what must hold of any does not hold of them.
pub type Check = fn(&[u8]);

/// The targets. `fuzz/run` lists the directories of `seeds/`, which have the same names.
pub const TARGETS: &[(&str, Check)] = &[
    ("address", address::check),
    ("answer", answer::check),
    ("batch", batch::check),
    ("conversation", conversation::check),
    ("cron", cron::check),
    ("envelope", envelope::check),
    ("id", id::check),
    ("journal", journal::check),
    ("message", message::check),
    ("payload", payload::check),
    ("record", record::check),
];
